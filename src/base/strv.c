/* The vectors of str.h. The room is always the next power of two of what the length needs, so that
 * no capacity has to be carried along. */
#include "base/str.h"
#include "base/check.h"
#include <string.h>

char **
strv_free(char **v)
{
	for (char **at = v; at && *at; at++) {
		free(*at);
	}
	free(v);
	return NULL;
}

void
strv_done(char ***v)
{
	*v = strv_free(*v);
}

size_t
strv_length(char *const *v)
{
	size_t n = 0;

	while (v && v[n]) {
		n++;
	}
	return n;
}

void
strv_add(char ***v, const char *s)
{
	strv_take_add(v, str_dup(s));
}

void
strv_take_add(char ***v, char *take_s)
{
	size_t n = strv_length(*v), slots = n + 1; /* with the NULL */

	CHECK(take_s != NULL);
	if (!*v || (slots & (slots - 1)) == 0) {
		*v = reallocarray(*v, MAX(2 * slots, 4), sizeof(char *));
		CHECK(*v != NULL);
	}
	(*v)[n] = take_s;
	(*v)[n + 1] = NULL;
}

char **
strv_dup(char *const *v)
{
	char **copy = NULL;

	for (; v && *v; v++) {
		strv_add(&copy, *v);
	}
	return copy;
}

bool
strv_has(char *const *v, const char *s)
{
	for (; v && *v; v++) {
		if (strcmp(*v, s) == 0) {
			return true;
		}
	}
	return false;
}

bool
strv_equal(char *const *a, char *const *b)
{
	size_t n = strv_length(a);

	if (n != strv_length(b)) {
		return false;
	}
	for (size_t i = 0; i < n; i++) {
		if (strcmp(a[i], b[i]) != 0) {
			return false;
		}
	}
	return true;
}

char *
strv_join(char *const *v, const char *between)
{
	struct buf text;

	buf_init(&text, SIZE_MAX / 4);
	for (size_t i = 0; v && v[i]; i++) {
		if (i > 0) {
			(void)buf_add_str(&text, between);
		}
		(void)buf_add_str(&text, v[i]);
	}
	return buf_take(&text);
}

static char **
env_find(char *const *v, const char *name, size_t n)
{
	for (; v && *v; v++) {
		if (strncmp(*v, name, n) == 0 && (*v)[n] == '=') {
			return (char **)v;
		}
	}
	return NULL;
}

const char *
strv_env_get(char *const *v, const char *name)
{
	size_t n = strlen(name);
	char **found = env_find(v, name, n);

	return found ? *found + n + 1 : NULL;
}

void
strv_env_set(char ***v, const char *assignment)
{
	size_t n = strcspn(assignment, "=");
	char **found;

	CHECK(assignment[n] == '=');
	found = env_find(*v, assignment, n);
	if (found) {
		str_replace(found, assignment);
	} else {
		strv_add(v, assignment);
	}
}
