/* The environment as it was when the program was started: the kernel shows that and not what the
 * program has made of it since. What looks like a secret, by its name or by its value, is not
 * shown unless asked for: these screens are pasted into reports. */
#include "base/str.h"
#include "cli/inspect.h"
#include <ctype.h>
#include <errno.h>
#include <string.h>
#include <unistd.h>

enum { ENVIRONMENT_MAX = 64 << 20 };
static const char masked[] = "********";

/* ---- secrets ---- */
static bool
has_word(const char *name, size_t n, const char *word)
{
	size_t length = strlen(word);

	for (size_t i = 0; i + length <= n; i++) {
		if (strncasecmp(name + i, word, length) == 0) {
			return true;
		}
	}
	return false;
}

static bool
ends_with(const char *name, size_t n, const char *word)
{
	size_t length = strlen(word);

	return n >= length && strncasecmp(name + n - length, word, length) == 0;
}

static bool
is_secret_name(const char *name, size_t n)
{
	static const char *const words[] = { "PASSW",      "PASSPHRASE", "SECRET",  "TOKEN",
					     "CREDENTIAL", "APIKEY",     "API_KEY", "PRIVATE",
					     "COOKIE",     "SIGNATURE",  "_SALT" };
	static const char *const ends[] = { "_KEY", "_PWD", "_PASS", "_AUTH", "_PW", "_DSN" };

	for (size_t i = 0; i < COUNT(words); i++) {
		if (has_word(name, n, words[i])) {
			return true;
		}
	}
	for (size_t i = 0; i < COUNT(ends); i++) {
		if (ends_with(name, n, ends[i])) {
			return true;
		}
	}
	return false;
}

/* "scheme://user:password@host" */
static bool
has_password_in_url(const char *value)
{
	const char *at = strstr(value, "://"), *end, *colon;

	if (!at) {
		return false;
	}
	at += 3;
	end = at + strcspn(at, "@/?# ");
	colon = memchr(at, ':', (size_t)(end - at));
	return *end == '@' && colon && colon + 1 < end;
}

static bool
is_secret_value(const char *value)
{
	static const char *const starts[] = { "ghp_",   "gho_",    "github_pat_", "glpat-",
					      "xoxb-",  "xoxp-",   "sk-",         "AKIA",
					      "eyJ",    "AIza",    "-----BEGIN",  "Bearer ",
					      "Basic ", "sk_live_" };

	for (size_t i = 0; i < COUNT(starts); i++) {
		if (str_starts(value, starts[i]) && strlen(value) > 16) {
			return true;
		}
	}
	return has_password_in_url(value);
}

static json_t *
shown_value(const struct inspect *inspect, const char *name, size_t n, const char *value,
	    bool *ret_masked)
{
	*ret_masked = !inspect->secrets && value[0] &&
		      (is_secret_name(name, n) || is_secret_value(value));
	return *ret_masked ? json_string(masked) : inspect_text(value);
}

/* ---- reading ---- */
static json_t *
shown_variable(const struct inspect *inspect, const char *variable)
{
	const char *equals = strchr(variable, '=');
	size_t n = equals ? (size_t)(equals - variable) : strlen(variable);
	bool hidden;
	json_t *value = shown_value(inspect, variable, n, equals ? equals + 1 : "", &hidden);

	return json_pack("{s:o, s:o, s:b}", "name", phrase_json(variable, n), "value", value,
			 "masked", (int)hidden);
}

static char **
read_variables(struct inspect *inspect, int *ret_error)
{
	autofree char *text = NULL;
	size_t n = 0;
	char **variables = NULL;

	*ret_error = proc_file(inspect->pid, "environ", ENVIRONMENT_MAX, &text, &n);
	for (size_t at = 0; *ret_error == 0 && at < n; at += strlen(text + at) + 1) {
		if (text[at]) {
			strv_add(&variables, text + at);
		}
	}
	return variables;
}

/* ---- the difference ---- */
static json_t *
differing(const struct inspect *inspect, char *const *these, char *const *those, bool changed)
{
	json_t *array = json_array();

	for (; these && *these; these++) {
		const char *equals = strchr(*these, '='), *other;
		autofree char *name =
			str_dup_n(*these, equals ? (size_t)(equals - *these) : strlen(*these));
		json_t *variable;
		bool hidden;

		other = strv_env_get(those, name);
		if (changed ? !other || str_equal(other, equals ? equals + 1 : "")
			    : other != NULL) {
			continue;
		}
		variable = shown_variable(inspect, *these);
		if (changed) {
			(void)json_object_set_new(
				variable, "here",
				shown_value(inspect, name, strlen(name), other, &hidden));
		}
		(void)json_array_append_new(array, variable);
	}
	return array;
}

json_t *
inspect_environment(struct inspect *inspect)
{
	json_t *environment = json_object();
	json_t *all = json_array();
	autodone(strv) char **variables = NULL;
	int r;

	variables = read_variables(inspect, &r);
	if (r < 0) {
		inspect_miss(inspect, "environ", r);
	}
	for (size_t i = 0; variables && variables[i]; i++) {
		(void)json_array_append_new(all, shown_variable(inspect, variables[i]));
	}
	(void)json_object_set_new(environment, "variables", all);
	if (inspect->differ && r == 0) {
		(void)json_object_set_new(environment, "only_there",
					  differing(inspect, variables, environ, false));
		(void)json_object_set_new(environment, "only_here",
					  differing(inspect, environ, variables, false));
		(void)json_object_set_new(environment, "different",
					  differing(inspect, variables, environ, true));
	}
	return environment;
}

/* ---- for people ---- */
static size_t
put_variables(const char *sign, const json_t *variables)
{
	json_t *variable;
	size_t i;

	json_array_foreach(variables, i, variable) {
		const char *here = phrase_get(variable, "here");
		if (json_object_get(variable, "here")) {
			inspect_line("there", "%s=%s", phrase_get(variable, "name"),
				     phrase_get(variable, "value"));
			inspect_line("here", "%s=%s", phrase_get(variable, "name"), here);
		} else {
			inspect_line(sign, "%s=%s", phrase_get(variable, "name"),
				     phrase_get(variable, "value"));
		}
	}
	return i;
}

void
inspect_environment_put(const struct inspect *inspect, const json_t *environment)
{
	json_t *variables = json_object_get(environment, "variables"), *variable;
	size_t i, hidden = 0;

	if (inspect->differ && json_object_get(environment, "different")) {
		size_t n = put_variables("only there", json_object_get(environment, "only_there"));
		n += put_variables("only here", json_object_get(environment, "only_here"));
		n += put_variables("", json_object_get(environment, "different"));
		if (n == 0) {
			inspect_line("", "the same as here");
		}
	} else {
		(void)put_variables("", variables);
	}
	json_array_foreach(variables, i, variable) {
		hidden += json_is_true(json_object_get(variable, "masked"));
	}
	if (hidden > 0) {
		inspect_line("hidden", "%zu that look like secrets (--secrets shows them)", hidden);
	}
}
