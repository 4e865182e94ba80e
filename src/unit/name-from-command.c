/* name-from-command: what would a person call this? Programs that only run another (env, nice,
 * sudo) are passed over, of an interpreter the script or module is taken, of a shell line its
 * first command; then endings and odd letters go. */
#include "base/path.h"
#include "base/width.h"
#include "unit/name.h"
#include "unit/unit.h"
#include "unit/words-split.h"
#include <ctype.h>
#include <string.h>

enum {
	NAME_LONGEST = 40, /* a column of `tend list`, not a sentence */
	NAME_DEPTH = 8,    /* sh -c "sh -c ..." */
};

/* they run what follows; `valued`: options whose value is the next word */
static const struct wrapper {
	const char *name;
	const char *valued;
	unsigned operands; /* words of its own before the command */
} wrappers[] = {
	{ "env", "uCS", 0 },       { "nice", "n", 0 },       { "nohup", "", 0 },
	{ "setsid", "", 0 },       { "exec", "a", 0 },       { "sudo", "ugCDhprTU", 0 },
	{ "doas", "uC", 0 },       { "time", "fo", 0 },      { "timeout", "ks", 1 },
	{ "ionice", "cn", 0 },     { "stdbuf", "ioe", 0 },   { "taskset", "", 1 },
	{ "chrt", "", 1 },         { "unshare", "", 0 },     { "setpriv", "", 0 },
	{ "strace", "eopsPS", 0 }, { "tini", "pe", 0 },      { "dumb-init", "", 0 },
	{ "chroot", "", 1 },       { "caffeinate", "", 0 },  { "unbuffer", "", 0 },
	{ "npx", "pc", 0 },        { "bunx", "", 0 },        { "uvx", "", 0 },
	{ "pipx", "", 1 },         { "xvfb-run", "nef", 0 }, { "command", "", 0 },
};

/* PROGRAM run NAME */
static const char *const runners[] = { "npm",    "yarn",   "pnpm",  "bun", "uv",
				       "poetry", "pipenv", "cargo", "go",  "deno",
				       "dotnet", "bundle", "just",  "rye" };

static const char *const shells[] = {
	"sh", "bash", "dash", "zsh", "ksh", "ash", "fish", "busybox"
};

static const char *const interpreters[] = { "node", "nodejs",  "bun",   "deno",   "ruby",
					    "perl", "php",     "lua",   "luajit", "Rscript",
					    "tsx",  "ts-node", "java",  "dotnet", "python",
					    "pypy", "tclsh",   "guile", "nodemon" };

/* their value is the next word, and is no script */
static const char *const interpreter_values[] = { "-r", "--require", "-I",         "-W",
						  "-X", "-cp",       "-classpath", "--import",
						  "-C", "--loader",  "-L",         "-d" };

static const char *const endings[] = { ".js", ".mjs", ".cjs", ".ts",  ".mts",     ".py", ".pyc",
				       ".rb", ".pl",  ".php", ".lua", ".jar",     ".sh", ".bash",
				       ".R",  ".dll", ".exe", ".tcl", ".AppImage" };

/* file names that say nothing; the directory does */
static const char *const dull[] = {
	"index", "main", "__main__", "run", "start", "manage", "a.out"
};

static bool
is_one_of(const char *word, const char *const *list, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (str_equal(word, list[i])) {
			return true;
		}
	}
	return false;
}

/* "python3.11" is python; owned */
static char *
family(const char *program)
{
	const char *base = path_base(program);
	size_t n = strlen(base);

	while (n > 1 && (isdigit((unsigned char)base[n - 1]) || base[n - 1] == '.')) {
		n--;
	}
	return str_dup_n(base, n);
}

static bool
is_assignment(const char *word)
{
	size_t n = strspn(word, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_0123456789");

	return n > 0 && word[n] == '=';
}

/* after the wrapper's options and operands */
static char *const *
wrapper_pass(const struct wrapper *wrapper, char *const *argv)
{
	unsigned operands = wrapper->operands;

	for (argv++; *argv != NULL; argv++) {
		const char *word = *argv;

		if (str_equal(word, "--")) {
			return argv + 1;
		}
		if (word[0] == '-' && word[1] != '\0') {
			bool valued = word[1] != '-' && word[2] == '\0' &&
				      strchr(wrapper->valued, word[1]) != NULL;

			if (valued && argv[1] != NULL) {
				argv++;
			}
		} else if (!is_assignment(word) && operands-- == 0) {
			return argv;
		}
	}
	return argv;
}

static char *const *
wrappers_pass(char *const *argv)
{
	for (bool again = true; again && *argv != NULL;) {
		again = false;
		while (*argv != NULL && is_assignment(*argv)) {
			argv++;
		}
		for (size_t i = 0; *argv != NULL && i < COUNT(wrappers); i++) {
			if (str_equal(path_base(*argv), wrappers[i].name)) {
				char *const *rest = wrapper_pass(&wrappers[i], argv);

				again = *rest != NULL;
				argv = again ? rest : argv;
				break;
			}
		}
	}
	return argv;
}

/* of a file: without directory and ending; of a dull one the directory; owned */
static char *
file_name(const char *path)
{
	char autofree *clean = path_clean(path);
	char autofree *directory = path_dir(clean);
	char *name = str_dup(path_base(clean));

	for (size_t i = 0; i < COUNT(endings); i++) {
		if (str_ends(name, endings[i]) && strlen(name) > strlen(endings[i])) {
			name[strlen(name) - strlen(endings[i])] = '\0';
			break;
		}
	}
	if (is_one_of(name, dull, COUNT(dull)) && strchr("./", path_base(directory)[0]) == NULL) {
		str_replace(&name, path_base(directory));
	}
	return name;
}

/* what an interpreter was given to run; NULL if nothing can be told */
static char *
script_name(char *const *argv)
{
	for (size_t i = 1; argv[i] != NULL; i++) {
		const char *word = argv[i];

		if ((str_equal(word, "-m") || str_equal(word, "-jar")) && argv[i + 1] != NULL) {
			return word[1] == 'm' ? str_dup(argv[i + 1]) : file_name(argv[i + 1]);
		}
		if (str_equal(word, "-c") || str_equal(word, "-e") || str_equal(word, "--eval")) {
			return NULL;
		}
		if (is_one_of(word, interpreter_values, COUNT(interpreter_values))) {
			i += argv[i + 1] != NULL;
		} else if (word[0] != '-' && !str_equal(word, "run")) {
			return file_name(word);
		}
	}
	return NULL;
}

static char *command_name(char *const *argv, unsigned depth);

/* the first command of a shell line that is not only about the shell */
static char *
line_name(const char *line, unsigned depth)
{
	while (*line != '\0') {
		size_t n = strcspn(line, ";&|\n");
		char autofree *part = str_dup_n(line, n);
		const char *at = part;
		char **words = NULL;
		char *word, *name = NULL;

		while (words_next(&at, WORDS_RELAX, &word, NULL) > 0) {
			strv_take_add(&words, word);
		}
		if (words != NULL && words[0][0] != '#' && !str_equal(words[0], "cd") &&
		    !str_equal(words[0], "export") && !str_equal(words[0], "set") &&
		    !str_equal(words[0], ".") && !str_equal(words[0], "source")) {
			while (words[0] != NULL && strchr("({!", words[0][0]) != NULL &&
			       words[1] != NULL) {
				free(words[0]);
				memmove(words, words + 1,
					strv_length(words + 1) * sizeof(*words) + sizeof(*words));
			}
			name = command_name(words, depth + 1);
		}
		(void)strv_free(words);
		if (name != NULL) {
			return name;
		}
		line += n;
		line += strspn(line, ";&|\n ");
	}
	return NULL;
}

static char *
shell_name(char *const *argv, unsigned depth)
{
	for (size_t i = 1; argv[i] != NULL; i++) {
		size_t n = strlen(argv[i]);

		if (argv[i][0] == '-' && argv[i][1] != '-' && argv[i][n - 1] == 'c' &&
		    argv[i + 1] != NULL) {
			return depth < NAME_DEPTH ? line_name(argv[i + 1], depth) : NULL;
		}
		if (argv[i][0] != '-') {
			return file_name(argv[i]);
		}
	}
	return NULL;
}

static char *
command_name(char *const *argv, unsigned depth)
{
	char *name = NULL;

	argv = wrappers_pass(argv);
	if (*argv == NULL) {
		return NULL;
	}
	{
		char autofree *program = family(*argv);

		if (depth < NAME_DEPTH && is_one_of(program, runners, COUNT(runners)) &&
		    argv[1] != NULL && (str_equal(argv[1], "run") || str_equal(argv[1], "exec")) &&
		    argv[2] != NULL && argv[2][0] != '-') {
			name = command_name(argv + 2, depth + 1);
			if (name != NULL && is_one_of(argv[2], dull, COUNT(dull))) {
				str_replace(&name, program);
			}
		} else if (is_one_of(program, shells, COUNT(shells))) {
			name = shell_name(argv, depth);
		} else if (is_one_of(program, interpreters, COUNT(interpreters))) {
			name = script_name(argv);
		}
	}
	return name != NULL ? name : file_name(*argv);
}

/* letters that a name may have; each run of others becomes one dash, none at the ends; owned */
static char *
letters_keep(const char *raw)
{
	struct buf buf;
	size_t n = strlen(raw), used;
	int32_t code;
	bool dash = false;

	buf_init(&buf, NAME_LONGEST);
	for (size_t i = 0; i < n; i += used) {
		bool fine;

		used = width_decode(raw + i, n - i, &code);
		fine = code < 0x80 ? code > 0 && (isalnum(code) || code == '_')
				   : width_of(code) > 0;
		if (!fine) {
			dash = buf.length > 0;
			continue;
		}
		if ((dash && !buf_add_char(&buf, '-')) || !buf_add(&buf, raw + i, used)) {
			break;
		}
		dash = false;
	}
	return buf_take(&buf);
}

char *
name_from_command(char *const *argv)
{
	char autofree *raw = argv != NULL && argv[0] != NULL ? command_name(argv, 0) : NULL;
	char *name = letters_keep(raw != NULL ? raw : "");
	size_t n = strlen(name);

	while (n > 0 && name[n - 1] == '-') {
		name[--n] = '\0';
	}
	if (n == 0) {
		str_replace(&name, "unit");
	}
	return name;
}
