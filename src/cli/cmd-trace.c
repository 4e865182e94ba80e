/* cmd-trace: strace on every process of a unit, or on one process, with all threads and all
 * children to come. tend finds the processes, strace does the work: it takes this program's place,
 * so ^C, its output and its exit code are its own. */
#include "base/limits.h"
#include "base/path.h"
#include "base/str.h"
#include "cli/cli.h"
#include "procfs/procfs.h"
#include <errno.h>
#include <string.h>
#include <unistd.h>

const struct opt cmd_trace_options[] = {
	{ 'n', "dry-run", NULL, "print the command that would run" },
	OPT_END,
};
const char cmd_trace_details[] =
	"It runs strace -f on all processes of the unit (or on the process) until ^C;\n"
	"they go on afterwards. What stands after -- is passed to strace:\n"
	"  tend trace web\n"
	"  tend trace web -- -e trace=network -o /tmp/web.trace";

static int
not_installed(void)
{
	complain("strace is not installed, and it does the work: apt-get install strace (Debian, "
		 "Ubuntu), dnf install strace (Fedora), apk add strace (Alpine), pacman -S strace "
		 "(Arch); then try again");
	return CLI_FAILED;
}

static void
add_pid(char ***command, pid_t pid)
{
	strv_add(command, "-p");
	strv_take_add(command, str_format("%d", (int)pid));
}

static int
add_process(pid_t pid, char ***command)
{
	struct proc_stat stat;
	int r = proc_stat(pid, &stat);

	if (r == -ENOSYS) {
		complain("/proc is not mounted here: nothing can be told of processes");
		return CLI_FAILED;
	}
	if (r < 0) {
		complain("there is no process %d%s", (int)pid,
			 geteuid() == 0 ? "" : " (or it is hidden from you)");
		return CLI_NOT_RUNNING;
	}
	if (stat.state == 'Z') {
		complain("process %d has ended already: there is nothing to trace", (int)pid);
		return CLI_NOT_RUNNING;
	}
	if (stat.flags & PROC_KERNEL_THREAD) {
		complain("process %d is a thread of the kernel: it makes no system calls",
			 (int)pid);
		return CLI_FAILED;
	}
	add_pid(command, pid);
	return CLI_DONE;
}

static int
add_unit(struct cli *cli, const char *name, char ***command)
{
	autodone(wire_answer) struct wire_answer answer = { 0 };
	json_t *process;
	size_t i, n = 0;
	int code = ask_open(cli, ASK_IF_ANY);

	if (code != CLI_DONE || !cli->wire) {
		return code != CLI_DONE ? code : outcome_nobody(cli);
	}
	code = ask_simply(cli, "Status", json_pack("{s:o}", "name", wire_string(name)), ASK_AGAIN,
			  &answer);
	if (code != CLI_DONE) {
		return code;
	}
	json_array_foreach(
		json_object_get(json_object_get(answer.parameters, "status"), "processes"), i,
		process) {
		if (!str_equal(phrase_get(process, "state"), "zombie")) {
			add_pid(command,
				(pid_t)json_integer_value(json_object_get(process, "pid")));
			n++;
		}
	}
	if (n == 0) {
		complain("%s: it does not run", name);
		return CLI_NOT_RUNNING;
	}
	return CLI_DONE;
}

static int
run(struct cli *cli, const char *program, char **command)
{
	if (args_has(&cli->args, "dry-run")) {
		autofree char *line = strv_join(command, " ");
		autofree char *harmless = phrase_command(line);
		(void)printf("%s\n", harmless);
		return CLI_DONE;
	}
	(void)fflush(stdout);
	(void)execv(program, command);
	complain("%s cannot be executed: %s", program, strerror(errno));
	return CLI_FAILED;
}

int
cmd_trace(struct cli *cli)
{
	autofree char *program = path_find_program("strace", getenv("PATH"));
	autodone(strv) char **command = NULL;
	char **words = cli->args.names;
	int code = CLI_DONE;

	if (cli->args.dashed == 0) {
		return complain_usage(cli, "which one? tend trace %s", cli->cmd->arguments);
	}
	if (!program) {
		return not_installed();
	}
	strv_add(&command, "strace");
	strv_add(&command, "-f");
	for (size_t i = 0; i < cli->args.dashed && code == CLI_DONE; i++) {
		char name[LIMIT_NAME + 1];
		uint64_t pid;

		if (str_to_u64(words[i], &pid) == 0 && pid > 0 && pid <= INT32_MAX) {
			code = add_process((pid_t)pid, &command);
		} else if (names_check(cli, words[i], name)) {
			code = add_unit(cli, name, &command);
		} else {
			code = CLI_USAGE;
		}
	}
	for (size_t i = cli->args.dashed; words[i]; i++) {
		strv_add(&command, words[i]);
	}
	return code == CLI_DONE ? run(cli, program, command) : code;
}
