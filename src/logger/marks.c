/* The manager says with each mark where it belongs, as a number of bytes in the log, for by the
 * time it is read here the next run may have written, and so much may have been moved already that
 * a segment was closed. Where it could not tell, the mark stands behind what is in the pipe now. */
#include "logger/marks.h"
#include "base/fd.h"
#include <errno.h>

void
marks_owe(struct log *log, int64_t run, int64_t time, pid_t pid)
{
	log->owed_run = run;
	log->owed_time = time;
	log->owed_pid = pid;
}

/* How many bytes belong before the mark that are still in the pipe? False: that is not known. */
static bool
find_place(const struct log *log, const struct frame *frame, uint64_t *ret_left)
{
	uint64_t at = frame->mark.end, file = frame->mark.file;

	if (file != 0 && file != logfile_inode(log)) {
		if (file != log->closed_inode || at < log->closed_size) {
			return false;
		}
		at -= log->closed_size;
	}
	*ret_left = at > log->file->size ? at - log->file->size : 0;
	return true;
}

/* 0: what belongs before the mark is in the file */
static int
move_before(const struct marks *marks, struct log *log, const struct frame *frame)
{
	uint64_t left = 0;
	int r;

	if (frame->mark.where == MARK_HERE || frame->mark.kind == STORE_START) {
		return 0;
	}
	r = log->trouble || log->nothing ? 1 : logfile_open(marks->files, log);
	if (r < 0) {
		return r;
	}
	if (r > 0 || frame->mark.where != MARK_AT || log->streams->next ||
	    !find_place(log, frame, &left)) {
		return marks->drain(log);
	}
	return flow_drain(marks->flow, log->streams, left);
}

static int
write_mark(const struct marks *marks, struct log *log, const struct store_record *mark)
{
	int r = logfile_open(marks->files, log);

	if (r == 0 && logfile_is_full(log)) { /* nothing but marks may come for long */
		r = logfile_rotate(marks->files, log);
		r = r == 0 ? logfile_open(marks->files, log) : r;
	}
	return r == 0 ? logfile_mark(log, mark) : r;
}

void
marks_take(const struct marks *marks, struct stream *stream, const struct frame *frame)
{
	struct log *log = stream->log;
	struct store_record mark = { .time = frame->time,
				     .kind = (uint16_t)frame->mark.kind,
				     .value = (int64_t)frame->mark.value,
				     .extra = (int64_t)frame->mark.extra,
				     .stream = stream->tag };
	int r;

	if (mark.kind <= STORE_BATCH || mark.kind > STORE_RESTART) {
		return;
	}
	if (mark.kind == STORE_START && mark.value != 0 &&
	    (log->start_run == mark.extra || log->owed_run == mark.extra)) {
		logfile_tell_pid(marks->files, log, mark.extra, mark.value);
		return;
	}
	if (mark.kind == STORE_START && !log->trouble && !logfile_exists(marks->files, log)) {
		marks_owe(log, mark.extra, mark.time, (pid_t)mark.value);
		return;
	}
	r = move_before(marks, log, frame);
	r = r == 0 ? write_mark(marks, log, &mark) : r;
	if (r < 0) {
		trouble_begin(marks->troubles, log, -r);
		trouble_mark(log, &mark);
	}
}
