/* unit: what the user declared. Text (systemd's format) <-> struct unit, by loops over the rows
 * of keys.def.
 *
 * Used by states/, manager/ and cli/. Owns everything inside a struct unit; counted, because the
 * instances of one template share one struct (specifiers stay unexpanded in it; unit_expand() is
 * asked when a value is used).
 *
 * 1. unit_load() or unit_parse()   2. unit_ref() / unit_unref()   3. nothing writes into it
 * after loading.
 *
 * Must never: ignore a key in silence (each unknown or unsupported one is a `struct notice`),
 * read the clock, talk to a process. Reading files is done by load.c and catalog.c alone. */
#pragma once
#include "base/err.h"
#include "base/limits.h"
#include "base/list.h"
#include "base/str.h"
#include <sched.h>
#include <sys/resource.h>

enum unit_section { SECTION_UNIT, SECTION_SERVICE, SECTION_INSTALL, SECTION_TEND, SECTION_COUNT };

enum service_type {
	TYPE_SIMPLE,
	TYPE_EXEC,
	TYPE_ONESHOT,
	TYPE_FORKING,
	TYPE_NOTIFY,
	TYPE_NOTIFY_RELOAD,
	TYPE_DBUS, /* approximated: as simple; said by unit_check */
	TYPE_IDLE, /* as simple */
	TYPE_COUNT
};
enum restart_when {
	RESTART_NO,
	RESTART_ON_SUCCESS,
	RESTART_ON_FAILURE,
	RESTART_ON_ABNORMAL,
	RESTART_ON_WATCHDOG,
	RESTART_ON_ABORT,
	RESTART_ALWAYS,
	RESTART_COUNT
};
enum kill_mode { KILL_CONTROL_GROUP, KILL_MIXED, KILL_PROCESS, KILL_NONE, KILL_COUNT };
enum notify_access {
	NOTIFY_UNSET,
	NOTIFY_NONE,
	NOTIFY_MAIN,
	NOTIFY_EXEC,
	NOTIFY_ALL,
	NOTIFY_COUNT
};
enum oom_policy { OOM_CONTINUE, OOM_STOP, OOM_KILL, OOM_COUNT };
enum log_full { LOGFULL_DROP, LOGFULL_BLOCK, LOGFULL_COUNT };
enum log_mode { LOGMODE_OWNER, LOGMODE_GROUP, LOGMODE_COUNT }; /* 0600, 0640 */
enum stdio_kind {
	STDIO_DEFAULT, /* input: null, output: our log, error: as output */
	STDIO_NULL,
	STDIO_LOG,     /* journal, kmsg, syslog ...: our log */
	STDIO_INHERIT, /* error: the same pipe as output */
	STDIO_FILE,    /* file:PATH */
	STDIO_APPEND,
	STDIO_TRUNCATE,
	STDIO_DATA, /* StandardInputText=/Data= */
	STDIO_TTY,  /* TTYPath= */
};
enum stdio_also { /* STDIO_LOG: and where its lines are sent to */
		  ALSO_NOWHERE,
		  ALSO_SYSLOG,
		  ALSO_KMSG
};
struct stdio {
	enum stdio_kind kind;
	enum stdio_also also;
	char *path; /* unexpanded; NULL unless a file */
};

enum command_flag {
	COMMAND_IGNORE = 1,   /* - : failure does not matter */
	COMMAND_ARGV0 = 2,    /* @ : the second word is argv[0] */
	COMMAND_VERBATIM = 4, /* : : no $VARIABLE substitution */
	COMMAND_FULL = 8,     /* + ! !! : with full privileges */
};
struct command {
	unsigned flags;
	char *program; /* as written, unexpanded; argv[0] itself unless COMMAND_ARGV0 */
	char **argv;   /* argv[0] included; unexpanded specifiers and $VARIABLES */
};
struct commands {
	struct command *list;
	size_t count;
};

struct exit_bits {
	uint64_t codes[4];
	uint64_t signals; /* bit (n - 1) is signal n */
};
struct exit_set {               /* of SuccessExitStatus= and the like: asked by exits_has_code(),
				   exits_has_signal() */
	struct exit_bits *bits; /* NULL: empty, as nearly always */
};

struct limit {
	bool set;
	struct rlimit value; /* as the kernel counts: CPU seconds, RTTIME microseconds, NICE 1-40 */
};
enum { LIMIT_RESOURCES = 16 }; /* RLIM_NLIMITS on Linux */

enum directory_kind {
	DIRECTORY_RUNTIME,
	DIRECTORY_STATE,
	DIRECTORY_CACHE,
	DIRECTORY_LOGS,
	DIRECTORY_CONFIGURATION,
	DIRECTORY_COUNT
};

/* BAD, UNKNOWN and APPROXIMATED (of a value) come from reading; what is so of a key as such
 * (UNSUPPORTED, APPROXIMATED, NEEDS) is told by verdict_list(). The two never say the same. */
enum notice_kind {
	NOTICE_BAD,
	NOTICE_UNKNOWN,
	NOTICE_UNSUPPORTED,
	NOTICE_APPROXIMATED,
	NOTICE_NEEDS
};
struct notice { /* something about a file that a person should know; on unit.notices */
	struct list link;
	enum notice_kind kind;
	char *file; /* may be NULL */
	unsigned line;
	char *key;  /* may be NULL */
	char *text; /* one sentence */
};

struct place {         /* where a key was last given */
	uint16_t key;  /* its row in key_table */
	uint16_t file; /* 0: unit.file; n: unit.drop_ins[n - 1]; UINT16_MAX: unit_set() */
	uint32_t line;
};

struct unit {
	unsigned references;
	uint32_t place_count;
	struct place *places; /* one for each key that was given and not reset */
	char *name;           /* "web", or "web@" for a template: without .service */
	char *file;           /* where it was read: absolute path, NULL for text given in memory */
	char **drop_ins;      /* paths */
	char *bad;            /* not NULL: why it cannot be started (with file and line) */
	bool bad_text;       /* it was the text that made it bad: unit_finish() leaves that alone */
	bool transient;      /* set by the manager */
	uint64_t stamp;      /* of its files when they were read; 0: text given in memory */
	struct list notices; /* notice.link */

#define KEY(field, name, section, type, fallback, verdict, words) UNIT_FIELD_##type(field)
#define CONFIG_KEY(field, name, type, fallback, words) UNIT_FIELD_##type(field)
#define UNIT_FIELD_BOOL(field) bool field;
#define UNIT_FIELD_TRISTATE(field) int field; /* -1 unset, 0, 1 */
#define UNIT_FIELD_SPAN(field)                                                                     \
	int64_t field; /* nanoseconds; CLOCK_NEVER is infinity; -1 unset (fallback "") */
#define UNIT_FIELD_TIMEOUT(field) int64_t field; /* the same, and 0 is read as infinity */
#define UNIT_FIELD_NUMBER(field) int64_t field;  /* 0 and more */
#define UNIT_FIELD_SIZE(field) uint64_t field;   /* UINT64_MAX is infinity */
#define UNIT_FIELD_MODE(field) unsigned field;
#define UNIT_FIELD_SIGNAL(field) int field;   /* 0 unset */
#define UNIT_FIELD_STRING(field) char *field; /* NULL unset, never "" */
#define UNIT_FIELD_PATH(field)                                                                     \
	char *field; /* NULL unset; may begin with - and then with ~ or a specifier */
#define UNIT_FIELD_RUNPATH(field)                                                                  \
	char *field; /* the same; a relative one lies below %t and is kept so: "%t/x" */
#define UNIT_FIELD_WORDS(field) char **field;   /* quoted words, later lines add, empty resets */
#define UNIT_FIELD_FORWARD(field) char **field; /* addresses of base/address.h */
#define UNIT_FIELD_UNITS(field) char **field;   /* unit names, .service taken off */
#define UNIT_FIELD_LINES(field) char **field;   /* whole values, one per line */
#define UNIT_FIELD_PATHS(field) char **field;   /* the same, absolute paths, perhaps after - */
#define UNIT_FIELD_ENVIRONMENT(field) char **field; /* NAME=value */
#define UNIT_FIELD_COMMANDS(field) struct commands field;
#define UNIT_FIELD_EXITS(field) struct exit_set field;
#define UNIT_FIELD_STDIO(field) struct stdio field;
#define UNIT_FIELD_TYPE(field) enum service_type field;
#define UNIT_FIELD_RESTART(field) enum restart_when field;
#define UNIT_FIELD_KILLMODE(field) enum kill_mode field;
#define UNIT_FIELD_NOTIFYACCESS(field) enum notify_access field;
#define UNIT_FIELD_OOM(field) enum oom_policy field;
#define UNIT_FIELD_LOGFULL(field) enum log_full field;
#define UNIT_FIELD_LOGMODE(field) enum log_mode field;
#define UNIT_FIELD_NICE(field) int field;     /* INT_MIN unset */
#define UNIT_FIELD_OOMSCORE(field) int field; /* INT_MIN unset */
#define UNIT_FIELD_POLICY(field) int field;   /* SCHED_... and 1; 0 unset */
#define UNIT_FIELD_IOCLASS(field) int field;  /* the kernel's number and 1; 0 unset */
#define UNIT_FIELD_RTPRIO(field) int field;
#define UNIT_FIELD_IOPRIO(field) int field;
#define UNIT_FIELD_CPUS(field) char *field; /* "0-3,5"; NULL unset */
#define UNIT_FIELD_NOTHING(field)           /* known to systemd, kept only for verdicts */
#include "unit/keys.def"
#undef KEY
#undef CONFIG_KEY
	/* rows of type LIMIT: LIMIT_RESOURCES of them, by RLIMIT_ number; never NULL */
	const struct limit *limits;
};

/* ---- keys: the table itself (key.c) ---- */
enum key_verdict {
	VERDICT_HONOURED,
	VERDICT_APPROXIMATED,
	VERDICT_NEEDS_ROOT,
	VERDICT_UNSUPPORTED
};
struct key {           /* no pointer in it: see value.h */
	char name[40]; /* "TimeoutStopSec" */
	char type[16]; /* "SPAN" */
	char fallback[40];
	char words[128];       /* a line of manual; if not honoured: what happens instead */
	unsigned char section; /* enum unit_section */
	unsigned char verdict; /* enum key_verdict */
	unsigned char value;   /* enum value_kind: how the type is read and shown; 0 for NOTHING and
				  ALIAS */
	unsigned char resource; /* of a LIMIT */
	unsigned short offset;  /* of the field in struct unit */
};
struct value;
const struct value *key_value(const struct key *key); /* NULL for NOTHING and ALIAS */
extern const struct key key_table[];
extern const size_t key_count;
const struct key *key_find(enum unit_section section, const char *name);
const struct key *key_by_name(const char *name); /* in whichever section; NULL if there is none */
/* the key somebody probably meant; NULL if none is near */
const struct key *key_suggest(const char *name);
const char *section_name(enum unit_section section); /* "X-Tend" */

/* ---- loading ---- */
/* Text to unit. Never fails on content: what is wrong becomes notices and, where the unit can't
 * run, `bad`. `name` as in struct unit. */
struct unit *unit_parse(const char *name, const char *text, size_t length, const char *file);
/* File and drop-ins found in `directories` (by precedence, NULL-terminated). NULL with
 * err->number ENOENT if there is none; "web@1" is loaded from web@1.service or else web@.service
 * (then the result's name is "web@", unless drop-ins of web@1.service.d make it a unit of its
 * own). A masked unit gives ESHUTDOWN. */
struct unit *unit_load(const char *name, char *const *directories, struct err *err);
/* the set of a list of processors as a unit has it */
void unit_processors(const char *list, cpu_set_t *ret_set);
/* have its files been changed since it was loaded? (The number of instances is tend's own to
 * change) */
bool unit_is_stale(const struct unit *unit);
/* every name (".service" files) in the directories, templates as "web@"; owned vector, sorted */
char **unit_names(char *const *directories);
/* one with every key at its fallback; `file` may be NULL */
struct unit *unit_new(const char *name, const char *file);
const struct unit *unit_fallbacks(void); /* the same, shared by all and without a name */
struct unit *unit_ref(struct unit *unit);
struct unit *unit_unref(struct unit *unit);                  /* returns NULL */
bool unit_equal(const struct unit *a, const struct unit *b); /* by the rows */
/* the text of it (what was given), in the order of keys.def; owned. Unsupported keys have no
 * value and are left out */
char *unit_text(const struct unit *unit);
/* one key's value as text ("1min 30s"), for `show`; owned; NULL if the row has no value, "" if
 * it is unset; commands and other whole lines have a newline between them */
char *unit_value(const struct unit *unit, const struct key *key);
/* sets one row from text as a line of a file would ("Key", "value"); the section is found by the
 * key */
bool unit_set(struct unit *unit, const char *key, const char *value, struct err *err);
/* was the key given (and not reset by an empty assignment)? NULL if not */
const struct place *unit_given(const struct unit *unit, const struct key *key);
/* the file of a place; borrowed; NULL if it was none */
const char *unit_place_file(const struct unit *unit, const struct place *place);
/* the main fields a service type implies ("oneshot has no start timeout", NotifyAccess=main for
 * notify ...) and contradictions -> bad. Called by parse and load at the end; callable again
 * after unit_set. */
void unit_finish(struct unit *unit);

/* ---- tend.conf (config.c) ---- */
/* The defaults that units do not give: a section [Log] with the Log...= keys of [X-Tend] and those
 * of config_table. A file that is not there is an empty one; what is wrong becomes notices. Never
 * NULL. config_of() is the unit whose field of `key` counts: `unit` if it was given there, else
 * `config` */
struct unit *config_load(const char *path);
const struct unit *config_of(const struct unit *config, const struct unit *unit, const char *key);
extern const struct key config_table[];
extern const size_t config_count;

/* ---- names (name.c) ---- */
/* takes off ".service"; false with words for a slash, a newline, control characters, too long,
 * empty, other suffixes */
bool name_check(const char *text, char ret_name[LIMIT_NAME + 1], struct err *err);
bool name_is_template(const char *name);     /* "web@" */
bool name_is_instance(const char *name);     /* "web@1" */
char *name_template(const char *name);       /* "web@1" -> "web@"; owned */
const char *name_instance(const char *name); /* "web@1" -> "1"; borrowed; "" if none */
bool
name_matches(const char *pattern,
	     const char *name); /* glob; a pattern "web@" or "web" matches "web@1"? no: exact */
/* a short readable name from a command: "node server.js" -> "server", "python3 -m http.server"
 * -> "http-server"; owned */
char *name_from_command(char *const *argv);

/* ---- specifiers and variables (expand.c) ---- */
struct expand {
	const char *name;                                    /* full: "web@1" */
	const char *file;                                    /* %f-like specifiers; may be NULL */
	const char *runtime, *state, *cache, *logs, *config; /* %t %S %C %L %E */
	/* %u %g %h %s %H %m %b %v %T %V %d; NULL: unknown, an error when used (but %T and %V have
	 * their usual value) */
	const char *user, *group, *home, *shell, *host, *machine_id, *boot_id, *kernel, *tmp,
		*var_tmp;
	const char *credentials;
	const char
		*os_release; /* the text of /etc/os-release, for %o %w %W %A %B %M; NULL: unknown */
	unsigned uid, gid;
};
/* owned; NULL with words ("%Z is not a specifier") */
char *unit_expand(const struct expand *with, const char *text, struct err *err);
/* $NAME and ${NAME} of a command line by systemd's rules (a lone $NAME word is split, ${NAME} is
 * not); specifiers first. Owned vector */
char **unit_expand_command(const struct expand *with, const struct command *command,
			   char *const *environment, struct err *err);
/* an EnvironmentFile's text -> assignments added to *v. False only for text that cannot be one
 * (NUL bytes); a line that is no assignment is skipped as in systemd, and the first such is told
 * in err->text of a true result */
bool unit_environment_file(const char *text, char ***v, struct err *err);

/* ---- words (words-split.c) ---- */
/* splits by systemd's quoting and C escapes; owned vector; NULL with words */
bool words_split(const char *text, char ***ret_words, struct err *err);
/* one word so that words_split gives it back; owned */
char *words_quote(const char *word);
/* C escapes taken away (StandardInputText=); owned; bytes may be 0, so there is a length */
char *words_unescape(const char *text, size_t *ret_length);

/* ---- writing a transient unit (compose.c) ---- */
/* the lines of a file are added as "Section", "Key", "value" (value taken literally: % and
 * newlines are escaped for the key's type by compose_command / compose_string); owned text at
 * the end */
struct compose {
	struct buf text;
	int section; /* of the last line, -1 at first */
};
void compose_init(struct compose *compose);
void compose_done(struct compose *compose);
void compose_line(struct compose *compose, enum unit_section section, const char *key,
		  const char *value);
char *
compose_string(const char *literal); /* % doubled, quoted if it has control characters; owned */
char *compose_command(char *const *argv); /* quoted, % and $ made literal; owned */

/* ---- verdicts (check.c is taken by base: verdict.c) ---- */
struct verdict_host {
	bool root;
	bool oom;   /* a cgroup counts what is killed for want of memory */
	bool bound; /* hard limits cannot be raised above these */
	rlim_t hard[LIMIT_RESOURCES];
};
/* what this process may do; what it starts may not do more */
void verdict_host_here(struct verdict_host *ret_host, bool oom);
/* one notice for each key of the file that is not simply honoured here; added to `ret_notices`
 * (notice.link); returns how many */
size_t verdict_list(const struct unit *unit, const struct verdict_host *host,
		    struct list *ret_notices);
struct notice *notice_free(struct notice *notice);

/* ---- exit sets ---- */
bool exits_has_code(const struct exit_set *set, int code);
bool exits_has_signal(const struct exit_set *set, int signal);
