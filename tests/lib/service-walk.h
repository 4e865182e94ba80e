/* service-walk: a service led by bytes. The first bytes choose the unit, each of the others an
 * event, sensible or not: none of them may make it do anything that service-world.h forbids. At the
 * end, and now and then on the way, a willing world shows that it is not stuck: a stop leads down,
 * a start that meets no trouble leads up. */
#pragma once
#include "service-world.h"
#include <signal.h>

struct walk {
	const uint8_t *bytes;
	size_t length, at;
	struct unit *unit;
	struct service service;
	struct event e; /* now and chance go on from event to event */
};

static inline uint8_t
walk_byte(struct walk *w)
{
	return w->at < w->length ? w->bytes[w->at++] : 0;
}

static inline void
walk_set(struct unit *unit, const char *key, const char *value)
{
	struct err err = { 0 };

	CHECK(unit_set(unit, key, value, &err));
}

/* one bit of the choice each; a list of commands has none, one or two */
static inline void
walk_commands(struct unit *unit, const char *key, unsigned choice)
{
	if (choice & 1) {
		walk_set(unit, key, "/one");
	}
	if ((choice & 3) == 3) {
		walk_set(unit, key, "-/two");
	}
}

static inline struct unit *
walk_unit(struct walk *w)
{
	static const char *const types[] = { "simple", "exec",          "oneshot", "forking",
					     "notify", "notify-reload", "idle",    "forking" };
	static const char *const restarts[] = { "no",       "on-success",  "on-failure",
						"always",   "on-abnormal", "on-watchdog",
						"on-abort", "always" };
	static const char *const modes[] = { "control-group", "mixed", "process", "none" };
	struct unit *unit = unit_new("walk", NULL);
	unsigned a = walk_byte(w), b = walk_byte(w), c = walk_byte(w), d = walk_byte(w);
	bool oneshot = (a & 7) == 2;

	walk_set(unit, "Type", types[a & 7]);
	walk_set(unit, "Restart", oneshot ? "on-failure" : restarts[a >> 3 & 7]);
	walk_set(unit, "KillMode", modes[a >> 6]);
	walk_set(unit, "ExecStart", "/main");
	if (oneshot && b & 1) {
		walk_set(unit, "ExecStart", "-/again");
	}
	walk_commands(unit, "ExecCondition", b >> 1);
	walk_commands(unit, "ExecStartPre", b >> 3);
	walk_commands(unit, "ExecStartPost", b >> 5);
	walk_commands(unit, "ExecReload", c);
	walk_commands(unit, "ExecStop", c >> 2);
	walk_commands(unit, "ExecStopPost", c >> 4);
	walk_set(unit, "RemainAfterExit", c & 64 ? "yes" : "no");
	walk_set(unit, "SendSIGKILL", c & 128 ? "no" : "yes");
	walk_set(unit, "FinalKillSignal", d & 1 ? "SIGQUIT" : "SIGKILL");
	walk_set(unit, "WatchdogSec", d & 2 ? "3s" : "0");
	walk_set(unit, "RuntimeMaxSec", d & 4 ? "1min" : "infinity");
	walk_set(unit, "StartLimitIntervalSec", d & 8 ? "0" : "10s");
	walk_set(unit, "RestartKillSignal", "SIGUSR1");
	walk_set(unit, "RestartPreventExitStatus", "7");
	walk_set(unit, "RestartSteps", "3");
	walk_set(unit, "RestartMaxDelaySec", "1min");
	if (d & 16) {
		walk_set(unit, "BackoffFirstSec", "100ms");
	}
	if (d & 32) {
		walk_set(unit, "PIDFile", "/run/walk.pid");
	}
	if (d & 64) {
		walk_set(unit, "NotifyAccess", "all");
	}
	unit_finish(unit);
	CHECK(!unit->bad);
	return unit;
}

static inline void
walk_event(struct walk *w)
{
	struct orders out;
	unsigned kind = walk_byte(w), what = walk_byte(w);
	struct event e = { .kind = kind % EVENT_COUNT, .chance = what * 16843009U };

	e.now = w->e.now + (int64_t)(kind / EVENT_COUNT) * CLOCK_S / 4;
	e.part = what & 1 ? PART_CONTROL : PART_MAIN;
	e.timer = what % TIMER_COUNT;
	e.span = (int64_t)(what >> 4) * CLOCK_S;
	e.outcome =
		(struct outcome){ .known = (what & 6) != 6,
				  .signalled = what & 8,
				  .core = what & 16,
				  .oom = what & 32,
				  .value = what & 8 ? 1 + what / 8 : (what & 2 ? what / 8 : 0) };
	if (e.kind == EVENT_DEADLINE && w->service.deadline[e.timer] != CLOCK_NEVER &&
	    !(what & 128)) {
		e.now = MAX(e.now, w->service.deadline[e.timer]);
	}
	w->e.now = e.now;
	if (what == 255) {
		world_resume(&w->service, e.now, &out);
	} else {
		world_take(&w->service, &e, &out);
	}
}

/* what a willing world does after a request, until nothing is waited for; it must not take for ever
 */
static inline void
walk_settle(struct walk *w, enum event_kind asked)
{
	struct orders out;
	struct event e = { .kind = asked, .now = w->e.now, .chance = 0 };

	world_take(&w->service, &e, &out);
	for (int steps = 0; world_next(&w->service, &e); steps++) {
		CHECK(steps < 200);
		world_take(&w->service, &e, &out);
	}
	w->e.now = e.now;
}

static inline void
walk_show_not_stuck(struct walk *w)
{
	walk_settle(w, EVENT_ASKED_STOP);
	CHECK(service_is_down(&w->service));
	walk_settle(w, EVENT_ASKED_RESET);
	walk_settle(w, EVENT_ASKED_START);
	CHECK(service_is_up(&w->service) || w->service.state == SERVICE_DONE);
}

static inline void
walk(const uint8_t *bytes, size_t length)
{
	struct walk w = { .bytes = bytes, .length = length, .e = { .now = CLOCK_S } };

	service_strict = true;
	w.unit = walk_unit(&w);
	service_init(&w.service, w.unit);
	while (w.at < w.length) {
		walk_event(&w);
		if (w.at % 64 == 0) {
			walk_show_not_stuck(&w);
		}
	}
	walk_show_not_stuck(&w);
	unit_unref(w.unit);
}
