/* The helper makes the packed file, the logger puts it in its place: so whatever dies, names in a
 * log's directory are changed by the one writer alone. One that failed is tried again a few times,
 * later each time; then it stays plain until the log's next segment is closed. */
#include "logger/packing.h"
#include "base/check.h"
#include "base/clock.h"
#include "base/fd.h"
#include "base/str.h"
#include "logger/logfile.h"
#include "logger/logger.h"
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const int64_t AGAIN_NS = CLOCK_S; /* doubling */
/* directories looked through at a time, then the pipes' turn */
enum { LOOKS = 4, FAILURES = 5, DIRECTORY_FD = 3 };

static int
open_directory(const struct packing *packing, const char *log)
{
	return fd_raise(
		openat(packing->files->root, log, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
}

static void
forget(struct packing *packing, const char *log)
{
	free(map_remove(&packing->wanted, log));
}

/* the oldest plain one that is closed; owned, NULL if there is none */
static char *
find_segment(int dirfd)
{
	struct segments segments;
	char *found = NULL;

	pack_tidy(dirfd);
	if (segments_read(dirfd, &segments) < 0) {
		return NULL;
	}
	LIST_EACH(segment, &segments.list, struct segment, link) {
		if (!found && !segment->packed && !str_equal(segment->name, "current")) {
			found = str_dup(segment->name);
		}
	}
	segments_done(&segments);
	return found;
}

static void
fail(struct packing *packing, const char *log)
{
	if (++packing->failures >= FAILURES) {
		packing->failures = 0;
		forget(packing, log);
		loop_arm(packing->loop, &packing->timer, clock_now());
		return;
	}
	loop_arm(packing->loop, &packing->timer, clock_now() + (AGAIN_NS << packing->failures));
}

/* false: nothing of this log is left to pack */
static bool
begin(struct packing *packing, const char *log)
{
	autoclose int dirfd = open_directory(packing, log);
	autofree char *segment = dirfd < 0 ? NULL : find_segment(dirfd);
	struct helper_job job = { .role = "packer",
				  .argument = segment,
				  .executable = packing->executable,
				  .fds = { dirfd },
				  .count = 1,
				  .idle = true,
				  .run = logger_pack };

	if (dirfd == -EMFILE || dirfd == -ENFILE) {
		fail(packing, log);
		return true;
	}
	if (!segment) {
		return false;
	}
	if (helper_start(&packing->helper, packing->loop, &job) < 0) {
		fail(packing, log);
		return true;
	}
	packing->log = str_dup(log);
	packing->segment = str_dup(segment);
	return true;
}

static void
go_on(struct timer *timer)
{
	struct packing *packing = CONTAINER(timer, struct packing, timer);

	for (int i = 0; i < LOOKS; i++) {
		size_t at = 0;
		char *log = map_each(&packing->wanted, &at);

		if (!log || helper_runs(&packing->helper)) {
			break;
		}
		if (begin(packing, log)) {
			return;
		}
		forget(packing, log);
	}
	if (packing->wanted.count == 0) {
		map_done(&packing->wanted); /* gives the memory back, too */
		map_init(&packing->wanted);
	} else if (!helper_runs(&packing->helper)) {
		loop_arm(packing->loop, timer, clock_now());
	}
}

static int64_t
size_of(int dirfd, const char *name, const char *suffix)
{
	autofree char *whole = str_format("%s%s", name, suffix);
	struct stat st;

	return fstatat(dirfd, whole, &st, AT_SYMLINK_NOFOLLOW) == 0 ? (int64_t)st.st_size : 0;
}

static void
on_ended(struct helper *helper, bool well)
{
	struct packing *packing = CONTAINER(helper, struct packing, helper);
	autofree char *log = packing->log, *segment = packing->segment;
	autoclose int dirfd = open_directory(packing, log);
	int r = 0;

	packing->log = packing->segment = NULL;
	if (well && dirfd >= 0) {
		int64_t before = size_of(dirfd, segment, "");

		r = pack_commit(dirfd, segment);
		well = r == 0 || r == -ENOENT;
		if (r == 0) {
			quota_count(&packing->files->quota,
				    size_of(dirfd, segment, ".zst") - before);
		}
	}
	if (!well && dirfd >= 0) {
		fail(packing, log);
		return;
	}
	packing->failures = 0;
	loop_arm(packing->loop, &packing->timer, clock_now());
}

void
packing_init(struct packing *packing, struct loop *loop, struct logfiles *files, int executable)
{
	*packing = (struct packing){ .loop = loop,
				     .files = files,
				     .executable = executable,
				     .helper = { .watch = { .fd = -1 }, .ended = on_ended },
				     .timer = { .on = go_on } };
	map_init(&packing->wanted);
}

void
packing_done(struct packing *packing)
{
	char *log;
	size_t at = 0;

	helper_end(&packing->helper);
	while ((log = map_each(&packing->wanted, &at)) != NULL) {
		forget(packing, log);
	}
	map_done(&packing->wanted);
	free(packing->log);
	free(packing->segment);
}

void
packing_want(struct packing *packing, const char *log)
{
	char *name;

	if (!packing->loop || map_get(&packing->wanted, log)) {
		return;
	}
	name = str_dup(log);
	map_set(&packing->wanted, name, name);
	if (!helper_runs(&packing->helper) && packing->timer.place == 0) {
		loop_arm(packing->loop, &packing->timer, clock_now());
	}
}

int
logger_pack(const char *segment)
{
	return pack_segment(DIRECTORY_FD, segment) < 0;
}
