/* Two renames, the log before its index; in between the index alone is still called current, which
 * is how a half-done rotation is known. A closed segment's name is the time of its first record,
 * but always later than the one before it, so that the order of names is the order of bytes even
 * when the clock was set back. */
#include "logger/logfile-rotate.h"
#include "base/clock.h"
#include "base/fd.h"
#include "base/str.h"
#include "logger/logfile.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

enum { NAME_SIZE = 40 };

static void
name_of(int64_t first, const char *suffix, char *ret_name)
{
	(void)snprintf(ret_name, NAME_SIZE, "%lld.%s", (long long)first, suffix);
}

/* the youngest closed segment; NULL: there is none */
static const struct segment *
youngest(const struct segments *segments)
{
	const struct segment *found = NULL;

	LIST_EACH(segment, &segments->list, struct segment, link) {
		found = str_equal(segment->name, "current") ? found : segment;
	}
	return found;
}

static int
recover_index(int dirfd)
{
	struct segments segments;
	const struct segment *last;
	char name[NAME_SIZE];
	int r = segments_read(dirfd, &segments);

	if (r < 0) {
		return r;
	}
	last = youngest(&segments);
	if (last) {
		name_of(last->first, "idx", name);
	}
	if (!last || faccessat(dirfd, name, F_OK, 0) == 0) {
		r = unlinkat(dirfd, "current.idx", 0); /* its log was removed by hand */
	} else {
		r = renameat(dirfd, "current.idx", dirfd, name);
	}
	r = r < 0 ? -errno : 0;
	segments_done(&segments);
	return r;
}

int
logfile_rotate_recover(int dirfd)
{
	struct stat st;

	if (fstatat(dirfd, "current", &st, AT_SYMLINK_NOFOLLOW) == 0 || errno != ENOENT) {
		return 0;
	}
	if (fstatat(dirfd, "current.idx", &st, AT_SYMLINK_NOFOLLOW) < 0 || st.st_size == 0) {
		return 0;
	}
	return recover_index(dirfd);
}

static int
rename_both(int dirfd, int64_t first)
{
	char log[NAME_SIZE], idx[NAME_SIZE];
	int r;

	do { /* nothing is ever overwritten */
		name_of(first, "log", log);
		name_of(first++, "idx", idx);
		r = renameat2(dirfd, "current", dirfd, log, RENAME_NOREPLACE);
	} while (r < 0 && errno == EEXIST);
	if (r < 0 && errno == EINVAL) { /* this file system cannot tell; the name is new anyway */
		r = renameat(dirfd, "current", dirfd, log);
	}
	if (r == 0) {
		r = renameat(dirfd, "current.idx", dirfd, idx);
	}
	return r < 0 ? -errno : 0;
}

int
logfile_rotate(struct logfiles *files, struct log *log)
{
	autoclose int dirfd = fd_raise(
		openat(files->root, log->name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
	const struct segment *last;
	struct segments segments;
	int64_t first;
	int r;

	r = dirfd < 0 ? dirfd : segments_read(dirfd, &segments);
	if (r < 0) {
		logfile_close(files, log); /* it is opened, and made, again */
		return r == -ENOENT ? 0 : r;
	}
	last = youngest(&segments);
	first = log->file->first > 0 ? log->file->first : clock_wall();
	if (last && first <= last->first) {
		first = last->first + 1;
	}
	log->closed_inode = logfile_inode(log);
	log->closed_size = log->file->size;
	logfile_close(files, log);
	r = rename_both(dirfd, first);
	if (r == 0) {
		quota_rotated(files, log, dirfd, &segments);
		if (log->compress) {
			packing_want(&files->packing, log->name);
		}
	}
	segments_done(&segments);
	return r == -ENOENT ? 0 : r; /* removed by hand: what is gone is not rotated */
}

int
logfile_rotate_idle(int dirfd)
{
	const struct segment *last;
	struct segments segments;
	int64_t first = 0;
	int r = logfile_rotate_recover(dirfd);

	r = r < 0 ? r : segments_read(dirfd, &segments);
	if (r < 0) {
		return r;
	}
	last = youngest(&segments);
	LIST_EACH(segment, &segments.list, struct segment, link) {
		first = str_equal(segment->name, "current") ? segment->first : first;
	}
	first = first > 0 ? first : clock_wall();
	if (last && first <= last->first) {
		first = last->first + 1;
	}
	segments_done(&segments);
	return rename_both(dirfd, first);
}
