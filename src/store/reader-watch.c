/* Following: inotify on the directory. While the directory is missing (removed by hand) its parent is watched, so that
 * a new one is seen. What the events say does not matter, only that there were some: reader_next looks for itself. */
#include "store/reader.h"
#include "base/fd.h"
#include "base/path.h"
#include <errno.h>
#include <string.h>
#include <sys/inotify.h>
#include <unistd.h>

static void
watch(struct reader *reader)
{
	autofree char *parent = path_dir(reader->directory);

	/* the same directory gives the same watch again */
	reader->watched = inotify_add_watch(reader->inotify, reader->directory,
					    IN_MODIFY | IN_CREATE | IN_MOVED_FROM | IN_MOVED_TO |
						    IN_DELETE_SELF | IN_MOVE_SELF | IN_ONLYDIR);
	if (reader->watched < 0) {
		(void)inotify_add_watch(reader->inotify, parent,
					IN_CREATE | IN_MOVED_TO | IN_ONLYDIR);
	}
}

int
reader_watch_fd(struct reader *reader)
{
	if (!fd_is_open(reader->inotify)) {
		reader->inotify = fd_raise(inotify_init1(IN_CLOEXEC | IN_NONBLOCK));
		if (fd_is_open(reader->inotify)) {
			watch(reader);
		}
	}
	return reader->inotify;
}

void
reader_woken(struct reader *reader)
{
	char events[4096] __attribute__((aligned(__alignof__(struct inotify_event))));
	bool again = reader->watched < 0;
	ssize_t n;

	while (fd_is_open(reader->inotify) &&
	       ((n = read(reader->inotify, events, sizeof(events))) > 0 ||
		(n < 0 && errno == EINTR))) {
		for (ssize_t at = 0; at < n;) {
			struct inotify_event event;

			memcpy(&event, events + at, sizeof(event));
			again = again ||
				(event.mask & (IN_DELETE_SELF | IN_MOVE_SELF | IN_IGNORED));
			at += (ssize_t)(sizeof(event) + event.len);
		}
	}
	if (again && fd_is_open(reader->inotify)) {
		watch(reader);
	}
}
