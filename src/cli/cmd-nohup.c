/* cmd-nohup: nohup as POSIX and GNU have it, to the letter; no tendd takes part. Only what is a
 * terminal is replaced, and in this order: input by something that cannot be read, output by
 * nohup.out (here, else in HOME), errors by whatever output is then. Then SIGHUP is ignored, which
 * an exec keeps.
 *
 * It is also what tend does when it is called nohup (personality/), so its messages and exit codes
 * are nohup's, not ours: 125 (127 where POSIXLY_CORRECT is set) it failed by itself, 126 the
 * command is there and cannot be run, 127 it is not there. */
#include "base/fd.h"
#include "base/str.h"
#include "base/version.h"
#include "cli/cli.h"
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

const struct opt cmd_nohup_options[] = { OPT_END };
const char cmd_nohup_details[] =
	"What is a terminal is replaced: input cannot be read, output is appended\n"
	"to nohup.out (in HOME when it cannot be written here), errors go where\n"
	"output goes. Then the command runs in place of this one, with SIGHUP\n"
	"ignored. It is not kept and not listed: 'tend run' does that.\n"
	"  tend nohup ./long-job &";

enum { NOHUP_FAILED = 125, NOHUP_FAILED_POSIX = 127, NOHUP_NOT_RUN = 126, NOHUP_NOT_FOUND = 127 };

#define NOHUP_FILE "nohup.out"
static const mode_t NOHUP_MODE = S_IRUSR | S_IWUSR;

struct nohup {
	bool input, output, errors; /* is a terminal */
	bool output_closed;
	int file;   /* where errors go: standard output, or the file when output is closed */
	int spoken; /* the terminal that standard error was; -1: it still is what it was */
};

static int
failed(void)
{
	return getenv("POSIXLY_CORRECT") ? NOHUP_FAILED_POSIX : NOHUP_FAILED;
}

/* as it was called; tend's own name is not nohup's */
static const char *
name(void)
{
	return str_ends(program_invocation_name, "nohup") ? program_invocation_name : "nohup";
}

static void say(const char *format, ...) PRINTF(1, 2);

static void
say(const char *format, ...)
{
	va_list arguments;

	(void)fprintf(stderr, "%s: ", name());
	va_start(arguments, format);
	(void)vfprintf(stderr, format, arguments);
	va_end(arguments);
	(void)fputc('\n', stderr);
}

/* as a shell would take it back; owned */
static char *
quoted(const char *name)
{
	struct buf text;

	if (!strchr(name, '\'')) {
		return str_format("'%s'", name);
	}
	if (!strpbrk(name, "\"$`\\!")) {
		return str_format("\"%s\"", name);
	}
	buf_init(&text, SIZE_MAX / 8);
	(void)buf_add_char(&text, '\'');
	for (; *name; name++) {
		(void)(*name == '\'' ? buf_add_str(&text, "'\\''") : buf_add_char(&text, *name));
	}
	(void)buf_add_char(&text, '\'');
	return buf_take(&text);
}

static int
open_at(const char *path, int flags, mode_t mode, int target)
{
	int fd = open(path, flags, mode);

	if (fd >= 0 && fd != target) {
		int placed = dup2(fd, target), error = errno;

		(void)close(fd);
		errno = error;
		return placed;
	}
	return fd;
}

static bool
make_input_useless(const struct nohup *nohup)
{
	if (open_at("/dev/null", O_WRONLY, 0, STDIN_FILENO) < 0) {
		say("failed to render standard input unusable: %s", strerror(errno));
		return false;
	}
	if (!nohup->output && !nohup->errors) {
		say("ignoring input");
	}
	return true;
}

/* in place of standard output; where that is closed it stays so, and the file is for errors alone
 */
static int
open_file(const struct nohup *nohup, const char *path)
{
	enum { HOW = O_CREAT | O_WRONLY | O_APPEND };

	return nohup->output ? open_at(path, HOW, NOHUP_MODE, STDOUT_FILENO)
			     : open(path, HOW, NOHUP_MODE);
}

static bool
not_opened(const char *home, int here_error)
{
	int home_error = errno;
	autofree char *here = quoted(NOHUP_FILE);

	say("failed to open %s: %s", here, strerror(here_error));
	if (home) {
		autofree char *there = quoted(home);
		say("failed to open %s: %s", there, strerror(home_error));
	}
	return false;
}

static bool
redirect_output(struct nohup *nohup)
{
	mode_t old = umask((mode_t)~NOHUP_MODE);
	const char *home = getenv("HOME"), *slash = "/";
	autofree char *in_home = NULL, *shown = NULL;
	int error;

	nohup->file = open_file(nohup, NOHUP_FILE);
	error = errno;
	if (nohup->file < 0 && home) {
		slash = str_ends(home, "/") || !home[0] ? "" : slash;
		in_home = str_format("%s%s" NOHUP_FILE, home, slash);
		nohup->file = open_file(nohup, in_home);
	}
	(void)umask(old);
	if (nohup->file < 0) {
		return not_opened(in_home, error);
	}
	shown = quoted(in_home ? in_home : NOHUP_FILE);
	say("%sappending output to %s", nohup->input ? "ignoring input and " : "", shown);
	return true;
}

static bool
redirect_errors(struct nohup *nohup)
{
	nohup->spoken = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
	if (!nohup->output) {
		say("%sredirecting stderr to stdout", nohup->input ? "ignoring input and " : "");
	}
	if (dup2(nohup->file, STDERR_FILENO) < 0) {
		say("failed to redirect standard error: %s", strerror(errno));
		return false;
	}
	if (nohup->output_closed) {
		(void)close(nohup->file);
	}
	return true;
}

static bool
leave_terminal(struct nohup *nohup)
{
	if (nohup->input && !make_input_useless(nohup)) {
		return false;
	}
	if ((nohup->output || (nohup->errors && nohup->output_closed)) && !redirect_output(nohup)) {
		return false;
	}
	return (!nohup->errors || redirect_errors(nohup)) && !ferror(stderr);
}

/* comes back only with an exit code; what is to be said goes to the error output that there was */
static int
run(const struct nohup *nohup, char **command)
{
	int error;

	(void)signal(SIGHUP, SIG_IGN);
	(void)execvp(command[0], command);
	error = errno;
	if (!nohup->errors || dup2(nohup->spoken, STDERR_FILENO) == STDERR_FILENO) {
		autofree char *program = quoted(command[0]);
		say("failed to run command %s: %s", program, strerror(error));
	}
	return error == ENOENT ? NOHUP_NOT_FOUND : NOHUP_NOT_RUN;
}

static int
usage(const char *format, const char *word)
{
	say(format, word);
	(void)fprintf(stderr, "Try '%s --help' for more information.\n", name());
	return failed();
}

/* GNU's options, long ones may be cut short; the command, or NULL with the exit code */
static char **
parse(char **words, int *ret_code)
{
	const char *word = words[0];
	bool dashes = word && str_equal(word, "--");

	words += dashes;
	word = words[0];
	*ret_code = CLI_DONE;
	if (!word) {
		*ret_code = usage("missing operand%s", "");
	} else if (dashes || word[0] != '-' || !word[1]) {
		return words;
	} else if (word[1] != '-') {
		*ret_code = usage("invalid option -- '%.1s'", word + 1);
	} else if (strncmp(word, "--help", strlen(word)) == 0) {
		usage_verb(stdout, verbs_find("nohup"));
	} else if (strncmp(word, "--version", strlen(word)) == 0) {
		(void)printf("nohup (tend) %s\n", VERSION);
	} else {
		*ret_code = usage("unrecognized option '%s'", word);
	}
	return NULL;
}

int
cmd_nohup(struct cli *cli)
{
	struct nohup nohup = { .file = STDOUT_FILENO, .spoken = -1 };
	int code;
	char **command = parse(cli->args.names, &code);

	if (!command) {
		return code;
	}
	nohup.input = isatty(STDIN_FILENO);
	nohup.output = isatty(STDOUT_FILENO);
	nohup.output_closed = !nohup.output && errno == EBADF;
	nohup.errors = isatty(STDERR_FILENO);
	return leave_terminal(&nohup) ? run(&nohup, command) : failed();
}
