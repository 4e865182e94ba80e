/* cmd-completion: what a shell needs to complete tend's words, made of the same tables as the
 * help. Names of units come from `tend list`, which never starts a tendd for it. */
#include "base/str.h"
#include "cli/logview.h"
#include "unit/unit.h"

const struct opt cmd_completion_options[] = { OPT_END };
const char cmd_completion_details[] =
	"  tend completion bash >~/.local/share/bash-completion/completions/tend";

static void
put_verbs(void)
{
	const char *verb, *name;

	(void)printf("\tlocal verbs='");
	for (size_t i = 0; i < verbs_count; i++) {
		if (!(verbs_table[i].flags & CMD_HIDDEN)) {
			(void)printf("%s ", verbs_table[i].name);
		}
	}
	for (size_t i = 0; (name = verbs_alias(i, &verb)); i++) {
		(void)printf("%s ", name);
	}
	(void)printf("'\n");
}

static void
put_patterns(const struct cmd *cmd)
{
	const char *verb, *name;

	(void)printf("\t%s", cmd->name);
	for (size_t i = 0; (name = verbs_alias(i, &verb)); i++) {
		if (str_equal(verb, cmd->name)) {
			(void)printf(" | %s", name);
		}
	}
	(void)printf(")");
}

static void
put_options(const struct cmd *cmd)
{
	put_patterns(cmd);
	(void)printf(" options='--help");
	for (const struct opt *opt = cmd->options; opt->name; opt++) {
		(void)printf(" --%s", opt->name);
	}
	(void)printf("'");
	(void)printf(" valued='");
	for (const struct opt *opt = cmd->options; opt->name; opt++) {
		if (opt->argument) {
			(void)printf(" --%s", opt->name);
			if (opt->letter) {
				(void)printf(" -%c", opt->letter);
			}
		}
	}
	(void)printf(" ' names=%d command=%d ;;\n", (cmd->flags & CMD_NAMES) != 0,
		     (cmd->flags & CMD_COMMAND) != 0);
}

static void
put_log_words(void)
{
	(void)printf("\tlocal formats='");
	for (size_t i = 0; query_format_at(i); i++) {
		(void)printf("%s ", query_format_at(i)->name);
	}
	(void)printf("' priorities='");
	for (size_t i = 0; query_priority_at(i); i++) {
		(void)printf("%s ", query_priority_at(i));
	}
	(void)printf("'\n");
}

static void
put_keys(void)
{
	(void)printf("\tlocal keys='");
	for (size_t i = 0; i < key_count; i++) {
		if (key_table[i].verdict != VERDICT_UNSUPPORTED) {
			(void)printf("%s= ", key_table[i].name);
		}
	}
	(void)printf("'\n");
}

/* bash breaks words at @ and = too (COMP_WORDBREAKS), which names and options have in them: the
 * line is split here, and what bash takes for typed already is cut from the answers */
static const char before[] =
	"# bash completion of tend; made by 'tend completion bash'\n"
	"_tend()\n"
	"{\n"
	"\tlocal line=${COMP_LINE:0:COMP_POINT} words cur prev last typed\n"
	"\tread -ra words <<<\"$line\"\n"
	"\t[[ $line != *[[:space:]] ]] || words+=('')\n"
	"\tlast=$((${#words[@]} - 1))\n"
	"\tcur=${words[last]} prev=${words[last - 1]}\n"
	"\tlocal verb= whose= units= i\n"
	"\tlocal options= valued= names=0 command=0\n"
	"\tlocal restarts='no on-failure always on-success on-abnormal on-abort on-watchdog'\n"
	"\tlocal signals='HUP INT QUIT USR1 USR2 TERM KILL STOP CONT WINCH ABRT'\n";
static const char find_verb[] =
	"\tfor ((i = 1; i < last; i++)); do\n"
	"\t\tcase ${words[i]} in\n"
	"\t\t--user | --system) whose=${words[i]} ;;\n"
	"\t\t-*) ;;\n"
	"\t\t*) verb=${words[i]}; break ;;\n"
	"\t\tesac\n"
	"\tdone\n"
	"\tif [[ -z $verb ]]; then\n"
	"\t\tCOMPREPLY=($(compgen -W \"--user --system --help --version $verbs\" -- \"$cur\"))\n"
	"\t\treturn\n"
	"\tfi\n"
	"\tcase $verb in\n";
static const char after[] =
	"\tesac\n"
	"\ttyped=${cur%\"${cur##*[@=:]}\"}\n"
	"\ttyped=${typed%@}\n" /* which readline has as the first letter of the next word */
	"\t[[ $COMP_WORDBREAKS == *@* ]] || typed=${typed%\"${typed##*[=:]}\"}\n"
	"\tif [[ $cur == --*=* ]]; then\n"
	"\t\tprev=${cur%%=*} cur=${cur#*=} typed=${typed#*=}\n"
	"\tfi\n"
	"\tif [[ $prev == -p || $prev == --property ]] && [[ $cur == Restart=* ]]; then\n"
	"\t\tCOMPREPLY=($(compgen -W \"$restarts\" -P Restart= -- \"${cur#*=}\"))\n"
	"\telif [[ $verb == log?(s) && ($prev == -o || $prev == --output) ]]; then\n"
	"\t\tCOMPREPLY=($(compgen -W \"$formats\" -- \"$cur\"))\n"
	"\telif [[ $verb == log?(s) && ($prev == -p || $prev == --priority) ]]; then\n"
	"\t\tCOMPREPLY=($(compgen -W \"$priorities\" -- \"$cur\"))\n"
	"\telif [[ $prev == -p || $prev == --property ]]; then\n"
	"\t\tCOMPREPLY=($(compgen -W \"$keys\" -- \"$cur\"))\n"
	"\t\tcompopt -o nospace 2>/dev/null\n"
	"\telif [[ $prev == --restart || $prev == -r && $verb == run ]]; then\n"
	"\t\tCOMPREPLY=($(compgen -W \"$restarts\" -- \"$cur\"))\n"
	"\telif [[ $prev == --stop-signal ]]; then\n"
	"\t\tCOMPREPLY=($(compgen -W \"$signals\" -- \"$cur\"))\n"
	"\telif [[ $valued == *\" $prev \"* ]]; then\n"
	"\t\tCOMPREPLY=($(compgen -f -- \"$cur\"))\n"
	"\telif [[ $cur == -* ]]; then\n"
	"\t\tCOMPREPLY=($(compgen -W \"$options\" -- \"$cur\"))\n"
	"\telif [[ $verb == help ]]; then\n"
	"\t\tCOMPREPLY=($(compgen -W \"$verbs\" -- \"$cur\"))\n"
	"\telif ((names)) && [[ $cur != */* ]]; then\n"
	"\t\tunits=$(\"${words[0]}\" $whose list -q --no-start 2>/dev/null)\n"
	"\t\t[[ $verb != signal ]] || units+=\" $signals\"\n"
	"\t\tCOMPREPLY=($(compgen -W \"$units\" -- \"$cur\"))\n"
	"\telif ((command)); then\n"
	"\t\tCOMPREPLY=($(compgen -c -- \"$cur\") $(compgen -f -- \"$cur\"))\n"
	"\telse\n"
	"\t\tCOMPREPLY=($(compgen -f -- \"$cur\"))\n"
	"\tfi\n"
	"\tCOMPREPLY=(\"${COMPREPLY[@]#\"$typed\"}\")\n"
	"\t[[ -n ${COMPREPLY[*]} ]] || COMPREPLY=()\n"
	"}\n"
	"complete -F _tend tend\n";

int
cmd_completion(struct cli *cli)
{
	if (!str_equal(cli->args.names[0], "bash") || cli->args.names[1]) {
		return complain_usage(cli, "which shell? tend completion bash");
	}
	(void)fputs(before, stdout);
	put_verbs();
	put_keys();
	put_log_words();
	(void)fputs(find_verb, stdout);
	for (size_t i = 0; i < verbs_count; i++) {
		put_options(&verbs_table[i]);
	}
	(void)fputs(after, stdout);
	return CLI_DONE;
}
