/* logging: what a unit's [X-Tend] says of its log, else tend.conf, in the numbers that the logger
 * understands. A group that is not there leaves the log to its owner, and status says so. */
#include "base/accounts.h"
#include "base/path.h"
#include "manager/core.h"
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const char SYSLOG[] = "unix:/dev/log";

static void
read_config(struct manager *manager)
{
	autofree char *path = path_join(manager->places->config, "tend.conf");

	(void)unit_unref(manager->config);
	manager->config = config_load(path);
	LIST_EACH(notice, &manager->config->notices, struct notice, link) {
		(void)fprintf(stderr, "tendd: %s:%u: %s%s%s\n", notice->file, notice->line,
			      notice->key ? notice->key : "", notice->key ? "=: " : "",
			      notice->text);
	}
}

void
logging_start(struct manager *manager)
{
	read_config(manager);
	logging_limits(manager);
}

void
logging_reload(struct manager *manager)
{
	struct member *member;
	size_t at = 0;

	read_config(manager);
	logging_limits(manager);
	while ((member = map_each(&manager->members, &at))) {
		pipes_limits(member);
	}
}

/* 0 is "no limit" there, and infinity is here */
static int64_t
keep_of(int64_t span)
{
	return span == CLOCK_NEVER ? 0 : MAX(span, 1);
}

void
logging_limits(struct manager *manager)
{
	const struct frame limits = { .kind = FRAME_LIMITS,
				      .limits = { .total_size = manager->config->log_total_size,
						  .reserve = manager->config->log_reserve,
						  .keep = keep_of(manager->config->log_keep) } };

	logger_line_send(manager, &limits, NULL, 0);
}

/* the unit whose field of this key counts */
static const struct unit *
from(const struct member *member, const char *key)
{
	return config_of(member->manager->config, member->unit, key);
}

static bool
find_group(const struct member *member, gid_t *ret_gid, struct err *err)
{
	const char *name = from(member, "LogGroup")->log_group;

	if (from(member, "LogMode")->log_mode != LOGMODE_GROUP) {
		return false;
	}
	if (!name) {
		*ret_gid = getegid();
		return true;
	}
	return accounts_group(name, ret_gid, err);
}

/* where its lines are sent to: by LogForward=, and by StandardOutput=syslog and the like */
/* false: there are too many */
static bool
fill_forward(const struct member *member, struct frame *frame)
{
	const struct stdio *places[] = { &member->unit->standard_output,
					 &member->unit->standard_error };
	char **list = strv_dup(from(member, "LogForward")->log_forward);
	autofree char *text = NULL;

	for (size_t i = 0; i < COUNT(places); i++) {
		const char *also = places[i]->also == ALSO_SYSLOG ? SYSLOG
				   : places[i]->also == ALSO_KMSG ? "kmsg"
								  : NULL;

		if (also && places[i]->kind == STDIO_LOG && !strv_has(list, also)) {
			strv_add(&list, also);
		}
	}
	text = list ? strv_join(list, " ") : str_dup("");
	(void)strv_free(list);
	if (strlen(text) >= sizeof(frame->stream.forward)) {
		return false;
	}
	(void)snprintf(frame->stream.forward, sizeof(frame->stream.forward), "%s", text);
	return true;
}

void
logging_stream(const struct member *member, struct frame *frame)
{
	uint64_t most = from(member, "LogMaxSize")->log_max_size;
	uint64_t segment = from(member, "LogSegmentSize")->log_segment_size;
	gid_t gid = 0;

	frame->stream.max_size = most == UINT64_MAX ? 0 : most;
	frame->stream.segment_size = segment == UINT64_MAX ? 0 : segment;
	frame->stream.keep = keep_of(from(member, "LogKeep")->log_keep);
	frame->stream.flags = most == 0 ? STREAM_NOTHING : 0;
	if (from(member, "LogCompress")->log_compress) {
		frame->stream.flags |= STREAM_COMPRESS;
	}
	if (from(member, "LogFull")->log_full == LOGFULL_BLOCK) {
		frame->stream.flags |= STREAM_BLOCK;
	}
	(void)fill_forward(member, frame);
	frame->stream.group = find_group(member, &gid, NULL);
	frame->stream.gid = gid;
	(void)snprintf(frame->stream.name, sizeof(frame->stream.name), "%s", member->name);
}

unsigned
logging_compress(const struct manager *manager, const char *log)
{
	const struct member *member = map_get(&manager->members, log);
	bool compress =
		member ? from(member, "LogCompress")->log_compress : manager->config->log_compress;

	return compress ? CARE_COMPRESS : 0;
}

void
logging_trouble(struct member *member, int error, int64_t dropped)
{
	member->log_error = error;
	member->log_dropped = dropped;
}

char *
logging_words(const struct member *member)
{
	bool blocks = from(member, "LogFull")->log_full == LOGFULL_BLOCK;
	struct frame frame = { 0 };
	struct err err = { 0 };
	gid_t gid;

	if (member->log_error != 0) {
		autofree char *dropped = member->log_dropped > 0
						 ? str_format("; %lld bytes were dropped",
							      (long long)member->log_dropped)
						 : str_dup("");

		return str_format("its log can't be written: %s%s%s%s", strerror(member->log_error),
				  member->log_error == ENOSPC ? " (LogReserve= is kept free)" : "",
				  dropped, blocks ? "; it waits when it writes" : "");
	}
	if (member->log_dropped > 0) {
		return str_format("%lld bytes of its log were dropped when it could not be "
				  "written; it can be again",
				  (long long)member->log_dropped);
	}
	if ((member->unit->standard_output.also == ALSO_SYSLOG ||
	     member->unit->standard_error.also == ALSO_SYSLOG) &&
	    access("/dev/log", F_OK) < 0) {
		return str_dup("there is no /dev/log here: what is for syslog is in its log, and "
			       "is sent on once there is");
	}
	if (!fill_forward(member, &frame)) {
		return str_format("LogForward=: more than %zu bytes of addresses: its log is not "
				  "forwarded",
				  sizeof(frame.stream.forward) - 1);
	}
	if (!find_group(member, &gid, &err) && err.text[0] != '\0') {
		return str_format("LogGroup=: %s; its log is readable by its owner alone",
				  err.text);
	}
	return NULL;
}
