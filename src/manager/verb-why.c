/* verb-why: the last runs, and what comes next and when. Answered when what was written before an
 * end is in the log. */
#include "manager/requests.h"
#include "base/path.h"

static json_t *
why_runs(struct member *member)
{
	struct run runs[LIMIT_RUNS];
	size_t count = runs_read(member->manager, member->name, runs, LIMIT_RUNS);
	json_t *array = json_array();

	if (member->in_run) { /* the one that goes on */
		const struct run now = { .number = member->run,
					 .started = member->run_wall,
					 .pid = (pid_t)member_pid(member),
					 .up = member->service.was_up };
		(void)json_array_append_new(array, shown_run(&now));
	}
	for (size_t i = 0; i < count; i++) {
		(void)json_array_append_new(array, shown_run(&runs[i]));
	}
	runs_done(runs, count);
	return array;
}

static json_t *
why_make(struct request_item *item, enum told told UNUSED)
{
	struct member *member = item->member;
	autofree char *log = path_join(member->manager->places->log, member->name);
	autofree char *next = shown_next(member);
	double at = (double)(clock_wall() + member->service.deadline[TIMER_STATE] - clock_now());

	return json_pack(
		"{s:o, s:s, s:o, s:o, s:o, s:o, s:o, s:o}", "name", shown_text(member->name),
		"state", shown_name(service_shown(&member->service)), "why",
		member->service.why == WHY_NONE ? json_null()
						: json_string(why_name(member->service.why)),
		"next", shown_text(next), "next_try",
		member->service.state == SERVICE_WAITING ? json_real(at / 1e9) : json_null(), "log",
		shown_text(log), "runs", why_runs(member), "text", shown_text(member->failure));
}

static void
why_answer(struct call *call, struct member *member)
{
	struct request_item item = { .member = member };

	call_reply(call, why_make(&item, TOLD_DOWN));
}

struct why_wait {
	struct call *call;
	struct manager *manager;
	char *name;
};

static void
why_gone(struct call *call)
{
	struct why_wait *wait = call->context;

	wait->call = NULL; /* the logger's answer frees it */
}

static void
why_drained(void *context)
{
	struct why_wait *wait = context;
	struct member *member = member_find(wait->manager, wait->name);

	if (wait->call) {
		wait->call->gone = NULL;
		if (member) {
			why_answer(wait->call, member);
		} else {
			call_fail(wait->call, "NoSuchUnit", json_pack("{s:s}", "name", wait->name));
		}
	}
	free(wait->name);
	free(wait);
}

void
verb_why(struct manager *manager, struct call *call)
{
	struct member *member = requests_member(manager, call);
	struct why_wait *wait;

	if (!member) {
		return;
	}
	/* also when the pipe has been given up: the logger may not have read it to its end yet */
	wait = calloc(1, sizeof(*wait));
	CHECK(wait);
	*wait = (struct why_wait){ call, manager, str_dup(member->name) };
	call->context = wait;
	call->gone = why_gone;
	pipes_drained(member, why_drained, wait);
}
