/* The logger's peers: the manager (frames over ROLE_FD_LOGGER), the services (pipes), the disk.
 *
 * The socket never ends while keeper or manager lives, since the keeper holds both its ends; when
 * it ends both are gone and so does the logger, having written what is in the pipes. A logger that
 * was killed is started again by the keeper and given all its streams by the manager; it waits for
 * the log root's lock before it reads the first frame, so two loggers never write. */
#include "logger/logger.h"
#include "base/check.h"
#include "base/clock.h"
#include "base/fd.h"
#include "base/map.h"
#include "link/link.h"
#include "logger/care.h"
#include "logger/deferred.h"
#include "logger/forwarding.h"
#include "logger/marks.h"
#include "logger/trouble.h"
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <unistd.h>

static const int64_t LOCK_FIRST_NS = 5 * CLOCK_MS; /* the other logger is about to be dead */
static const int64_t LOCK_MOST_NS = 200 * CLOCK_MS;

enum { SEGMENT_LEAST = 4096, FRAMES_A_TURN = 256 };

static struct logger { /* the one of this process */
	struct loop *loop;
	struct watch link, signals;
	struct timer lock;
	int64_t lock_delay;
	struct logfiles files;
	struct flow flow;
	struct troubles troubles;
	struct answers answers;
	struct forwarding forwarding;
	struct nmap streams; /* by key */
	uint64_t heard;      /* frames, so far */
	int64_t wanted;      /* what we called it when we asked for all of them; 0: we have them */
	struct deferred deferred;
	struct map logs; /* by name */
} logger;

static int
descriptor_of(void *context UNUSED, uint64_t key)
{
	const struct stream *stream = nmap_get(&logger.streams, key);

	return stream ? stream->watch.fd : -1;
}

static void
send_answers(void)
{
	bool more = answers_send(&logger.answers, ROLE_FD_LOGGER, descriptor_of, NULL);

	if (logger.link.watched) {
		(void)loop_change(logger.loop, &logger.link, EPOLLIN | (more ? EPOLLOUT : 0));
	}
}

static void
answer(struct answer what)
{
	answers_add(&logger.answers, what);
}

static void
after_turn(void *context UNUSED)
{
	if (fd_is_open(logger.files.root) && quota_is_due(&logger.files.quota)) {
		(void)quota_all(&logger.files);
	}
	if (logger.answers.count > 0) {
		send_answers();
	}
}

/* 0, or the log is in trouble now */
static int
drain_log(struct log *log)
{
	int r = 0;

	if (log->trouble) {
		return trouble_try(log, false);
	}
	for (struct stream *stream = log->streams; r == 0 && stream; stream = stream->next) {
		r = flow_drain(&logger.flow, stream, SIZE_MAX);
	}
	if (r < 0) {
		trouble_begin(&logger.troubles, log, -r);
	}
	return r;
}

static bool receive(int most, bool *ret_all);

/* What was said before these bytes were written is heard before they are moved: a run's beginning
 * stands before what it writes, and the end of the one before as well. NULL: not now, or not any
 * more; else the stream, *ret_there: bytes that may be moved */
static struct stream *
hear_first(struct stream *stream, size_t *ret_there)
{
	uint64_t key = stream->key, heard = logger.heard;
	bool all = false;

	*ret_there = flow_waiting(stream);
	if (!receive(FRAMES_A_TURN, &all) || !all) {
		return NULL; /* the rest is heard with the socket's own turn */
	}
	if (heard == logger.heard) {
		return stream;
	}
	stream = nmap_get(&logger.streams, key);
	if (!stream || !fd_is_open(stream->watch.fd)) {
		return NULL;
	}
	*ret_there = MIN(*ret_there, flow_waiting(stream)); /* some may have been moved for it */
	return stream;
}

static void
on_readable(struct watch *watch, uint32_t events)
{
	size_t there;
	struct stream *stream = hear_first(CONTAINER(watch, struct stream, watch), &there);
	ssize_t n = 0;

	if (!stream) {
		return;
	}
	if (stream->log->trouble) {
		(void)trouble_try(stream->log, true);
		return;
	}
	for (int i = 0; i < FLOW_ROUNDS && there > 0; i++) {
		n = flow_move(&logger.flow, stream, MIN(there, FLOW_PIECE));
		if (n < FLOW_PIECE) {
			break;
		}
		there -= MIN(there, (size_t)n);
	}
	if (n < 0) {
		trouble_begin(&logger.troubles, stream->log, (int)-n);
	} else if (n == 0 && !(events & EPOLLIN)) {
		/* nobody has it open for writing */
		(void)loop_change(logger.loop, &stream->watch, 0);
	}
}

static void on_mark(const struct frame *frame);

static void
set_limits(struct log *log, const struct frame *frame)
{
	uint64_t most = frame->stream.max_size, segment = frame->stream.segment_size;
	unsigned flags = frame->stream.flags;
	autofree char *forward =
		str_dup_n(frame->stream.forward,
			  strnlen(frame->stream.forward, sizeof(frame->stream.forward)));
	const struct log old = *log;

	log->keep = frame->stream.keep;
	log->nothing = flags & STREAM_NOTHING;
	log->block = flags & STREAM_BLOCK;
	log->compress = flags & STREAM_COMPRESS;
	log->group = frame->stream.group;
	log->gid = frame->stream.gid;
	log->max_size = most > 0 || log->nothing ? most : UINT64_MAX;
	segment = segment > 0 ? segment : UINT64_MAX;
	log->segment_size = MAX(MIN(segment, log->max_size / 2), SEGMENT_LEAST);
	forwarding_set(&logger.forwarding, log, forward);
	if (log->group != old.group || log->gid != old.gid) {
		logfile_close(&logger.files, log); /* who may read it is set when it is opened */
		(void)(old.file ? logfile_open(&logger.files, log) : 0);
	}
	if (old.settled && (log->max_size != old.max_size || log->keep != old.keep ||
			    log->compress != old.compress)) {
		logfile_settle(&logger.files, log);
	}
}

static struct log *
find_log(const char *name)
{
	struct log *log = map_get(&logger.logs, name);
	size_t size = strlen(name) + 1;

	if (!log) {
		log = calloc(1, sizeof(*log) + size);
		CHECK(log != NULL);
		memcpy(log->name, name, size);
		map_set(&logger.logs, log->name, log);
	}
	return log;
}

static void
leave_log(struct stream *stream)
{
	struct log *log = stream->log;
	struct stream **at = &log->streams;

	while (*at != stream) {
		at = &(*at)->next;
	}
	*at = stream->next;
	if (!log->streams) {
		trouble_end(log);
		forwarding_drop(&logger.forwarding, log);
		logfile_close(&logger.files, log);
		(void)map_remove(&logger.logs, log->name);
		free(log);
	}
}

static void
let_go(struct stream *stream)
{
	loop_unwatch(logger.loop, &stream->watch);
	stream->watch.fd = fd_close(stream->watch.fd);
	(void)nmap_remove(&logger.streams, stream->key);
	leave_log(stream);
	free(stream);
}

static void
watch_stream(struct stream *stream, int take_fd)
{
	uint32_t events = stream->log->trouble ? EPOLLIN | EPOLLET : EPOLLIN;
	int r;

	(void)fd_set_blocking(take_fd, false);
	r = loop_watch(logger.loop, &stream->watch, take_fd, events, LOOP_DATA, on_readable);
	if (r < 0) { /* not a pipe, or no memory in the kernel */
		stream->watch.fd = -1;
		(void)fd_close(take_fd);
		answer((struct answer){
			.kind = FRAME_LOG_TROUBLE, .key = stream->key, .error = -r });
	}
}

static bool
is_same_pipe(int a, int b)
{
	struct stat st_a, st_b;

	return fd_is_open(a) && fstat(a, &st_a) == 0 && fstat(b, &st_b) == 0 &&
	       st_a.st_ino == st_b.st_ino && st_a.st_dev == st_b.st_dev;
}

static bool
is_name(const char *name)
{
	return name[0] != '\0' && name[0] != '.' && !strchr(name, '/');
}

/* a stream that is known already may come again: with new limits, and with the same pipe or another
 * */
static void
on_stream(const struct frame *frame, int take_fd)
{
	struct stream *stream = nmap_get(&logger.streams, frame->number);
	struct frame before;

	if (!is_name(frame->stream.name)) {
		(void)fd_close(take_fd);
		return;
	}
	if (stream && strcmp(stream->log->name, frame->stream.name) != 0) {
		(void)drain_log(stream->log);
		let_go(stream);
		stream = NULL;
	}
	if (!stream && !fd_is_open(take_fd)) { /* our limit of descriptors is reached */
		answer((struct answer){
			.kind = FRAME_LOG_TROUBLE, .key = frame->number, .error = EMFILE });
		return;
	}
	if (!stream) {
		stream = calloc(1, sizeof(*stream));
		CHECK(stream != NULL);
		stream->watch.fd = -1;
		stream->key = frame->number;
		stream->tag =
			HELD_KIND(frame->number) == HELD_LOG_ERROR ? STORE_ERROR : STORE_OUTPUT;
		stream->log = find_log(frame->stream.name);
		stream->next = stream->log->streams;
		stream->log->streams = stream;
		nmap_set(&logger.streams, stream->key, stream);
	}
	set_limits(stream->log, frame);
	if (!stream->log->met && frame->value > 0 &&
	    !deferred_any(&logger.deferred, frame->number)) { /* else it is among those */
		marks_owe(stream->log, frame->value, frame->time, frame->pid);
	}
	if (!fd_is_open(take_fd)) {
		return;
	}
	if (is_same_pipe(stream->watch.fd, take_fd) && stream->watch.events) {
		(void)fd_close(take_fd);
		return;
	}
	(void)drain_log(stream->log);
	loop_unwatch(logger.loop, &stream->watch);
	stream->watch.fd = fd_close(stream->watch.fd);
	watch_stream(stream, take_fd);
	while (deferred_take(&logger.deferred, frame->number, &before)) {
		on_mark(&before);
	}
}

static void
on_close(const struct frame *frame)
{
	struct stream *stream = nmap_get(&logger.streams, frame->number);
	int r = 0;

	if (!stream && logger.wanted != 0) {
		return; /* asked again when it has been given */
	}
	if (stream) {
		r = drain_log(stream->log);
		if (r < 0) {
			trouble_give_up(stream);
		}
		let_go(stream);
	}
	answer((struct answer){
		.kind = FRAME_CLOSED, .key = frame->number, .value = frame->value, .error = -r });
}

static void
on_mark(const struct frame *frame)
{
	const struct marks marks = { &logger.files, &logger.flow, &logger.troubles, drain_log };
	struct stream *stream = nmap_get(&logger.streams, frame->number);

	if (stream) {
		marks_take(&marks, stream, frame);
	} else if (logger.wanted != 0) {
		deferred_add(&logger.deferred, frame);
	}
}

static void
on_drain(const struct frame *frame)
{
	const struct stream *stream = nmap_get(&logger.streams, frame->number);
	int r = stream ? drain_log(stream->log) : 0;

	if (!stream && logger.wanted != 0) {
		return; /* it is asked again when all streams were given */
	}
	answer((struct answer){
		.kind = FRAME_DRAINED, .key = frame->number, .value = frame->value, .error = -r });
}

static void
on_give(void)
{
	const struct stream *stream;
	size_t at = 0;

	while ((stream = nmap_each(&logger.streams, &at)) != NULL) {
		answer((struct answer){ .kind = FRAME_STREAM_HELD, .key = stream->key });
	}
	answer((struct answer){ .kind = FRAME_STREAMS_END });
}

static void
want_streams(void)
{
	logger.wanted = clock_now() + 1;
	answer((struct answer){ .kind = FRAME_STREAMS_WANTED, .value = logger.wanted });
}

static void
on_given(const struct frame *frame)
{
	if (logger.wanted == 0) {
		return;
	}
	if (frame->value != logger.wanted) { /* it was for the one before us, or the manager that we
						asked is dead */
		want_streams();
		return;
	}
	logger.wanted = 0;
	deferred_done(&logger.deferred);
}

static void
begin_trouble(struct log *log, int error)
{
	trouble_begin(&logger.troubles, log, error);
}

static void
on_care(const struct frame *frame)
{
	const struct care care = { &logger.files, drain_log, begin_trouble };
	uint64_t gone;
	int r = care_take(&care, frame, &gone);

	answers_add(&logger.answers,
		    (struct answer){
			    .kind = FRAME_CARED, .key = gone, .value = frame->value, .error = -r });
}

static void
on_frame(const struct frame *frame, int *fds, size_t count)
{
	switch (frame->kind) {
	case FRAME_STREAM: on_stream(frame, count > 0 ? fd_take(&fds[0]) : -1); break;
	case FRAME_STREAMS_GIVEN: on_given(frame); break;
	case FRAME_CLOSE: on_close(frame); break;
	case FRAME_MARK: on_mark(frame); break;
	case FRAME_DRAIN: on_drain(frame); break;
	case FRAME_GIVE: on_give(); break;
	case FRAME_CARE: on_care(frame); break;
	case FRAME_LIMITS:
		quota_limits(&logger.files.quota, frame->limits.total_size, frame->limits.reserve,
			     frame->limits.keep);
		break;
	default: break; /* of a newer manager */
	}
	for (size_t i = 0; i < count; i++) {
		(void)fd_close(fds[i]);
	}
}

/* false: the socket has ended; *ret_all: nothing is left there */
static bool
receive(int most, bool *ret_all)
{
	*ret_all = false;
	while (most-- > 0) {
		struct frame frame;
		int fds[FD_PASS_MAX];
		size_t count = 0;
		bool cut = false;
		int r = link_receive(ROLE_FD_LOGGER, &frame, fds, &count, &cut);

		if (r == 1) {
			logger.heard++;
			on_frame(&frame, fds, count);
		} else if (r != -EBADMSG) {
			*ret_all = r == -EAGAIN;
			return *ret_all;
		}
	}
	return true;
}

static void
on_link(struct watch *watch UNUSED, uint32_t events UNUSED)
{
	bool all;

	/* a burst of frames must not keep the pipes waiting */
	if (!receive(FRAMES_A_TURN, &all)) {
		loop_unwatch(logger.loop, &logger.link);
		loop_stop(logger.loop, 0);
		return;
	}
	send_answers();
}

static void
on_signal(struct watch *watch UNUSED, uint32_t events UNUSED)
{
	loop_stop(logger.loop, 0);
}

static void
watch_link(void)
{
	int r = loop_watch(logger.loop, &logger.link, ROLE_FD_LOGGER, EPOLLIN, LOOP_DATA, on_link);

	CHECK(r == 0);
	want_streams();
	send_answers();
}

/* Any other failure than a lock that is held is trouble of the logs, when they are written. */
static void
on_lock(struct timer *timer)
{
	if (logfile_lock(&logger.files) == -EWOULDBLOCK) {
		logger.lock_delay = MIN(2 * logger.lock_delay, LOCK_MOST_NS);
		loop_arm(logger.loop, timer, clock_now() + logger.lock_delay);
	} else {
		watch_link();
	}
}

static int
watch_signals(void)
{
	sigset_t set;
	int fd;

	(void)signal(SIGHUP, SIG_IGN);
	(void)signal(SIGINT, SIG_IGN);
	(void)signal(SIGPIPE, SIG_IGN);
	(void)signal(SIGXFSZ, SIG_IGN); /* a limit on file sizes is an error like any other */
	(void)sigemptyset(&set);
	(void)sigaddset(&set, SIGTERM);
	if (sigprocmask(SIG_SETMASK, &set, NULL) < 0) {
		return -errno;
	}
	fd = fd_raise(signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK));
	if (fd < 0) {
		return fd;
	}
	return loop_watch(logger.loop, &logger.signals, fd, EPOLLIN, LOOP_EXIT, on_signal);
}

/* the last frames, then the last bytes; a service that goes on writing does not keep us */
static void
finish(void)
{
	struct stream *stream;
	struct log *log;
	size_t at = 0;
	bool all;

	if (logger.lock.place == 0) { /* else another logger has the pipes */
		(void)receive(INT32_MAX, &all);
		while ((log = map_each(&logger.logs, &at)) != NULL) {
			(void)drain_log(log);
		}
		(void)answers_send(&logger.answers, ROLE_FD_LOGGER, descriptor_of, NULL);
	}
	for (at = 0; (stream = nmap_each(&logger.streams, &at)) != NULL;) {
		let_go(stream);
	}
	forwarding_done(&logger.forwarding);
	packing_done(&logger.files.packing);
	answers_done(&logger.answers);
	deferred_done(&logger.deferred);
	nmap_done(&logger.streams);
	map_done(&logger.logs);
	flow_done(&logger.flow);
	logfile_done(&logger.files);
	logger.signals.fd = fd_close(logger.signals.fd);
	logger.loop = loop_free(logger.loop);
}

int
logger_run(const struct logger_start *start)
{
	int r;

	(void)umask(077);
	logger = (struct logger){ .lock = { .on = on_lock }, .lock_delay = LOCK_FIRST_NS };
	logfile_init(&logger.files, start->log_root);
	logger.files.logs = &logger.logs;
	answers_init(&logger.answers);
	deferred_init(&logger.deferred);
	nmap_init(&logger.streams);
	map_init(&logger.logs);
	logger.loop = loop_new();
	r = logger.loop ? watch_signals() : -errno;
	if (r == 0) {
		r = flow_init(&logger.flow, &logger.files);
	}
	forwarding_init(&logger.forwarding, logger.loop, &logger.logs, start->log_root,
			start->executable);
	packing_init(&logger.files.packing, logger.loop, &logger.files, start->executable);
	if (r < 0) {
		(void)fprintf(stderr, "logger: cannot start: %s\n", strerror(-r));
		return 1;
	}
	logger.troubles =
		(struct troubles){ .loop = logger.loop, .flow = &logger.flow, .tell = answer };
	loop_after_turn(logger.loop, after_turn, NULL);
	on_lock(&logger.lock);
	r = loop_run(logger.loop);
	finish();
	return r < 0 ? 1 : 0;
}
