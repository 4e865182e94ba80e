/* Following: inotify on the directory, and on its parent for the case that the directory is removed
 * by hand and made again (a directory that somebody holds open tells nothing of its own removal).
 * What the events say does not matter, only that there were some: reader_next looks for itself. */
#include "store/reader.h"
#include "base/fd.h"
#include "base/path.h"
#include <errno.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

static void
watch(struct reader *reader)
{
	/* the same directory gives the same watch again */
	reader->watched = inotify_add_watch(reader->inotify, reader->directory,
					    IN_MODIFY | IN_CREATE | IN_DELETE | IN_MOVED_FROM |
						    IN_MOVED_TO | IN_ONLYDIR);
}

int
reader_watch_fd(struct reader *reader)
{
	autofree char *parent = path_dir(reader->directory);

	if (!fd_is_open(reader->inotify)) {
		reader->inotify = fd_raise(inotify_init1(IN_CLOEXEC | IN_NONBLOCK));
		if (fd_is_open(reader->inotify)) {
			(void)inotify_add_watch(reader->inotify, parent,
						IN_CREATE | IN_DELETE | IN_MOVED_TO | IN_ONLYDIR);
			watch(reader);
		}
	}
	return reader->inotify;
}

void
reader_woken(struct reader *reader)
{
	char events[4096] __attribute__((aligned(__alignof__(struct inotify_event))));
	struct stat st;

	while (fd_is_open(reader->inotify) &&
	       (read(reader->inotify, events, sizeof(events)) > 0 || errno == EINTR)) {
	}
	if (fd_is_open(reader->inotify) &&
	    (reader->watched < 0 || fstat(reader->dirfd, &st) < 0 || st.st_nlink == 0)) {
		watch(reader);
	}
}
