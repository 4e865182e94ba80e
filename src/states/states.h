/* states: what happens next. Pure rules: (state, event) -> state and orders. No system call, no
 * clock, no allocation; time and chance arrive in the event, effects go out as orders which the
 * manager carries out in order.
 *
 * Used by manager/ (the only one that feeds events) and by tests/states (stories). Owns nothing: a
 * struct service lies in the manager's member and borrows its unit.
 *
 * 1. service_init()  2. service_take(service, event, orders): the only entrance; it may be called
 * again at once with the next event.  3. service_record() / service_restore() for the ledger: a
 * record is written whenever it differs from the last one, before the orders of that event are
 * carried out.  4. after a take-over: service_resume().
 *
 * HELD is answered by the manager with RELEASED or DEPENDENCY, sooner or later. An event that
 * comes twice, too late or for a part that is not alive does nothing; each order may be carried
 * out twice.
 *
 * The children of a service are named by their part, never by pid: MAIN (the process the service
 * is) and CONTROL (the one helper command that may run: condition, pre, post, reload, stop,
 * stop-post). What else is alive of it is "kin": the manager looks for it when told (SWEEP) and
 * answers with EMPTY or REMAIN.
 *
 * Must never: name a pid, know a file, keep a pointer to an event. */
#pragma once
#include "unit/unit.h"

/* ---- states ---- */
enum service_state {
	SERVICE_STOPPED,   /* nothing runs; why says how it came to that */
	SERVICE_HELD,      /* asked to start, waits for what it is ordered after */
	SERVICE_CONDITION, /* ExecCondition */
	SERVICE_PRE,       /* ExecStartPre */
	SERVICE_START,     /* the main command, until it counts as started: exec'd, READY ... */
	SERVICE_POST,      /* ExecStartPost; main may run already */
	SERVICE_RUNNING,
	SERVICE_EXITED,     /* RemainAfterExit: up without a process */
	SERVICE_RELOADING,  /* ExecReload, or after RELOADING=1 until READY=1 */
	SERVICE_STOPPING,   /* ExecStop */
	SERVICE_TERM,       /* stop signal sent, waiting until all is gone */
	SERVICE_KILL,       /* SIGKILL sent */
	SERVICE_ABORT,      /* watchdog signal sent */
	SERVICE_STOP_POST,  /* ExecStopPost */
	SERVICE_FINAL_TERM, /* what is left after it gets the stop signal */
	SERVICE_FINAL_KILL, /* and SIGKILL */
	SERVICE_WAITING,    /* the pause before the next start */
	SERVICE_DONE,       /* ended well by itself */
	SERVICE_FAILED,
	SERVICE_STATE_COUNT
};

enum shown {
	SHOWN_STARTING,
	SHOWN_RUNNING,
	SHOWN_RELOADING,
	SHOWN_STOPPING,
	SHOWN_STOPPED,
	SHOWN_WAITING,
	SHOWN_FAILED,
	SHOWN_DONE,
	SHOWN_COUNT
};

/* why it is down, or is going down */
enum why {
	WHY_NONE, /* never started, or runs */
	WHY_ASKED,
	WHY_EXIT_CODE,
	WHY_SIGNAL,
	WHY_CORE,
	WHY_OOM,
	WHY_TIMEOUT,
	WHY_RUNTIME, /* RuntimeMaxSec */
	WHY_WATCHDOG,
	WHY_DEPENDENCY,
	WHY_START_LIMIT,
	WHY_EXEC,      /* it could not be launched; the words are with the run */
	WHY_PROTOCOL,  /* ended without what its type promises (READY, a pid file) */
	WHY_CONDITION, /* skipped by ExecCondition */
	WHY_UNKNOWN,   /* ended, and the kernel could not say how */
	WHY_SURVIVORS, /* something of it would not die */
	WHY_COUNT
};

enum part { PART_MAIN, PART_CONTROL, PART_COUNT };

/* which list of the unit the control or main command is from */
enum step {
	STEP_NONE,
	STEP_CONDITION,
	STEP_PRE,
	STEP_START,
	STEP_POST,
	STEP_RELOAD,
	STEP_STOP,
	STEP_STOP_POST,
	STEP_COUNT
};

/* ---- events ---- */
struct outcome { /* how a process ended; code and signal are two things, not known is a third */
	bool known;
	bool signalled;
	bool core;
	bool oom;  /* the cgroup counted an out-of-memory kill */
	int value; /* the code or the signal */
};

enum event_kind {
	EVENT_ASKED_START,
	EVENT_ASKED_STOP,
	EVENT_ASKED_RESTART, /* as stop then start; when stopped: start */
	EVENT_ASKED_RELOAD,
	EVENT_ASKED_RESET,   /* forget failures and counters */
	EVENT_RELEASED,      /* what HELD waited for is there */
	EVENT_DEPENDENCY,    /* something it requires failed: do not start, or stop (BindsTo) */
	EVENT_PREPARED,      /* answer to PREPARE: log, directories, users are there */
	EVENT_UNPREPARED,    /* they could not be made: as LAUNCH_FAILED of main */
	EVENT_EXECED,        /* part: the program runs (its error pipe closed) */
	EVENT_LAUNCH_FAILED, /* part: fork or set-up or exec failed */
	EVENT_EXITED,        /* part, outcome */
	EVENT_MAIN_FOUND,    /* forking: pid file read or guessed; a main that is watched now */
	EVENT_MAIN_MISSING,  /* forking: no pid file (yet), or nothing to guess */
	EVENT_READY,         /* READY=1 */
	EVENT_RELOADING,     /* RELOADING=1 */
	EVENT_STOPPING,      /* STOPPING=1 */
	EVENT_ALIVE,         /* WATCHDOG=1 */
	EVENT_TRIGGER,       /* WATCHDOG=trigger */
	EVENT_OOM,           /* something of it was killed for want of memory */
	EVENT_EXTEND,        /* EXTEND_TIMEOUT_USEC: span */
	EVENT_WATCHDOG_SPAN, /* WATCHDOG_USEC: span */
	EVENT_EMPTY,         /* answer to SWEEP: nothing of it is alive */
	EVENT_REMAIN,        /* answer to SWEEP(look only): something is */
	EVENT_SURVIVED,      /* answer to a sweep that killed: something will not die */
	EVENT_DEADLINE,      /* the armed timer: timer says which */
	EVENT_COUNT
};

enum service_timer { TIMER_STATE, TIMER_RUNTIME, TIMER_WATCHDOG, TIMER_COUNT };

struct event {
	enum event_kind kind;
	int64_t now;     /* monotonic */
	uint32_t chance; /* a random number, for jitter */
	enum part part;
	enum service_timer timer;
	struct outcome outcome;
	int64_t span;
};

/* ---- orders ---- */
enum order_kind {
	/* make directories, open the log, begin a run; answer PREPARED or UNPREPARED */
	ORDER_PREPARE,
	/* part, step, index: that command; answer EXECED or LAUNCH_FAILED, later EXITED */
	ORDER_LAUNCH,
	/* signal, whom; with_hup: SIGHUP after it, with_cont: SIGCONT after it */
	ORDER_SIGNAL,
	/* signal 0: only look -> EMPTY or REMAIN (asked again by itself when something ends, until
	 * EMPTY); SIGKILL: kill until nothing is left -> EMPTY or SURVIVED */
	ORDER_SWEEP,
	ORDER_ARM,    /* timer, at (monotonic) */
	ORDER_DISARM, /* timer */
	/* read PIDFile= or guess; answer MAIN_FOUND or MAIN_MISSING (asked again when the file
	 * changes) */
	ORDER_FIND_MAIN,
	/* the run is over: why and outcome are in the service; write it down. What is left of it
	 * (KillMode=none, SURVIVED) is watched no more: its end and what a look at it found are not
	 * told, a sweep that goes on ends */
	ORDER_RUN_ENDED,
	ORDER_CLEAN,   /* runtime directories, stored descriptors (unless kept for a restart) */
	ORDER_TELL,    /* those who wait for it: what (below) */
	ORDER_TRIGGER, /* OnFailure= / OnSuccess= units */
	ORDER_KIND_COUNT
};

enum whom {
	WHOM_MAIN,
	WHOM_CONTROL,
	WHOM_ALL,  /* main, control and kin */
	WHOM_MIXED /* MAIN now; kin only by SIGKILL */
};

/* what waiting requests are told; a request may wait for several */
enum told {
	TOLD_UP,     /* start (or restart) succeeded */
	TOLD_NOT_UP, /* it failed or was skipped or cancelled: service.why */
	/* nothing of it is alive any more (stopped, done or failed), no automatic restart is
	 * pending; a start that was asked for meanwhile (or an asked restart) may follow: HELD */
	TOLD_DOWN,
	TOLD_RELOADED,
	TOLD_NOT_RELOADED,
	TOLD_WAITING /* it ended and will be started again after a pause */
};

struct order {
	enum order_kind kind;
	enum part part;
	enum step step;
	enum whom whom;
	enum service_timer timer;
	enum told told;
	bool with_hup, with_cont;
	bool success; /* TRIGGER */
	bool restart; /* CLEAN: a restart follows */
	int signal;
	unsigned index;
	int64_t at;
};

enum { ORDERS_MAX = 24 };
struct orders {
	struct order list[ORDERS_MAX];
	size_t count;
};
void orders_add(struct orders *orders, struct order order);

/* ---- the service ---- */
enum wish { WISH_NONE, WISH_START, WISH_STOP }; /* what follows once it is down */

struct service {
	const struct unit *unit; /* borrowed */
	enum service_state state;
	enum why why; /* of the last (or current) way down */
	enum wish wish;
	enum step step;         /* of the control command that runs, or of a main in START */
	unsigned index;         /* of the command in its step */
	bool alive[PART_COUNT]; /* launched and not yet ended */
	bool main_known;        /* outcome below is of a main of this run */
	bool asked;             /* the way down was asked for: no automatic restart */
	bool restarting;        /* the way down is a restart */
	bool was_up;            /* this run reached RUNNING */
	bool skipped;
	bool ready_seen;
	bool reloading;                /* RELOADING=1 was said, and READY=1 not yet since then */
	bool signalled;                /* TERM, ABORT, FINAL_TERM: the signal was ordered */
	bool delivered;                /* and was sent: a look ordered after it was answered */
	bool swept;                    /* EMPTY came, and nothing was launched since */
	struct outcome outcome;        /* of main */
	int64_t entered;               /* when the state began, monotonic */
	int64_t started;               /* when this run began */
	int64_t up_since;              /* when it reached RUNNING */
	int64_t deadline[TIMER_COUNT]; /* CLOCK_NEVER: not armed */
	int64_t watchdog;              /* in force: WatchdogSec= or WATCHDOG_USEC */
	int64_t limit_from;            /* StartLimit: begin of the interval */
	unsigned limit_starts;         /* starts in it */
	unsigned restarts;             /* automatic ones since the last asked start */
	unsigned pauses;               /* consecutive ones without a good life between */
};

void service_init(struct service *service, const struct unit *unit);
/* The one entrance; ret_orders->count is set to 0 first. */
void service_take(struct service *service, const struct event *event, struct orders *ret_orders);

/* ---- words ---- */
const char *service_state_name(enum service_state state); /* "start-pre": traces, ledger */
const char *shown_name(enum shown shown);
const char *why_name(enum why why); /* "exit-code" */
const char *event_name(enum event_kind kind);
const char *order_name(enum order_kind kind);
const char *step_name(enum step step); /* "ExecStartPre" */
const struct commands *step_commands(const struct unit *unit, enum step step);
enum shown service_shown(const struct service *service);
bool service_is_up(const struct service *service);   /* started: RUNNING EXITED RELOADING */
bool service_is_down(const struct service *service); /* STOPPED DONE FAILED */
/* NONE, EXIT_CODE, SIGNAL, CORE, OOM or UNKNOWN: what an end means for the run */
enum why outcome_why(const struct unit *unit, const struct outcome *outcome);
bool outcome_is_success(const struct unit *unit, const struct outcome *outcome);
/* "exit code 3", "SIGKILL", "SIGSEGV (core dumped)", "unknown"; returns buffer */
const char *outcome_show(const struct outcome *outcome, char *buffer, size_t size);

/* tracing: called with each change, "web: running > stopping because asked-stop", and with
 * old == service->state for an event that its state calls impossible; NULL switches it off */
extern void (*service_trace)(const struct service *service, enum service_state old,
			     const struct event *event);
/* tests: an event that its state calls impossible is a failed CHECK; else it is traced and the
 * state stays */
extern bool service_strict;

/* ---- the record (ledger): "key value" lines; unknown keys are skipped ---- */
void service_record(const struct service *service, struct buf *ret_text);
/* one line, into a service that was service_init()ed; false if it is not one of ours (the caller
 * has lines of its own). Values out of range are refused like unknown keys; a deadline is kept as
 * it is: monotonic time is the same after a restart of the manager on the same boot */
bool service_restore(struct service *service, const char *key, const char *value);
/* after restoring: true when the fields make sense together; else the caller asks the live
 * processes */
bool service_is_sane(const struct service *service);
/* A service that has just been restored: gives the orders that an interrupted manager may not
 * have carried out. The manager feeds EXECED, EXITED ... for what became of its parts meanwhile
 * afterwards, and decides itself about the LAUNCH of a part that should be alive and was never
 * launched (it knows the keeper's list). By state:
 *   every state         ARM of each timer that was armed. The watchdog counts anew from now:
 *                       nobody may have listened
 *   STOPPED DONE FAILED CLEAN, if there ever was a run
 *   HELD                nothing: the manager looks at every held service anyway
 *   CONDITION           PREPARE, if it was not answered
 *   START POST          FIND_MAIN, where a forking service's main is still looked for, and SWEEP
 *                       to look
 *   RUNNING RELOADING   SWEEP to look, where no main is known and the service lives as long as
 *                       anything of it
 *   RELOADING           SIGHUP of Type=notify-reload again, until it said RELOADING=1: one reload
 *                       more is harmless
 *   TERM ABORT FINAL_TERM  the signal again if it is not known to have been sent (a second one
 *                       makes some programs hurry), with its whole time; SWEEP to look
 *   KILL FINAL_KILL     all of it again
 *   WAITING             CLEAN with restart
 * TELL and TRIGGER are not given again: who waited is gone, and what OnFailure= starts must not
 * start twice. */
void service_resume(struct service *service, int64_t now, struct orders *ret_orders);

/* ---- pauses (restart.c) ---- */
/* StartLimit: counts a start; false: too many */
bool restart_is_allowed(struct service *service, int64_t now);
/* does it restart after this end, by Restart=, RestartPrevent/Force, Success...? */
bool restart_is_due(const struct service *service);
/* the pause before the next try; pure: from the counters, the unit and chance */
int64_t restart_pause(const struct service *service, uint32_t chance);
