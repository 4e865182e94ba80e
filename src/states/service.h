/* service: what the files of this folder share: the row of a state, and the few steps that every
 * state is made of. Included by states/ alone; states.h is the door.
 *
 * A function `on` answers an event with the state that follows (its own: it stays). A function
 * `enter` begins a state and may answer with another one right away: a state without work of its
 * own is passed through.
 *
 * Must never: assign service.state (service.c does), order a LAUNCH except by service_launch_...().
 */
#pragma once
#include "states/states.h"

enum patience {
	PATIENCE_NONE,
	PATIENCE_START,
	PATIENCE_STOP,
	PATIENCE_ABORT,
	PATIENCE_KILL,
	PATIENCE_PAUSE
};

enum {
	PARTS_NONE = 0,
	PARTS_MAIN = 1 << PART_MAIN,
	PARTS_CONTROL = 1 << PART_CONTROL,
	PARTS_ALL = 3
};

struct row {
	const char *name;
	enum shown shown;
	enum patience patience; /* what TIMER_STATE allows it */
	unsigned parts;         /* those that may be alive in it */
	enum step step;         /* whose commands its control part runs */
	bool up;                /* counts as started */
	bool down;              /* at rest: nothing of it is alive and nothing is pending */
	bool timed;             /* RuntimeMaxSec= goes on counting */
	bool watched;           /* WatchdogSec= goes on counting */
	bool final;             /* after ExecStopPost= */
	enum service_state (*enter)(struct service *s, const struct event *e, struct orders *out);
	enum service_state (*on)(struct service *s, const struct event *e, struct orders *out);
};
extern const struct row service_rows[SERVICE_STATE_COUNT];

#define IGNORE(s) ((s)->state)
#define IMPOSSIBLE(s, e) service_impossible(s, e)
enum service_state service_impossible(struct service *s, const struct event *e);

/* ---- service.c ---- */
void service_tell(struct orders *out, enum told told);
/* the first reason for a way down is the one that is shown; WHY_NONE is no reason */
void service_fail(struct service *s, enum why why);
/* OOMPolicy=stop: something of it was killed for want of memory, so it goes down for that */
bool service_minds_oom(struct service *s);
/* ASKED_STOP, ASKED_RESTART or DEPENDENCY: the way down is asked for from now on */
void service_ask_down(struct service *s, const struct event *e, struct orders *out);
void service_forget(struct service *s); /* ASKED_RESET: every counter */
bool service_any_alive(const struct service *s);
/* Type=forking without a known main: it lives as long as anything of it is alive */
bool service_lives_by_kin(const struct service *s);
/* forking: the command that forks has ended well, and whom it left behind is not known yet */
bool service_seeks_main(const struct service *s);
/* MAIN_FOUND: this process is the service from now on */
void service_adopt_main(struct service *s);
int64_t service_later(int64_t now, int64_t span); /* never past CLOCK_NEVER */
void service_set_timer(struct service *s, enum service_timer timer, int64_t at, struct orders *out);
/* ALIVE, WATCHDOG_SPAN, EXTEND: only timers change */
enum service_state service_keep(struct service *s, const struct event *e, struct orders *out);

/* ---- commands (service-launch.c) ---- */
/* false: the unit has no command for this step */
bool service_launch_first(struct service *s, enum step step, struct orders *out);
/* the one after the command that just ended, with the state's whole time; false: that was the last
 */
bool service_launch_next(struct service *s, const struct event *e, struct orders *out);
/* what this EXITED or LAUNCH_FAILED means: WHY_NONE is success, also by `-` */
enum why service_launch_result(const struct service *s, const struct event *e);

/* ---- at rest (service-rest.c) ---- */
enum service_state service_rest_down_on(struct service *s, const struct event *e,
					struct orders *out);
enum service_state service_rest_held_on(struct service *s, const struct event *e,
					struct orders *out);
enum service_state service_rest_waiting_on(struct service *s, const struct event *e,
					   struct orders *out);
/* the last orders before one of the down states; started: those who wait for the start have been
 * told already */
enum service_state service_rest_in(struct service *s, enum service_state state, bool started,
				   struct orders *out);

/* ---- on the way up (service-start.c) ---- */
enum service_state service_start_condition_enter(struct service *s, const struct event *e,
						 struct orders *out);
enum service_state service_start_condition_on(struct service *s, const struct event *e,
					      struct orders *out);
enum service_state service_start_pre_enter(struct service *s, const struct event *e,
					   struct orders *out);
enum service_state service_start_pre_on(struct service *s, const struct event *e,
					struct orders *out);
enum service_state service_start_main_enter(struct service *s, const struct event *e,
					    struct orders *out);
enum service_state service_start_main_on(struct service *s, const struct event *e,
					 struct orders *out);
enum service_state service_start_post_enter(struct service *s, const struct event *e,
					    struct orders *out);
enum service_state service_start_post_on(struct service *s, const struct event *e,
					 struct orders *out);

/* ---- up (service-up.c) ---- */
enum service_state service_up_running_enter(struct service *s, const struct event *e,
					    struct orders *out);
enum service_state service_up_running_on(struct service *s, const struct event *e,
					 struct orders *out);
enum service_state service_up_exited_on(struct service *s, const struct event *e,
					struct orders *out);
enum service_state service_up_reloading_enter(struct service *s, const struct event *e,
					      struct orders *out);
enum service_state service_up_reloading_on(struct service *s, const struct event *e,
					   struct orders *out);

/* ---- on the way down (service-stop.c) ---- */
enum service_state service_stop_command_enter(struct service *s, const struct event *e,
					      struct orders *out);
enum service_state service_stop_command_on(struct service *s, const struct event *e,
					   struct orders *out);
enum service_state service_stop_term_enter(struct service *s, const struct event *e,
					   struct orders *out);
enum service_state service_stop_term_on(struct service *s, const struct event *e,
					struct orders *out);
enum service_state service_stop_kill_enter(struct service *s, const struct event *e,
					   struct orders *out);
enum service_state service_stop_kill_on(struct service *s, const struct event *e,
					struct orders *out);
enum service_state service_stop_post_enter(struct service *s, const struct event *e,
					   struct orders *out);
enum service_state service_stop_post_on(struct service *s, const struct event *e,
					struct orders *out);
/* the run is over: what follows */
enum service_state service_stop_over(struct service *s, const struct event *e, struct orders *out);
/* TERM, ABORT, FINAL_TERM: their signal to whom KillMode= names */
void service_stop_signal(struct service *s, struct orders *out);
bool service_stop_sweeps(const struct service *s); /* KillMode= cares for all of it */
