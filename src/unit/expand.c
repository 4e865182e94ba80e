/* expand: specifiers, one row each: what a letter means, or which field of struct expand says
 * so. */
#include "unit/expand.h"
#include "base/check.h"
#include "unit/unit.h"
#include "unit/words-split.h"
#include <stddef.h>
#include <string.h>

/* adds what the specifier means; false if that is not known here */
typedef bool meaning(const struct expand *with, struct buf *out);

static size_t
prefix_length(const char *name)
{
	return strcspn(name, "@");
}

static int
hex_digit(char c)
{
	const char *digits = "0123456789abcdef";
	const char *found = c != '\0' ? strchr(digits, c) : NULL;

	return found != NULL ? (int)(found - digits) : -1;
}

/* the byte that \x2d is; -1 if the text is no such escape (\x00 is none) */
static int
escape_byte(const char *s, size_t n)
{
	int high, low;

	if (n < 4 || s[0] != '\\' || s[1] != 'x') {
		return -1;
	}
	high = hex_digit(s[2]);
	low = hex_digit(s[3]);
	return high >= 0 && low >= 0 && (high > 0 || low > 0) ? high * 16 + low : -1;
}

/* systemd's escaping of names: - is /, \x2d is any byte */
static void
unescape_add(struct buf *out, const char *s, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		int byte = escape_byte(s + i, n - i);

		if (byte >= 0) {
			(void)buf_add_char(out, (char)byte);
			i += 3;
		} else {
			(void)buf_add_char(out, (char)(s[i] == '-' ? '/' : s[i]));
		}
	}
}

static bool
full_name(const struct expand *with, struct buf *out)
{
	return buf_addf(out, "%s.service", with->name);
}

static bool
plain_name(const struct expand *with, struct buf *out)
{
	return buf_add_str(out, with->name);
}

static bool
prefix(const struct expand *with, struct buf *out)
{
	return buf_add(out, with->name, prefix_length(with->name));
}

static bool
prefix_unescaped(const struct expand *with, struct buf *out)
{
	unescape_add(out, with->name, prefix_length(with->name));
	return true;
}

static const char *
last_part(const char *name, size_t *ret_length)
{
	size_t n = prefix_length(name), start = n;

	while (start > 0 && name[start - 1] != '-') {
		start--;
	}
	*ret_length = n - start;
	return name + start;
}

static bool
final(const struct expand *with, struct buf *out)
{
	size_t n;
	const char *part = last_part(with->name, &n);

	return buf_add(out, part, n);
}

static bool
final_unescaped(const struct expand *with, struct buf *out)
{
	size_t n;
	const char *part = last_part(with->name, &n);

	unescape_add(out, part, n);
	return true;
}

static bool
instance(const struct expand *with, struct buf *out)
{
	return buf_add_str(out, name_instance(with->name));
}

static bool
instance_unescaped(const struct expand *with, struct buf *out)
{
	const char *text = name_instance(with->name);

	unescape_add(out, text, strlen(text));
	return true;
}

static bool
as_path(const struct expand *with, struct buf *out)
{
	(void)buf_add_char(out, '/');
	return name_instance(with->name)[0] != '\0' ? instance_unescaped(with, out)
						    : prefix_unescaped(with, out);
}

static bool
file_directory(const struct expand *with, struct buf *out)
{
	const char *slash = with->file != NULL ? strrchr(with->file, '/') : NULL;

	if (slash == NULL) {
		return false;
	}
	return buf_add(out, with->file, MAX((size_t)(slash - with->file), (size_t)1));
}

static bool
uid(const struct expand *with, struct buf *out)
{
	return buf_addf(out, "%u", with->uid);
}

static bool
gid(const struct expand *with, struct buf *out)
{
	return buf_addf(out, "%u", with->gid);
}

static bool
short_host(const struct expand *with, struct buf *out)
{
	return with->host != NULL && buf_add(out, with->host, strcspn(with->host, "."));
}

static bool
temporary(const struct expand *with, struct buf *out)
{
	return buf_add_str(out, with->tmp != NULL ? with->tmp : "/tmp");
}

static bool
large_temporary(const struct expand *with, struct buf *out)
{
	return buf_add_str(out, with->var_tmp != NULL ? with->var_tmp : "/var/tmp");
}

static bool
architecture(const struct expand *with, struct buf *out)
{
	(void)with;
#if defined(__x86_64__)
	return buf_add_str(out, "x86-64");
#elif defined(__aarch64__)
	return buf_add_str(out, "arm64");
#elif defined(__i386__)
	return buf_add_str(out, "x86");
#elif defined(__arm__)
	return buf_add_str(out, "arm");
#elif defined(__riscv)
	return buf_add_str(out, "riscv64");
#elif defined(__powerpc64__)
	return buf_add_str(out, "ppc64-le");
#elif defined(__s390x__)
	return buf_add_str(out, "s390x");
#else
	return false;
#endif
}

/* one variable of /etc/os-release; one that is not there is empty */
static bool
release_add(const struct expand *with, const char *name, struct buf *out)
{
	char **variables = NULL;
	const char *value;
	bool known = with->os_release != NULL &&
		     unit_environment_file(with->os_release, &variables, NULL);

	value = strv_env_get(variables, name);
	if (known && value != NULL) {
		(void)buf_add_str(out, value);
	}
	(void)strv_free(variables);
	return known;
}

#define FIELD(member) .offset = offsetof(struct expand, member)

static const struct specifier {
	char letter;
	meaning *meaning;    /* else release, else the string at offset */
	const char *release; /* a variable of /etc/os-release */
	size_t offset;
} specifiers[] = {
	{ 'a', .meaning = architecture },
	{ 'A', .release = "IMAGE_VERSION" },
	{ 'b', FIELD(boot_id) },
	{ 'B', .release = "BUILD_ID" },
	{ 'C', FIELD(cache) },
	{ 'd', FIELD(credentials) },
	{ 'E', FIELD(config) },
	{ 'f', .meaning = as_path },
	{ 'g', FIELD(group) },
	{ 'G', .meaning = gid },
	{ 'h', FIELD(home) },
	{ 'H', FIELD(host) },
	{ 'i', .meaning = instance },
	{ 'I', .meaning = instance_unescaped },
	{ 'j', .meaning = final },
	{ 'J', .meaning = final_unescaped },
	{ 'l', .meaning = short_host },
	{ 'L', FIELD(logs) },
	{ 'm', FIELD(machine_id) },
	{ 'M', .release = "IMAGE_ID" },
	{ 'n', .meaning = full_name },
	{ 'N', .meaning = plain_name },
	{ 'o', .release = "ID" },
	{ 'p', .meaning = prefix },
	{ 'P', .meaning = prefix_unescaped },
	{ 'q', FIELD(host) },
	{ 's', FIELD(shell) },
	{ 'S', FIELD(state) },
	{ 't', FIELD(runtime) },
	{ 'T', .meaning = temporary },
	{ 'u', FIELD(user) },
	{ 'U', .meaning = uid },
	{ 'v', FIELD(kernel) },
	{ 'V', .meaning = large_temporary },
	{ 'w', .release = "VERSION_ID" },
	{ 'W', .release = "VARIANT_ID" },
	{ 'y', FIELD(file) },
	{ 'Y', .meaning = file_directory },
};

static const struct specifier *
specifier_find(char letter)
{
	for (size_t i = 0; i < COUNT(specifiers); i++) {
		if (specifiers[i].letter == letter) {
			return &specifiers[i];
		}
	}
	return NULL;
}

static bool
specifier_add(const struct expand *with, const struct specifier *specifier, struct buf *out)
{
	const char *text;

	if (specifier->meaning != NULL) {
		return specifier->meaning(with, out);
	}
	if (specifier->release != NULL) {
		return release_add(with, specifier->release, out);
	}
	text = *(const char *const *)(const void *)((const char *)with + specifier->offset);
	return text != NULL && buf_add_str(out, text);
}

/* how long is the specifier at text, which begins with %? A % at the very end stands for itself. */
static bool
specifier_read(const char *text, const struct specifier **ret_specifier, struct err *err)
{
	const struct specifier *specifier = NULL;

	if (text[1] != '%' && text[1] != '\0') {
		specifier = specifier_find(text[1]);
		if (specifier == NULL) {
			return err_set(err, "%%%c is not a specifier; %%%% is a percent sign",
				       (unsigned char)text[1] < 0x80 ? text[1] : '?');
		}
	}
	*ret_specifier = specifier;
	return true;
}

bool
expand_check(const char *text, struct err *err)
{
	const struct specifier *specifier;

	for (text = strchr(text, '%'); text != NULL; text = strchr(text, '%')) {
		if (!specifier_read(text, &specifier, err)) {
			return false;
		}
		text += text[1] != '\0' ? 2 : 1;
	}
	return true;
}

char *
unit_expand(const struct expand *with, const char *text, struct err *err)
{
	struct buf out;
	const struct specifier *specifier;

	if (strchr(text, '%') == NULL) {
		return str_dup(text);
	}
	buf_init(&out, SIZE_MAX / 4);
	while (*text != '\0') {
		if (*text != '%') {
			(void)buf_add_char(&out, *text++);
			continue;
		}
		if (!specifier_read(text, &specifier, err)) {
			buf_done(&out);
			return NULL;
		}
		if (specifier == NULL) {
			(void)buf_add_char(&out, '%');
		} else if (!specifier_add(with, specifier, &out)) {
			(void)err_set(err, "what %%%c means is not known here", specifier->letter);
			buf_done(&out);
			return NULL;
		}
		text += text[1] != '\0' ? 2 : 1;
	}
	return buf_take(&out);
}
