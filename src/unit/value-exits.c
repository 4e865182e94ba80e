/* value-exits: SuccessExitStatus= and its like. A number is a code, as in systemd; codes also
 * have names. */
#include "base/check.h"
#include "base/signals.h"
#include "unit/value.h"
#include "unit/words-split.h"
#include <string.h>

static const struct {
	const char *name;
	unsigned char code;
} exit_names[] = {
	{ "SUCCESS", 0 },
	{ "FAILURE", 1 },
	{ "INVALIDARGUMENT", 2 },
	{ "NOTIMPLEMENTED", 3 },
	{ "NOPERMISSION", 4 },
	{ "NOTINSTALLED", 5 },
	{ "NOTCONFIGURED", 6 },
	{ "NOTRUNNING", 7 },
	{ "USAGE", 64 },
	{ "DATAERR", 65 },
	{ "NOINPUT", 66 },
	{ "NOUSER", 67 },
	{ "NOHOST", 68 },
	{ "UNAVAILABLE", 69 },
	{ "SOFTWARE", 70 },
	{ "OSERR", 71 },
	{ "OSFILE", 72 },
	{ "CANTCREAT", 73 },
	{ "IOERR", 74 },
	{ "TEMPFAIL", 75 },
	{ "PROTOCOL", 76 },
	{ "NOPERM", 77 },
	{ "CONFIG", 78 },
	{ "CHDIR", 200 },
	{ "NICE", 201 },
	{ "FDS", 202 },
	{ "EXEC", 203 },
	{ "MEMORY", 204 },
	{ "LIMITS", 205 },
	{ "OOM_ADJUST", 206 },
	{ "SIGNAL_MASK", 207 },
	{ "STDIN", 208 },
	{ "STDOUT", 209 },
	{ "CHROOT", 210 },
	{ "IOPRIO", 211 },
	{ "TIMERSLACK", 212 },
	{ "SECUREBITS", 213 },
	{ "SETSCHEDULER", 214 },
	{ "CPUAFFINITY", 215 },
	{ "GROUP", 216 },
	{ "USER", 217 },
	{ "CAPABILITIES", 218 },
	{ "CGROUP", 219 },
	{ "SETSID", 220 },
	{ "CONFIRM", 221 },
	{ "STDERR", 222 },
	{ "PAM", 224 },
	{ "NETWORK", 225 },
	{ "NAMESPACE", 226 },
	{ "NO_NEW_PRIVILEGES", 227 },
	{ "SECCOMP", 228 },
	{ "SELINUX_CONTEXT", 229 },
	{ "PERSONALITY", 230 },
	{ "APPARMOR", 231 },
	{ "ADDRESS_FAMILIES", 232 },
	{ "RUNTIME_DIRECTORY", 233 },
	{ "CHOWN", 235 },
	{ "SMACK_PROCESS_LABEL", 236 },
	{ "KEYRING", 237 },
	{ "STATE_DIRECTORY", 238 },
	{ "CACHE_DIRECTORY", 239 },
	{ "LOGS_DIRECTORY", 240 },
	{ "CONFIGURATION_DIRECTORY", 241 },
	{ "NUMA_POLICY", 242 },
	{ "CREDENTIALS", 243 },
	{ "BPF", 244 },
	{ "EXCEPTION", 255 },
};

static bool
code_read(const char *word, unsigned *ret_code)
{
	uint64_t number;

	for (size_t i = 0; i < COUNT(exit_names); i++) {
		if (str_equal(word, exit_names[i].name)) {
			*ret_code = exit_names[i].code;
			return true;
		}
	}
	if (str_to_u64(word, &number) < 0 || number > 255) {
		return false;
	}
	*ret_code = (unsigned)number;
	return true;
}

static void
bits_add(struct exit_set *set, const struct exit_bits *more)
{
	if (set->bits == NULL) {
		set->bits = calloc(1, sizeof(*set->bits));
		CHECK(set->bits != NULL);
	}
	for (size_t i = 0; i < COUNT(more->codes); i++) {
		set->bits->codes[i] |= more->codes[i];
	}
	set->bits->signals |= more->signals;
}

static enum value_result
exits_parse(const struct key *key, void *field, const char *text, struct err *err)
{
	struct exit_bits bits = { .signals = 0 };
	char **words;
	enum value_result result = VALUE_GOOD;
	size_t taken = 0;

	(void)key;
	if (!words_split(text, &words, err)) {
		return VALUE_BAD;
	}
	for (char **word = words; word != NULL && *word != NULL; word++) {
		unsigned code;
		int signal = signals_parse(*word);

		taken++;
		if (code_read(*word, &code)) {
			bits.codes[code / 64] |= UINT64_C(1) << (code % 64);
		} else if (signal > 0) {
			bits.signals |= UINT64_C(1) << (signal - 1);
		} else {
			(void)err_set(err, "'%s' is neither an exit code nor a signal", *word);
			result = VALUE_PARTLY;
			taken--;
		}
	}
	(void)strv_free(words);
	if (taken > 0) {
		bits_add(field, &bits);
	}
	return taken == 0 && result == VALUE_PARTLY ? VALUE_BAD : result;
}

static char *
exits_print(const struct key *key, const void *field)
{
	const struct exit_set *set = field;
	struct buf autodone(buf) text = { .max = SIZE_MAX / 4 };
	const char *between = "";

	(void)key;
	for (int code = 0; code <= 255; code++) {
		if (exits_has_code(set, code)) {
			(void)buf_addf(&text, "%s%d", between, code);
			between = " ";
		}
	}
	for (int signal = 1; signal <= 64; signal++) {
		if (exits_has_signal(set, signal)) {
			(void)buf_addf(&text, "%s%s", between, signals_name(signal));
			between = " ";
		}
	}
	return text.length > 0 ? buf_take(&text) : NULL;
}

static bool
exits_equal(const struct key *key, const void *a, const void *b)
{
	static const struct exit_bits none;
	const struct exit_set *one = a, *other = b;

	(void)key;
	return memcmp(one->bits != NULL ? one->bits : &none,
		      other->bits != NULL ? other->bits : &none, sizeof(none)) == 0;
}

static void
exits_done(void *field)
{
	struct exit_set *set = field;

	free(set->bits);
	set->bits = NULL;
}

const struct value value_exits_set = {
	.name = "EXITS",
	.size = sizeof(struct exit_set),
	.parse = exits_parse,
	.print = exits_print,
	.equal = exits_equal,
	.done = exits_done,
};
