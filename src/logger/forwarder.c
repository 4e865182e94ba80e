/* forwarder: the role that reads logs as they grow and sends their lines on.
 *
 * For each log and address there is a place, saved in the log root's directory .forward and
 * replaced by rename; it is moved on only by what a receiver has (TCP, Unix) or was sent (UDP). So
 * what is sent to a receiver that is away comes later, and a forwarder that is killed sends a few
 * lines twice rather than none of them. Without a place it begins with the run that goes on. What
 * was removed from the log by its quota before it could be sent is gone, and the receiver is told.
 *
 * A log is open only while there is something to send; one inotify tells when that is. */
#include "base/check.h"
#include "base/clock.h"
#include "base/fd.h"
#include "base/file.h"
#include "base/map.h"
#include "base/path.h"
#include "logger/logger.h"
#include "logger/syslog-out.h"
#include "logger/syslog-text.h"
#include "store/store.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>

enum {
	CONFIG_FD = 3,
	CONFIG_MAX = 16 << 20,
	PIECE = 32 << 10, /* a longer line is sent as several messages */
	MESSAGE_MAX = PIECE + 1024,
	LINES = 256,  /* of one target, then the others' turn */
	FLIGHT = 512, /* messages under way that may have to be sent again */
	PLACE_MAX = 1024
};
static const int64_t AWAY_FIRST_NS = CLOCK_S, AWAY_MOST_NS = 30 * CLOCK_S;
static const int64_t ARRIVED_NS = 20 * CLOCK_MS;

struct flight {
	uint64_t end; /* of its bytes */
	struct reader_place place;
};

struct target {
	struct target *next;
	char *log, *address, *directory, *file; /* file: its place, in .forward */
	int watched;                            /* inotify's number */
	struct syslog_out out;
	struct timer timer;
	int64_t delay;
	struct reader *reader;      /* NULL: nothing to send, or not now */
	struct reader_place place;  /* behind what was sent */
	struct reader_place sure;   /* behind what has arrived */
	struct reader_place before; /* before the last one */
	bool placed, unsaved, told;
	int64_t pid, opened;
	struct flight *flight; /* FLIGHT of them, or NULL */
	size_t first, flying;
};

static struct forwarder { /* the one of this process */
	struct loop *loop;
	char *root;
	int dir; /* .forward */
	struct watch inotify;
	struct target *targets;
	char host[65];
} forwarder;

/* ---- places ---- */
static void
save(struct target *target)
{
	const struct reader_place *p = &target->sure;
	autofree char *text = str_format("address %s\nplace %" PRId64 " %" PRIu64 " %" PRIu64
					 " %" PRId64 " %u %c\n",
					 target->address, p->segment, p->position, p->record,
					 p->time, p->unfinished, p->kind);

	if (target->unsaved &&
	    file_replace(forwarder.dir, target->file, text, strlen(text), 0600, false) == 0) {
		target->unsaved = false;
	}
}

static void
load(struct target *target)
{
	struct reader_place p = { 0 };
	autofree char *text = NULL;
	const char *at;

	if (file_read(forwarder.dir, target->file, PLACE_MAX, &text, NULL) < 0) {
		return;
	}
	at = strstr(text, "\nplace ");
	if (at &&
	    sscanf(at, "\nplace %" SCNd64 " %" SCNu64 " %" SCNu64 " %" SCNd64 " %u %c", &p.segment,
		   &p.position, &p.record, &p.time, &p.unfinished, &p.kind) == 6) {
		target->place = target->sure = target->before = p;
		target->placed = true;
	}
}

/* ---- sending ---- */
static void
leave(struct target *target)
{
	target->reader = reader_free(target->reader);
}

static void
go_away(struct target *target)
{
	leave(target);
	target->flying = 0;
	/* what had not arrived is sent again; of datagrams the last one */
	target->place = target->out.stream ? target->sure : target->before;
	target->placed = target->place.kind != '\0';
	target->delay = MIN(MAX(2 * target->delay, AWAY_FIRST_NS), AWAY_MOST_NS);
	loop_arm(forwarder.loop, &target->timer, clock_now() + target->delay);
	if (!target->told) {
		target->told = true;
		(void)fprintf(stderr,
			      "tendd: %s: its log can't be forwarded to %s: %s; it will be\n",
			      target->log, target->address, strerror(target->out.error));
	}
}

static void
arrived(struct target *target)
{
	uint64_t sure = syslog_out_is_open(&target->out) ? syslog_out_arrived(&target->out) : 0;

	while (target->flying > 0 && target->flight[target->first].end <= sure) {
		target->sure = target->flight[target->first].place;
		target->first = (target->first + 1) % FLIGHT;
		target->flying--;
		target->unsaved = true;
	}
}

static void
sent(struct target *target, const struct reader_place *place)
{
	target->before = target->place;
	target->place = *place;
	target->placed = true;
	if (target->out.stream || clock_now() - target->opened > AWAY_FIRST_NS) {
		target->delay = 0; /* (that nobody is there to take datagrams is told later) */
		target->told = false;
	}
	if (!target->out.stream) {
		target->sure = *place;
		target->unsaved = true;
		return;
	}
	if (!target->flight) {
		target->flight = calloc(FLIGHT, sizeof(*target->flight));
		CHECK(target->flight != NULL);
	}
	target->flight[(target->first + target->flying++) % FLIGHT] =
		(struct flight){ .end = syslog_out_queued(&target->out), .place = *place };
}

static enum syslog_out_result
send_text(struct target *target, int64_t time, const char *text, size_t length)
{
	struct syslog_line line = {
		.host = forwarder.host, .unit = target->log, .pid = target->pid, .time = time
	};
	enum syslog_out_result result = SYSLOG_OUT_SENT;
	size_t at = 0;

	do {
		struct buf autodone(buf) message = { .max = MESSAGE_MAX };

		line.text = text + at;
		line.length = MIN(length - at, (size_t)PIECE);
		(void)(target->out.kernel ? syslog_text_kernel(&line, &message)
					  : syslog_text(&line, &message));
		result = syslog_out_send(&target->out, &message);
		at += line.length;
	} while (result == SYSLOG_OUT_SENT && at < length);
	return result;
}

/* false: this was all for now */
static bool
send_item(struct target *target)
{
	enum syslog_out_result result = SYSLOG_OUT_SENT;
	struct reader_item item;

	switch (reader_next(target->reader, false, &item)) {
	case READER_END: leave(target); return false;
	case READER_TROUBLE: return true;
	case READER_MARK:
		target->pid = item.mark.kind == STORE_START ? item.mark.value : target->pid;
		return true;
	case READER_LINE: break;
	}
	result = send_text(target, item.time, item.line, item.length);
	if (result == SYSLOG_OUT_SENT) {
		sent(target, &item.place);
		return true;
	}
	leave(target); /* and back to the place before it */
	if (result == SYSLOG_OUT_AWAY) {
		go_away(target);
	}
	return false;
}

/* a reader at the place; false: there is no log */
static bool
enter(struct target *target)
{
	static const char lost[] = "<4>tend: lines were removed from the log before they could be "
				   "forwarded";

	if (target->reader) {
		return true;
	}
	target->reader = reader_open(target->directory, NULL);
	if (!target->reader) {
		return false;
	}
	if (!target->placed) {
		if (!reader_seek_run(target->reader, 0)) {
			reader_seek_start(target->reader);
		}
	} else if (!reader_seek_place(target->reader, &target->place, true)) {
		(void)send_text(target, clock_wall(), lost, strlen(lost));
		(void)fprintf(stderr, "tendd: %s: %s\n", target->log, lost + 3);
	}
	return true;
}

static void
pump(struct target *target)
{
	if (target->timer.place != 0 && !syslog_out_is_open(&target->out)) {
		return; /* away */
	}
	if (!syslog_out_is_open(&target->out) && access(target->directory, F_OK) == 0) {
		target->opened = clock_now();
		if (syslog_out_open(&target->out) == SYSLOG_OUT_AWAY) {
			go_away(target);
			return;
		}
	}
	if (!syslog_out_is_open(&target->out) || target->out.connecting) {
		return;
	}
	arrived(target);
	for (int i = 0; i < LINES && enter(target); i++) {
		if (target->flying == FLIGHT) {
			arrived(target);
		}
		if (target->flying == FLIGHT || !send_item(target)) {
			break;
		}
	}
	arrived(target);
	save(target);
	if (syslog_out_is_open(&target->out) && (target->reader || target->flying > 0)) {
		bool now = target->reader && target->flying < FLIGHT;

		loop_arm(forwarder.loop, &target->timer, clock_now() + (now ? 0 : ARRIVED_NS));
	}
}

static void
on_timer(struct timer *timer)
{
	pump(CONTAINER(timer, struct target, timer));
}

static void
on_socket(struct watch *watch, uint32_t events)
{
	struct target *target =
		CONTAINER(CONTAINER(watch, struct syslog_out, watch), struct target, out);

	if (syslog_out_ready(&target->out, events) == SYSLOG_OUT_AWAY) {
		arrived(target);
		go_away(target);
	} else if (!target->out.connecting) {
		pump(target);
	}
}

static void
watch_log(struct target *target)
{
	target->watched = inotify_add_watch(forwarder.inotify.fd, target->directory,
					    IN_MODIFY | IN_CREATE | IN_MOVED_TO | IN_ONLYDIR);
}

static void
on_inotify(struct watch *watch, uint32_t events UNUSED)
{
	char bytes[4096] __attribute__((aligned(__alignof__(struct inotify_event))));
	ssize_t n = read(watch->fd, bytes, sizeof(bytes));

	for (char *at = bytes; n > 0 && at < bytes + n;) {
		const struct inotify_event *event = (const struct inotify_event *)(const void *)at;

		for (struct target *target = forwarder.targets; target; target = target->next) {
			bool its = target->watched == event->wd || (event->mask & IN_Q_OVERFLOW);

			if (its && (event->mask & IN_IGNORED)) {
				target->watched = -1;     /* its directory was removed */
			} else if (target->watched < 0) { /* and may have been made now */
				watch_log(target);
				its = target->watched >= 0;
			}
			if (its) {
				pump(target);
			}
		}
		at += sizeof(*event) + event->len;
	}
}

/* ---- what is to be forwarded ---- */
static char *
file_of(const char *log, const char *address)
{
	uint32_t hash = 2166136261U;

	for (const char *c = address; *c; c++) {
		hash = (hash ^ (uint8_t)*c) * 16777619U;
	}
	return str_format("%s,%08x", log, hash);
}

static void
add_target(const char *log, const char *address)
{
	struct target *target = calloc(1, sizeof(*target));
	struct err err = { 0 };

	CHECK(target != NULL);
	target->log = str_dup(log);
	target->address = str_dup(address);
	target->directory = path_join(forwarder.root, log);
	target->file = file_of(log, address);
	target->timer.on = on_timer;
	if (!syslog_out_init(&target->out, forwarder.loop, address, on_socket, &err)) {
		(void)fprintf(stderr, "tendd: %s: %s\n", log, err.text);
	}
	load(target);
	if (!target->placed) { /* so that it is known when the unit has ended */
		autofree char *text = str_format("address %s\n", address);

		(void)file_replace(forwarder.dir, target->file, text, strlen(text), 0600, false);
	}
	target->next = forwarder.targets;
	forwarder.targets = target;
	watch_log(target);
}

/* each line is a log that is written to, and its addresses */
static void
read_config(char *text, struct map *live)
{
	char *save_line = NULL, *save_word = NULL;
	char *line = strtok_r(text, "\n", &save_line);

	forwarder.root = str_dup(line ? line : "/");
	while ((line = strtok_r(NULL, "\n", &save_line)) != NULL) {
		char *log = strtok_r(line, "\t", &save_word), *address;

		map_set(live, log, log);
		while ((address = strtok_r(NULL, " ", &save_word)) != NULL) {
			add_target(log, address);
		}
	}
}

/* places of logs that nobody writes to any more: they are forwarded to their end; of logs that are
 * written to and not forwarded there any more, or that are gone: they go */
static void
read_places(const struct map *live)
{
	DIR *directory = fdopendir(fd_dup(forwarder.dir));
	const struct dirent *entry;

	while (directory && (entry = readdir(directory)) != NULL) {
		const char *comma = strrchr(entry->d_name, ',');
		autofree char *text = NULL, *log = NULL, *path = NULL;
		const struct target *target = forwarder.targets;

		if (!comma || entry->d_name[0] == '.' ||
		    file_read(forwarder.dir, entry->d_name, PLACE_MAX, &text, NULL) < 0) {
			continue;
		}
		log = str_dup_n(entry->d_name, (size_t)(comma - entry->d_name));
		while (target && !str_equal(target->file, entry->d_name)) {
			target = target->next;
		}
		if (target || !str_starts(text, "address ")) {
			continue;
		}
		path = path_join(forwarder.root, log);
		if (map_get(live, log) || access(path, F_OK) < 0) {
			(void)unlinkat(forwarder.dir, entry->d_name, 0);
			continue;
		}
		text[strcspn(text, "\n")] = '\0';
		add_target(log, text + strlen("address "));
	}
	if (directory) {
		(void)closedir(directory);
	}
}

static bool
read_all(int fd, char **ret_text)
{
	struct stat st;

	if (fstat(fd, &st) < 0 || st.st_size > CONFIG_MAX) {
		return false;
	}
	*ret_text = calloc(1, (size_t)st.st_size + 1);
	CHECK(*ret_text != NULL);
	return fd_read_all(fd, *ret_text, (size_t)st.st_size) == st.st_size;
}

static bool
set_up(void)
{
	autofree char *text = NULL, *first = NULL, *places = NULL;
	struct utsname names;
	struct map live;

	forwarder.loop = loop_new();
	forwarder.inotify.fd = fd_raise(inotify_init1(IN_CLOEXEC | IN_NONBLOCK));
	if (!forwarder.loop || forwarder.inotify.fd < 0 || !read_all(CONFIG_FD, &text) ||
	    loop_watch(forwarder.loop, &forwarder.inotify, forwarder.inotify.fd, EPOLLIN, LOOP_DATA,
		       on_inotify) < 0) {
		return false;
	}
	(void)snprintf(forwarder.host, sizeof(forwarder.host), "%s",
		       uname(&names) == 0 ? names.nodename : "-");
	first = str_dup_n(text, strcspn(text, "\n"));
	places = path_join(first, ".forward");
	if (file_make_dirs(places, 0700) < 0) {
		return false;
	}
	forwarder.dir = fd_raise(open(places, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
	map_init(&live);
	if (forwarder.dir >= 0) {
		read_config(text, &live);
		read_places(&live);
		(void)inotify_add_watch(forwarder.inotify.fd, forwarder.root,
					IN_CREATE | IN_ONLYDIR);
	}
	map_done(&live);
	return forwarder.dir >= 0;
}

int
logger_forward(const char *argument UNUSED)
{
	if (!set_up()) {
		(void)fprintf(stderr, "tendd: logs can't be forwarded: %s\n", strerror(errno));
		return 1;
	}
	for (struct target *target = forwarder.targets; target; target = target->next) {
		pump(target);
	}
	return forwarder.targets && loop_run(forwarder.loop) < 0;
}
