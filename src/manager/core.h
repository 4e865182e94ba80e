/* core: what the files of the manager know of each other. Included by manager/ alone; manager.h is
 * the door.
 *
 * One struct manager, one struct member for each unit that is known (each instance is one). The way
 * of everything:
 *
 *     verb, frame, pidfd, notification, timer  ->  member_event()  ->  service_take()  ->
 * ledger_write()  ->  carry_orders()
 *
 * carry.c is the only caller of service_take(). Events that arise while orders are carried out are
 * queued and taken in order afterwards. The ledger is written before the orders are carried out, so
 * a manager that dies between any two steps is replaced by one that does the step again (each order
 * may be done twice without harm).
 *
 * Who owns what: a member owns its unit reference, its descriptors and its watches; the keeper owns
 * children and held descriptors; the logger owns the files. The manager holds for each running part
 * one pidfd and nothing else. */
#pragma once
#include "base/check.h"
#include "base/clock.h"
#include "base/fd.h"
#include "base/loop.h"
#include "base/map.h"
#include "link/link.h"
#include "manager/manager.h"
#include "procfs/procfs.h"
#include "states/states.h"
#include "wire/wire.h"

struct manager;
struct member;

/* ---- a child the keeper holds (or that is watched from elsewhere) ---- */
struct child {
	struct member *member;
	enum part part;
	uint64_t number; /* 0: none. Known to the keeper by it */
	pid_t pid;       /* for showing; 0 until launched */
	uint64_t start;  /* clock ticks, of pid */
	int pidfd;       /* -1 none */
	bool foreign; /* not the keeper's own (adopted, or a forking daemon's main): its end is seen
			 by pidfd */
	bool execed;
	bool ended_told;    /* its end is among the events */
	bool listed;        /* while adopting: the keeper named it */
	bool asked;         /* its launch was ordered, CHILD or REFUSED not yet there */
	pid_t keeper;       /* the keeper to which LAUNCH was sent; 0: it waits for its turn */
	int pending_signal; /* a signal that was ordered before the pid was known; 0 none (sweep.c)
			     */
	struct watching *watching; /* of its pidfd, when foreign (watching.c) */
	struct launching
		*launching; /* error pipe and plan while it is being set up (launching.c) */
};

struct queued { /* an event not yet taken */
	struct event event;
	struct list link; /* member.events */
};

struct usage { /* of a run, from rusage and the group */
	int64_t cpu_us, peak_kib;
};

struct member {
	struct manager *manager;
	struct service service;
	struct unit *unit; /* shared by instances */
	struct unit
		*next_unit; /* read anew (reload-units), taken at the next start; NULL if none */
	char *name;         /* "web", "web@1"; key in manager.members */
	uint64_t number;    /* of the service, 48 bits: the keys of its held descriptors */
	struct child child[PART_COUNT];
	char invocation[33]; /* id of this run, in every process's environment as INVOCATION_ID; ""
				before the first */
	/* behind it, where there is room for them: a thousand of these structs are held */
	bool in_run;      /* a run was begun and is not yet written down */
	bool foreign_kin; /* processes of it may live outside our keeper (adopted): look at all of
			     /proc */
	bool has_group;   /* its cgroup exists */
	bool fresh;       /* never written to the ledger */
	bool enabled;
	bool leaving;      /* being deleted once it is down: carry.c calls delete_finish() then */
	bool leaving_logs; /* and its log and runs with it */
	bool oom_told;     /* EVENT_OOM of this run is among the events */
	int64_t run;       /* number of the run, 1 ... */
	int64_t run_wall, up_wall, ended_wall; /* wall ns; 0 none */
	struct usage usage;                    /* of the run so far (ended parts) */
	pid_t run_pid;                         /* of the run's last main, also after its end */
	int log_error;                         /* its log cannot be written: why; 0: it can */
	int64_t marked_run;                    /* the run whose beginning is marked in the log */
	uint64_t written; /* hash of the ledger as it is on disk; 0: there is none */
	struct log_pipe {
		bool there;      /* it is held by the keeper and given to the logger */
		int fd;          /* the same as the keeper's, unless descriptors are scarce; -1 */
		uint64_t inode;  /* which one it is; 0: there is none */
		int64_t closing; /* the logger was asked to let go of it; 0: it is in use */
	} pipes[2];              /* HELD_LOG, HELD_LOG_ERROR (pipes.c) */
	int64_t log_dropped;     /* bytes that were dropped by the last such trouble */
	enum {
		LOGS_KEPT,
		LOGS_DRAINING,
		LOGS_DRAINED
	} logs;         /* leaving with its log (verb-delete.c) */
	int oom_watch;  /* inotify's number; 0: none */
	char *failure;  /* words of a launch or a preparation that failed in this run; NULL */
	pid_t asker;    /* process that asked for the stop, if it may be one of the unit's: never
			   signalled; 0 none */
	int said_errno; /* ERRNO= of this run; 0: none */
	uint64_t asker_start;
	char *by; /* who asked for the way down: "uid 1000, tend stop web (pid 77)"; NULL */
	char *status_text; /* STATUS= */
	int64_t oom_run,
		oom_seen;        /* the count of out-of-memory kills when that run began (oom.c) */
	struct notify *notify;   /* its notification socket; NULL (notify.c) */
	char *notify_address;    /* where it was bound: what its processes have been told; NULL */
	struct sweep *sweep;     /* a look or a kill that goes on; NULL (sweep.c) */
	struct receipt *receipt; /* what the last stop signalled; NULL (receipt.c) */
	struct store_fd {
		char *name;
		uint16_t place;
	} * stored; /* FDSTORE (notify.c) */
	size_t stored_count;
	struct list waits;  /* wait.member_link (requests.c) */
	struct list events; /* queued.link: events not yet taken (carry.c) */
	struct list busy;   /* in manager.busy while events is not empty */
	struct timer timers[TIMER_COUNT];
	struct {
		int64_t at, cpu_us;
		uint64_t memory;
		float share;
		int32_t tasks;
	} sample;                /* sample.c */
	struct mainpid *mainpid; /* a search for the main process that goes on; NULL (mainpid.c) */
	enum {
		PENDING_NONE,
		PENDING_STOP,
		PENDING_RESTART
	} pending; /* asked, but waits until what is ordered after it is down (depend.c) */
	struct list pending_link; /* manager.pending */
	struct list held_link;    /* manager.held: in state HELD */
	struct list depending;    /* manager.depending: its unit names other units */
};

struct manager {
	struct loop *loop;
	const struct manager_start *start;
	const struct places *places;
	struct wire_server *server;
	struct map members;        /* struct member by name */
	struct nmap children;      /* struct child by number */
	struct nmap by_number;     /* struct member by service number */
	struct map templates;      /* struct unit by template name: shared by instances */
	struct list busy;          /* member.busy */
	uint64_t directories_seen; /* the unit directories as they were at the last look (member.c)
				    */
	uint64_t last_child, last_member; /* numbers given */
	int64_t last_closing;
	uint64_t chance; /* state of the generator */
	bool adopting;   /* until LIST_END: nothing is launched */
	bool carrying;   /* within carry_events() */
	bool hurried; /* a pause of nothing was skipped for the member whose turn it is (carry.c) */
	bool leaving; /* asked to end: stop everything, then FRAME_END */
	bool ended;   /* END is on its way to the keeper */
	bool resting; /* the turn that is over was the one that gave memory back */
	struct timer rest; /* gives it back, a moment after something was done */
	pid_t keeper_pid, logger_pid;
	bool root;
	int64_t since_wall;
	char boot_id[40];
	struct keeper_line *keeper; /* keeper-line.c */
	struct logger_line *logger; /* logger-line.c */
	struct groups *groups;      /* groups.c; NULL: no cgroup can be written */
	struct oom *oom;            /* oom.c; NULL: no cgroup counts out-of-memory kills */
	struct list launches;       /* launching.link: waiting for their turn (launching.c) */
	unsigned launches_asked;    /* of the keeper, not yet answered */
	unsigned launches_open;     /* not yet exec'd: each has two descriptors open */
	size_t kept;                /* members that are not down */
	int ledger_dir;             /* of places.ledger; -1: opened at the first write */
	struct adoption *adoption;  /* what is known while adopting (adopt.c) */
	uint64_t *forget; /* children whose end is in no ledger yet: FORGET follows the next
			     ledger_write (carry.c) */
	size_t forget_count, forget_size;
	unsigned said;         /* bit per enum say */
	struct list pending;   /* member.pending_link */
	struct list held;      /* member.held_link */
	struct list depending; /* member.depending */
	struct list watchers;  /* call.link (verb-watch.c) */
	struct list upgrades;  /* call.link: waiting for FRAME_UPGRADED (verb-upgrade.c) */
	struct unit *config;   /* tend.conf (logging.c) */
	struct expand
		expand;    /* what specifiers mean here; name and instance are filled per member */
	struct timer idle; /* ends tendd when it keeps nothing */
};

/* ---- manager.c ---- */
enum say { SAY_RUNS, SAY_LEDGER, SAY_DESCRIPTORS, SAY_LOG, SAY_KEEPER, SAY_LOGGER, SAY_COUNT };
/* to stderr, which is run/tendd.log: the first of its kind only, until manager_said_over() */
void manager_say(struct manager *manager, enum say what, const char *format, ...) PRINTF(3, 4);
void manager_said_over(struct manager *manager, enum say what);
void manager_trace(const char *format, ...) PRINTF(1, 2); /* with TEND_TRACE=1 */
uint32_t manager_chance(struct manager *manager);
void
manager_think_of_leaving(struct manager *manager); /* after a request or a change: arm or disarm
						      idle; leave when asked and all is down */
void manager_leave(struct manager *manager); /* SIGTERM to tendd: stop all in order, then end */

/* ---- member.c: the table of members ---- */
struct member *member_find(struct manager *manager, const char *name);
/* found, or loaded from its unit file; NULL with err->number ENOENT */
struct member *member_get(struct manager *manager, const char *name, struct err *err);
struct member *member_new(struct manager *manager, const char *name,
			  struct unit *take_unit); /* puts it into the table */
void member_free(struct member *member); /* down, no waits: out of every table, ledger removed */
/* loads every unit file that is not yet known (list shows them stopped); instances of templates
 * with Instances= */
void member_load_all(struct manager *manager);
char **member_directories(const struct manager *manager); /* borrowed vector: units by precedence */
/* a template was read anew: instances that are made from now on get this one (only when it is a
 * template) */
void member_template_changed(struct manager *manager, const char *name, struct unit *unit);
/* next_unit becomes the unit; only while the member is down or about to start (carry.c calls it
 * before a start) */
void member_take_next_unit(struct member *member);
/* one of the hundreds that a machine's packages brought for systemd, never started or enabled here:
 * it can be started by its name, and is no part of "all" */
bool member_is_unused(const struct member *member);
const char *member_bad(const struct member *member); /* why a start asked for now cannot be; NULL */
void member_event(struct member *member,
		  struct event event); /* queues; `now` and `chance` are filled in here */
void member_event_simple(struct member *member, enum event_kind kind);
int64_t member_pid(const struct member *member); /* main's pid or 0 */

/* ---- carry.c ---- */
void
carry_resume(struct member *member); /* adopted: what the manager before may not have carried out */
void carry_run(struct member *member);      /* begins a run, unless one is under way */
void carry_events(struct manager *manager); /* takes all queued events; called after each turn and
					       after member_event from verbs */

/* ---- launching.c, planning.c, prepare.c ---- */
/* ret_input: what it reads (StandardInput=data), passed as the plan's descriptor 0; -1 none */
bool planning_make(struct member *member, enum part part, enum step step, unsigned index,
		   struct plan *ret_plan, int *ret_input, struct err *err);
char **planning_environment(struct member *member, enum part part, enum step step, struct err *err);
void planning_expand(const struct member *member,
		     struct expand *ret_with); /* what specifiers mean in its unit */
void launching_begin(struct member *member, enum part part, enum step step, unsigned index);
void launching_forget(struct child *child); /* frees what is open of a launch */
void launching_frame(struct manager *manager, const struct frame *frame, int *fds,
		     size_t count);                /* CHILD, REFUSED, EXITED; closes fds */
bool launching_waits(const struct member *member); /* is a launch of it not yet sent? */
void
launching_adopted(struct child *child,
		  int take_error_pipe); /* launched by a manager before this one, not yet exec'd */
void launching_pump(struct manager *manager); /* the next ones that wait, when there is room */
uint64_t launching_number(struct manager *manager); /* a new child's */
void prepare_run(struct member *member);            /* ORDER_PREPARE */
void prepare_clean(struct member *member, bool restart);

/* ---- watching.c: the end of children ---- */
void watching_begin(struct child *child); /* foreign: by pidfd */
void watching_end(struct child *child);
/* common end of every way: outcome into usage, EVENT_EXITED */
void watching_ended(struct child *child, const struct outcome *outcome);

/* ---- keeper-line.c / logger-line.c: queues towards the two ---- */
void keeper_line_send(struct manager *manager, const struct frame *frame, const int *fds,
		      size_t count); /* dup's what must wait */
void logger_line_send(struct manager *manager, const struct frame *frame, const int *fds,
		      size_t count);
/* logging.c: what units and tend.conf say of logs */
void logging_start(struct manager *manager);  /* reads tend.conf, tells the logger */
void logging_reload(struct manager *manager); /* the same, and each log has its limits by it */
void logging_limits(struct manager *manager); /* tells the logger what is of all logs together */
void logging_stream(const struct member *member, struct frame *frame);     /* fills its stream */
unsigned logging_compress(const struct manager *manager, const char *log); /* CARE_COMPRESS or 0 */
void logging_trouble(struct member *member, int error, int64_t dropped);
char *logging_words(const struct member *member); /* what is wrong with its log; owned, NULL */
/* pipes.c */
void pipes_limits(struct member *member); /* its limits have changed */
int pipes_open(
	struct member *member,
	struct err *err); /* makes the log pipe(s) once; held by the keeper, given to the logger */
void pipes_close(struct member *member);
void pipes_mark(struct member *member, unsigned kind, int64_t value, int64_t extra);
/* calls back when everything written so far is in the file (or the logger died: asked again) */
void pipes_drained(struct member *member, void (*then)(void *context), void *context);

/* ---- ledger.c, adopt.c, revive.c, runs.c ---- */
void ledger_write(struct member *member);
void ledger_remove(struct member *member);
void adopt_all(struct manager *manager); /* ledgers, then the keeper's list */
void adopt_list_end(struct manager *manager);
void adopt_note_end(struct manager *manager); /* all is down: the next one need not look for it */
void revive_keeper(struct manager *manager);  /* net 2: the link broke */
struct run {                                  /* one ended run, as runs/NAME keeps it */
	int64_t number, started, ended;       /* wall ns */
	pid_t pid;
	bool up, has_outcome;
	struct outcome outcome;
	enum why why;
	int64_t cpu_us, peak_kib;
	char *by, *text;
};
void runs_add(struct member *member); /* ORDER_RUN_ENDED: from the member */
size_t runs_read(const struct manager *manager, const char *name, struct run *ret_runs,
		 size_t max); /* newest first */
void runs_done(struct run *runs, size_t count);
void runs_remove(const struct manager *manager, const char *name);

/* ---- kin.c, sweep.c, groups.c: everything a unit started ---- */
struct kin {
	pid_t pid;
	uint64_t start;
	int pidfd;
};
struct kins {
	struct kin *list;
	size_t count, size;
	bool incomplete; /* no descriptor left for all, or /proc unreadable */
};
void
kin_find(struct member *member,
	 struct kins *ret_kins); /* alive (no zombies), main and control included, pidfds open */
void kins_done(struct kins *kins);
bool kin_any(struct member *member);                 /* cheap: is anything alive? */
const char *kin_way(const struct manager *manager);  /* "cgroup" or "subreaper and invocation id" */
void sweep_begin(struct member *member, int signal); /* ORDER_SWEEP */
void sweep_signal(struct member *member, const struct order *order); /* ORDER_SIGNAL */
void
sweep_launched(struct child *child); /* its pid is known now: what was ordered meanwhile is sent */
void
sweep_child_ended(struct member *member); /* something of it ended: look again if a sweep is open */
void sweep_forget(struct member *member);
/* receipt.c: what a stop signalled */
void receipt_open(struct member *member); /* begins noting (a stop was asked for); keeps what is
					     there while one is open */
void receipt_note(struct member *member, pid_t pid, int signal); /* before the signal is sent */
void receipt_survivor(struct member *member, pid_t pid);
void receipt_left(struct member *member, pid_t pid);        /* alive, by the unit's own KillMode= */
void receipt_with(struct member *member, const char *name); /* a unit that is stopped with it */
json_t *receipt_json(struct member *member); /* what was done since it was opened; new reference */
void receipt_forget(struct member *member);
const char *groups_path(const struct manager *manager); /* NULL: there are none */
void groups_start(struct manager *manager);             /* finds out whether groups can be made */
int
groups_open(struct member *member); /* its directory, made if missing: a new descriptor or -errno */
/* names of units whose group has a live process; owned vector */
char **groups_populated(struct manager *manager);
int groups_look(struct member *member); /* an existing one, or -ENOENT */
char *groups_file(const struct member *member,
		  const char *file);       /* a file of its group; owned, or NULL */
void groups_remove(struct member *member); /* when empty; called by prepare_clean (no restart) and
					      member_free */
void groups_end(struct manager *manager);  /* tendd leaves: our own directory goes, when empty */

/* ---- notify.c, mainpid.c ---- */
const char *notify_open(struct member *member,
			struct err *err); /* path for NOTIFY_SOCKET, or NULL */
void notify_held(struct member *member,
		 int take_fd); /* the keeper gave its socket back (FRAME_HELD, HELD_NOTIFY) */
void notify_store_held(struct member *member, unsigned place, int take_fd); /* HELD_STORE + place */
void notify_hold(struct member *member);     /* a new keeper gets its socket */
void notify_adopt(struct member *member);    /* bound again when it died with its holders */
void notify_close(struct member *member);    /* called by prepare_clean */
bool notify_wanted(const struct unit *unit); /* does this unit get a NOTIFY_SOCKET? */
void notify_drop_store(struct member *member);
size_t notify_store_names(const struct member *member, struct buf *ret_names); /* LISTEN_FDNAMES */
void mainpid_find(struct member *member);                                      /* ORDER_FIND_MAIN */
void mainpid_stop(struct member *member);
bool mainpid_take(struct member *member,
		  pid_t pid); /* this process is main from now on (checked to be of the unit) */

/* ---- oom.c ---- */
void oom_start(struct manager *manager, int groups_dirfd); /* groups.c */
void oom_end(struct manager *manager);
void oom_launch(struct member *member,
		int group);             /* a process of its run is about to be launched into it */
void oom_resume(struct member *member); /* adopted */
void oom_forget(struct member *member);
bool
oom_came(struct member *member); /* was anything of it killed for want of memory in this run? */

/* ---- depend.c ---- */
/* start `member` with what it requires and wants, in order; false with words: a missing one, a
 * cycle. A restart is marked only: depend_begin_stops() follows, so that the order holds among
 * several */
bool depend_start(struct member *member, bool restart, struct err *err);
bool depend_is_after(const struct member *member, const struct member *other);
void depend_stop(struct member *member, const char *by); /* with what depends on it, in order */
/* the same of several: each is marked, then they are begun, so that the order holds among them */
void depend_mark_stop(struct member *member, const char *by);
void depend_begin_stops(struct manager *manager);
void depend_changed(struct member *member,
		    enum service_state old); /* carry.c, after each event (old may be the state
						itself): releases, failures, BindsTo */
void depend_trigger(struct member *member, bool success);
bool depend_is_released(struct member *member); /* nothing it is ordered after is on its way up */
void depend_register(struct member *member);    /* called by member_new and when its unit changes */
void depend_unregister(struct member *member);  /* called by member_free */

/* ---- requests.c: verbs that wait ---- */
void requests_dispatch(struct call *call, void *context); /* wire_server's function */
void requests_told(struct member *member, enum told told);
void requests_member_gone(struct member *member);
extern void (*const verb_functions[VERB_COUNT])(struct manager *manager, struct call *call);
#define VERB(id, method, who, flags, words)                                                        \
	void verb_##id(struct manager *manager, struct call *call);
#include "wire/verbs.def"
#undef VERB

/* ---- shown.c, sample.c: live things as JSON ---- */
json_t *shown_unit(struct member *member, bool brief);
json_t *shown_status(struct member *member);
json_t *
shown_text(const char *text); /* a string; bytes that are no UTF-8 are replaced; NULL is null */
json_t *shown_exit(const struct outcome *outcome); /* null when there is none */
json_t *shown_run(const struct run *run);
json_t *shown_notices(const struct manager *manager, const struct unit *unit); /* strings */
json_t *shown_started(struct member *member, bool ok, const char *text);
json_t *shown_result(struct member *member, bool ok, const char *error, const char *text);
char *shown_next(struct member *member); /* "will be started again in 3 s"; owned */
void sample_take(struct member *member); /* cpu, memory, tasks: now */
void
watch_tell(struct member *member); /* verb-watch.c: called by carry.c after each change of state */
void upgrade_told(struct manager *manager, int error); /* verb-upgrade.c: FRAME_UPGRADED */
/* verb-enable.c: is it enabled? start what is, at the first start of tendd on this boot (called
 * once after LIST_END) */
bool enable_is(const struct manager *manager, const char *name);
void enable_at_boot(struct manager *manager);
void delete_finish(struct member *member); /* verb-delete.c: a leaving member is down: files, tables
					      and the member itself go */
