/* history: each segment once, in order, whatever its names at the moment. */
#include "logdir.h"
#include "store/history.h"
#include <sys/wait.h>

static void
expect(struct logdir *d, const char *names)
{
	char text[512] = "", name[SEGMENT_NAME_MAX];
	struct history history;
	size_t at = 0;

	assert_int_equal(history_read(d->fd, &history), 0);
	for (size_t i = 0; i < history.count; i++) {
		history_name(&history.segments[i], name);
		at += (size_t)snprintf(text + at, sizeof(text) - at, "%s/", name);
	}
	assert_string_equal(text, names);
	history_done(&history);
}

static void
each_once_and_in_order(void **state)
{
	struct logdir d;

	(void)state;
	logdir_make(&d);
	expect(&d, "");
	logdir_append(&d, "current", "x", 1);
	logdir_append(&d, "current.idx", "x", 1);
	expect(&d, "current/");
	logdir_append(&d, "100.log", "x", 1);
	logdir_append(&d, "100.idx", "x", 1);
	logdir_append(&d, "9.log.zst", "x", 1);
	logdir_append(&d, "9.idx", "x", 1);
	logdir_append(&d, "20.log", "x", 1);
	logdir_append(&d, "20.log.zst", "x", 1);
	logdir_append(&d, "20.log.zst.new", "x", 1);
	logdir_append(&d, "30.idx", "x", 1); /* its log is gone */
	logdir_append(&d, "40.log", "x", 1); /* its index is */
	logdir_append(&d, "07.log", "x", 1); /* no name of ours */
	logdir_append(&d, "x.log", "x", 1);
	logdir_append(&d, "99999999999999999999.log", "x", 1);
	assert_int_equal(mkdirat(d.fd, "50.log", 0700), 0);
	expect(&d, "9.log.zst/20.log/40.log/100.log/current/");
	logdir_remove(&d);
}

enum { SEGMENTS = 400 };

static void
name_of(int number, const char *suffix, char name[64])
{
	(void)snprintf(name, 64, "%d.%s", number, suffix);
}

static void
pack_all(struct logdir *d)
{
	for (int i = 1; i <= SEGMENTS; i++) {
		char log[64], zst[64];

		name_of(i, "log", log);
		name_of(i, "log.zst", zst);
		(void)linkat(d->fd, log, d->fd, zst, 0);
		(void)unlinkat(d->fd, log, 0);
	}
	_exit(0);
}

/* a directory that is read while somebody packs: each segment is always there, once */
static void
packed_meanwhile(void **state)
{
	struct logdir d;
	int status;

	(void)state;
	for (int round = 0; round < 5; round++) {
		pid_t packer;

		logdir_make(&d);
		for (int i = 1; i <= SEGMENTS; i++) {
			char name[64];

			name_of(i, "log", name);
			logdir_append(&d, name, "x", 1);
			name_of(i, "idx", name);
			logdir_append(&d, name, "x", 1);
		}
		packer = fork();
		if (packer == 0) {
			pack_all(&d);
		}
		assert_true(packer > 0);
		do {
			struct history history;

			assert_int_equal(history_read(d.fd, &history), 0);
			assert_int_equal(history.count, SEGMENTS);
			for (size_t at = 0; at < history.count; at++) {
				assert_int_equal(history.segments[at].first, at + 1);
			}
			history_done(&history);
		} while (waitpid(packer, &status, WNOHANG) == 0);
		logdir_remove(&d);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_once_and_in_order),
		cmocka_unit_test(packed_meanwhile),
	};

	return cmocka_run_group_tests_name("history", tests, NULL, NULL);
}
