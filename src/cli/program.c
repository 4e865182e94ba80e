/* program: which command is meant. A program that is not there is found out here, before anything
 * is declared. */
#include "base/path.h"
#include "base/str.h"
#include "cli/cli.h"
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { SHEBANG_MAX = 256 };

static const struct {
	const char *ending, *interpreter;
} interpreters[] = {
	{ ".js", "node" }, { ".mjs", "node" },  { ".cjs", "node" }, { ".py", "python3" },
	{ ".sh", "sh" },   { ".bash", "bash" }, { ".rb", "ruby" },  { ".pl", "perl" },
	{ ".php", "php" }, { ".lua", "lua" },   { ".ts", "tsx" },   { ".R", "Rscript" },
};

/* one word that only a shell can make sense of */
static bool
is_shell_line(const char *word)
{
	return strpbrk(word, " \t\n;|&<>()$`\"'\\*?[]{}") != NULL && access(word, F_OK) != 0;
}

static bool
check_file(const char *path, struct err *err)
{
	struct stat st;

	if (stat(path, &st) < 0) {
		return err_set_errno(err, errno, "%s", path);
	}
	if (S_ISDIR(st.st_mode)) {
		return err_set(err, "%s: it is a directory", path);
	}
	if (faccessat(AT_FDCWD, path, X_OK, AT_EACCESS) < 0) {
		return err_set(
			err,
			"%s: it is not executable (chmod +x, or name the program that runs it)",
			path);
	}
	return true;
}

static char *
absolute(const char *path, const char *cwd)
{
	autofree char *joined = path_is_absolute(path) ? str_dup(path) : path_join(cwd, path);

	return path_clean(joined);
}

/* owned; NULL with words */
static char *
find(const char *name, const char *cwd, const char *search, struct err *err)
{
	autofree char *found = NULL;
	char *path;

	if (strchr(name, '/')) {
		path = absolute(name, cwd);
		if (!check_file(path, err)) {
			free(path);
			return NULL;
		}
		return path;
	}
	found = path_find_program(name, search);
	if (found) {
		return absolute(found, cwd);
	}
	if (errno == EACCES) {
		(void)err_set(err, "%s: found in PATH, but it is not executable", name);
	} else {
		autofree char *here = path_join(cwd, name);
		bool there = access(here, F_OK) == 0;
		(void)err_set(err, "%s: there is no such program in PATH%s%s%s", name,
			      there ? "; did you mean ./" : "", there ? name : "",
			      there ? "?" : "");
	}
	return NULL;
}

char **
program_command(char *const *words, const char *cwd, const char *search, struct err *err)
{
	char **command = NULL;
	char *program;

	if (!words[0] || !words[0][strspn(words[0], " \t\n")]) {
		(void)err_set(err, "the command is empty");
		return NULL;
	}
	if (!words[1] && is_shell_line(words[0])) {
		strv_add(&command, "/bin/sh");
		strv_add(&command, "-c");
		strv_add(&command, words[0]);
		return command;
	}
	program = find(words[0], cwd, search, err);
	if (!program) {
		return NULL;
	}
	strv_take_add(&command, program);
	for (size_t i = 1; words[i]; i++) {
		strv_add(&command, words[i]);
	}
	return command;
}

static bool
has_shebang(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	char start[2] = "";
	bool found = fd >= 0 && read(fd, start, 2) == 2 && start[0] == '#' && start[1] == '!';

	if (fd >= 0) {
		(void)close(fd);
	}
	return found;
}

/* the words behind "#!", which the kernel would take if the file were executable; owned or NULL */
static char **
shebang(const char *path)
{
	char line[SHEBANG_MAX + 1];
	char **words = NULL;
	char *program, *rest;
	FILE *file = has_shebang(path) ? fopen(path, "re") : NULL;

	if (!file) {
		return NULL;
	}
	if (fgets(line, sizeof(line), file)) {
		line[strcspn(line, "\n")] = '\0';
		program = line + 2 + strspn(line + 2, " \t");
		rest = program + strcspn(program, " \t");
		if (*rest) { /* all that follows is one argument, as for the kernel */
			*rest++ = '\0';
			rest += strspn(rest, " \t");
		}
		if (*program) {
			strv_add(&words, program);
		}
		if (*program && *rest) {
			strv_add(&words, rest);
		}
	}
	(void)fclose(file);
	return words;
}

/* how to run a file that cannot run itself: owned or NULL with words */
static char **
interpreter(const char *path, struct err *err)
{
	char **words = shebang(path);

	for (size_t i = 0; !words && i < COUNT(interpreters); i++) {
		if (str_ends(path, interpreters[i].ending)) {
			strv_add(&words, interpreters[i].interpreter);
		}
	}
	if (!words) {
		(void)err_set(
			err,
			"%s: it is not executable, and nothing tells what runs it (chmod +x, or "
			"tend run -- PROGRAM %s)",
			path, path);
	}
	return words;
}

char **
program_of_file(const char *path, char *const *arguments, struct err *err)
{
	struct stat st;
	char **words = NULL;

	if (stat(path, &st) < 0) {
		(void)err_set_errno(err, errno, "%s", path);
		return NULL;
	}
	if (!S_ISREG(st.st_mode)) {
		(void)err_set(err, "%s: it is not a file", path);
		return NULL;
	}
	if (faccessat(AT_FDCWD, path, X_OK, AT_EACCESS) < 0) {
		words = interpreter(path, err);
		if (!words) {
			return NULL;
		}
	}
	strv_add(&words, path);
	for (size_t i = 0; arguments[i]; i++) {
		strv_add(&words, arguments[i]);
	}
	return words;
}
