/* What is to be forwarded is written into a memfd, a line for each log and address, and the
 * forwarder is started with it; when it changes the forwarder is ended and another is started,
 * which goes on where the one before it stood (forwarder.c). A log that nobody writes to any more
 * is no change: it is forwarded to its end. */
#include "logger/forwarding.h"
#include "base/clock.h"
#include "base/fd.h"
#include "base/path.h"
#include "base/str.h"
#include "logger/logfile.h"
#include "logger/logger.h"
#include <unistd.h>

static const int64_t SOON_NS = 20 * CLOCK_MS; /* many logs begin at a time */
static const int64_t AGAIN_NS = CLOCK_S;      /* one that ended by itself; doubling */
static const int64_t AGAIN_MOST_NS = 60 * CLOCK_S;
enum { CONFIG_MAX = 16 << 20 };

/* something of a log that has ended may be left to send */
static bool
has_places(const struct forwarding *forwarding)
{
	autofree char *path = path_join(forwarding->root_path, ".forward");

	return access(path, F_OK) == 0;
}

static bool
describe(const struct forwarding *forwarding, struct buf *buf)
{
	const struct log *log;
	size_t at = 0;
	bool any = has_places(forwarding);

	(void)buf_addf(buf, "%s\n", forwarding->root_path);
	while ((log = map_each(forwarding->logs, &at)) != NULL) {
		any |= log->forward != NULL;
		(void)buf_addf(buf, "%s\t%s\n", log->name, log->forward ? log->forward : "");
	}
	return any;
}

static void
begin(struct timer *timer)
{
	struct forwarding *forwarding = CONTAINER(timer, struct forwarding, timer);
	struct buf autodone(buf) text = { .max = CONFIG_MAX };
	struct helper_job job = { .role = "forwarder",
				  .executable = forwarding->executable,
				  .count = 1,
				  .run = logger_forward };
	autoclose int config = -1;

	helper_end(&forwarding->helper);
	if (!describe(forwarding, &text)) {
		return;
	}
	config = fd_memfd("forwarder");
	if (config < 0 || fd_write_all(config, text.data, text.length) < 0 ||
	    lseek(config, 0, SEEK_SET) < 0) {
		loop_arm(forwarding->loop, timer, clock_now() + AGAIN_NS);
		return;
	}
	job.fds[0] = config;
	if (helper_start(&forwarding->helper, forwarding->loop, &job) < 0) {
		loop_arm(forwarding->loop, timer, clock_now() + AGAIN_NS);
	}
}

static void
on_ended(struct helper *helper, bool well)
{
	struct forwarding *forwarding = CONTAINER(helper, struct forwarding, helper);

	if (well) { /* it has nothing to do */
		return;
	}
	forwarding->delay = MIN(MAX(2 * forwarding->delay, AGAIN_NS), AGAIN_MOST_NS);
	loop_arm(forwarding->loop, &forwarding->timer, clock_now() + forwarding->delay);
}

void
forwarding_init(struct forwarding *forwarding, struct loop *loop, const struct map *logs,
		const char *root_path, int executable)
{
	*forwarding = (struct forwarding){ .loop = loop,
					   .logs = logs,
					   .root_path = root_path,
					   .executable = executable,
					   .helper = { .watch = { .fd = -1 }, .ended = on_ended },
					   .timer = { .on = begin } };
	if (has_places(forwarding)) {
		loop_arm(loop, &forwarding->timer, clock_now() + SOON_NS);
	}
}

void
forwarding_done(struct forwarding *forwarding)
{
	helper_end(&forwarding->helper);
}

void
forwarding_set(struct forwarding *forwarding, struct log *log, const char *addresses)
{
	if (str_equal(log->forward ? log->forward : "", addresses)) {
		return;
	}
	str_replace(&log->forward, addresses[0] != '\0' ? addresses : NULL);
	forwarding->delay = 0;
	loop_arm(forwarding->loop, &forwarding->timer, clock_now() + SOON_NS);
}

void
forwarding_drop(struct forwarding *forwarding, struct log *log)
{
	if (log->forward &&
	    forwarding->timer.place != 0) { /* the forwarder has not heard of it yet */
		loop_disarm(forwarding->loop, &forwarding->timer);
		begin(&forwarding->timer);
	}
	str_replace(&log->forward, NULL);
}
