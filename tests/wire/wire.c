/* The client, against a real server and against one that misbehaves. */
#include "serving.h"

static struct serving serving;

static int
setup(void **state)
{
	(void)state;
	serving_start(&serving, geteuid(), "socket");
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	serving_end(&serving);
	return 0;
}

static void
expect_text(struct wire *wire, const char *method, json_t *take_parameters, const char *key,
	    const char *wanted)
{
	struct wire_answer answer = { 0 };
	struct err err = { .text = "" };

	assert_int_equal(wire_call(wire, method, take_parameters, false, &answer, &err),
			 WIRE_REPLY);
	assert_null(answer.error);
	assert_string_equal(json_string_value(json_object_get(answer.parameters, key)), wanted);
	wire_answer_done(&answer);
	assert_null(answer.parameters);
}

static void
calls_are_answered(void **state)
{
	struct wire *wire = wire_connect(serving.path, NULL);

	(void)state;
	assert_non_null(wire);
	for (int i = 0; i < 3; i++) {
		expect_text(wire, "Cat", json_pack("{s:s}", "name", "\xea\xb0\x80 \"x\""), "name",
			    "\xea\xb0\x80 \"x\"");
	}
	expect_text(wire, "org.varlink.service.GetInfo", NULL, "product", "tend");
	assert_null(wire_close(wire));
	assert_null(wire_close(NULL));
}

static void
errors_are_answers(void **state)
{
	struct wire *wire = wire_connect(serving.path, NULL);
	struct wire_answer answer = { 0 };
	struct err err;

	(void)state;
	assert_int_equal(wire_call(wire, "Cat", NULL, false, &answer, &err), WIRE_ERROR);
	assert_string_equal(answer.error, "org.varlink.service.InvalidParameter");
	assert_non_null(json_object_get(answer.parameters, "parameter"));
	wire_answer_done(&answer);
	expect_text(wire, "Cat", json_pack("{s:s}", "name", "a"), "name", "a");
	(void)wire_close(wire);
}

static void
large_replies_and_requests_pass(void **state)
{
	struct wire *wire = wire_connect(serving.path, NULL);
	struct wire_answer answer = { 0 };
	json_t *text = serving_text(6000000);
	struct err err;

	(void)state;
	expect_text(wire, "Cat", json_pack("{s:O}", "name", json_object_get(text, "text")), "name",
		    json_string_value(json_object_get(text, "text")));
	json_decref(text);
	assert_int_equal(wire_call(wire, "Why", json_pack("{s:s}", "name", "20000000"), false,
				   &answer, &err),
			 WIRE_REPLY);
	assert_int_equal(json_string_length(json_object_get(answer.parameters, "text")), 20000000);
	wire_answer_done(&answer);
	(void)wire_close(wire);
}

static void
a_refused_request_tells_why(void **state)
{
	struct wire *wire = wire_connect(serving.path, NULL);
	struct wire_answer answer = { 0 };
	struct err err;

	(void)state;
	assert_int_equal(
		wire_call(wire, "Cat", serving_text(LIMIT_MESSAGE + 1000), false, &answer, &err),
		WIRE_ERROR);
	assert_string_equal(answer.error, "io.tend.BadInput");
	wire_answer_done(&answer);
	(void)wire_close(wire);
	wire = wire_connect(serving.path, NULL);
	assert_int_equal(
		wire_call(wire, "Cat", serving_text(2 * LIMIT_MESSAGE), false, &answer, &err),
		WIRE_BAD);
	expect_text(wire, "Cat", json_pack("{s:s}", "name", "a"), "name", "a");
	(void)wire_close(wire);
}

static void
streams_go_on(void **state)
{
	struct wire *wire = wire_connect(serving.path, NULL),
		    *other = wire_connect(serving.path, NULL);
	struct wire_answer answer = { 0 };
	struct err err;

	(void)state;
	assert_int_equal(wire_call(wire, "Watch", NULL, true, &answer, &err), WIRE_MORE);
	wire_answer_done(&answer);
	for (int i = 0; i < 3; i++) {
		assert_int_equal(wire_call(other, "Signal",
					   json_pack("{s:[], s:s}", "names", "signal", "100"),
					   false, &answer, &err),
				 WIRE_REPLY);
		wire_answer_done(&answer);
	}
	for (int i = 0; i < 3; i++) {
		assert_int_equal(wire_call_next(wire, &answer, &err), WIRE_MORE);
		assert_int_equal(json_string_length(json_object_get(answer.parameters, "text")),
				 100);
		wire_answer_done(&answer);
	}
	assert_int_equal(
		wire_call(other, "Reset", json_pack("{s:[]}", "names"), false, &answer, &err),
		WIRE_REPLY);
	wire_answer_done(&answer);
	assert_int_equal(wire_call_next(wire, &answer, &err), WIRE_REPLY);
	wire_answer_done(&answer);
	(void)wire_close(wire);
	(void)wire_close(other);
}

static void
waiting_can_be_interrupted_and_gone_on_with(void **state)
{
	struct wire *wire = wire_connect(serving.path, NULL),
		    *other = wire_connect(serving.path, NULL);
	struct wire_answer answer = { 0 };
	struct err err;
	int ends[2];

	(void)state;
	assert_int_equal(fd_pipe(ends), 0);
	assert_int_equal(fd_write_all(ends[1], "x", 1), 0);
	wire_interrupt_fd(wire, ends[0]);
	assert_int_equal(
		wire_call(wire, "Wait", json_pack("{s:[]}", "names"), false, &answer, &err),
		WIRE_INTERRUPTED);
	wire_interrupt_fd(wire, -1);
	assert_int_equal(wire_call(other, "Info", NULL, false, &answer, &err), WIRE_REPLY);
	wire_answer_done(&answer);
	serving_until(wire_fd(other), "kept", 1);
	assert_int_equal(
		wire_call(other, "Reset", json_pack("{s:[]}", "names"), false, &answer, &err),
		WIRE_REPLY);
	wire_answer_done(&answer);
	assert_int_equal(wire_call_next(wire, &answer, &err), WIRE_REPLY);
	wire_answer_done(&answer);
	(void)wire_close(wire);
	(void)wire_close(other);
	(void)fd_close(ends[0]);
	(void)fd_close(ends[1]);
}

static void
nobody_there_is_told_by_number(void **state)
{
	autofree char *missing = path_join(serving.directory, "missing");
	autofree char *stale = path_join(serving.directory, "stale");
	struct err err;
	int fd = serving_listen(stale);

	(void)state;
	(void)fd_close(fd);
	assert_null(wire_connect(missing, &err));
	assert_int_equal(err.number, ENOENT);
	assert_null(wire_connect(stale, &err));
	assert_int_equal(err.number, ECONNREFUSED);
}

static void
paths_may_be_long(void **state)
{
	autofree char *name = str_format("%0100d/%0100d/socket", 1, 2);
	struct serving own;
	struct wire *wire;

	(void)state;
	serving_start(&own, geteuid(), name);
	wire = wire_connect(own.path, NULL);
	assert_non_null(wire);
	expect_text(wire, "Cat", json_pack("{s:s}", "name", "a"), "name", "a");
	(void)wire_close(wire);
	serving_end(&own);
}

/* ---- another server: it says `bytes` and closes ---- */

static enum wire_result
called(const char *bytes, size_t n, struct wire_answer *ret_answer, struct err *ret_err)
{
	autofree char *directory = test_dir();
	autofree char *path = path_join(directory, "s");
	int listening = serving_listen(path), status = -1;
	enum wire_result result;
	struct wire *wire;
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid == 0) {
		int fd = accept(listening, NULL, NULL);

		free(serving_hear(fd));
		_exit(fd_write_all(fd, bytes, n) < 0);
	}
	(void)fd_close(listening);
	wire = wire_connect(path, ret_err);
	assert_non_null(wire);
	result = wire_call(wire, "Info", NULL, false, ret_answer, ret_err);
	(void)wire_close(wire);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	assert_int_equal(file_remove_tree(AT_FDCWD, directory), 0);
	return result;
}

static void
bad_answers_are_told(void **state)
{
	static const char *const wrong[] = {
		"", "x", "[]", "7", "{\"parameters\":[]}", "{\"parameters\":7}", "{"
	};
	struct wire_answer answer = { 0 };
	struct err err;

	(void)state;
	for (size_t i = 0; i < COUNT(wrong); i++) {
		assert_int_equal(called(wrong[i], strlen(wrong[i]) + 1, &answer, &err), WIRE_BAD);
		assert_memory_equal(err.text, "the answer is not Varlink: ", 27);
	}
	assert_int_equal(called("{}", 3, &answer, &err), WIRE_REPLY);
	assert_true(json_is_object(answer.parameters));
	wire_answer_done(&answer);
	assert_int_equal(called("{\"error\":\"a.b\"}", 16, &answer, &err), WIRE_ERROR);
	assert_string_equal(answer.error, "a.b");
	wire_answer_done(&answer);
}

static void
half_an_answer_is_none(void **state)
{
	struct wire_answer answer = { 0 };
	struct err err;

	(void)state;
	assert_int_equal(called("{}", 2, &answer, &err), WIRE_GONE);
	assert_int_equal(called("", 0, &answer, &err), WIRE_GONE);
	assert_string_equal(err.text, "tendd closed the connection before it answered");
}

static void
any_bytes_can_be_a_string(void **state)
{
	static const char *const cases[][2] = {
		{ "plain", "plain" },
		{ "", "" },
		{ "\xea\xb0\x80\n", "\xea\xb0\x80\n" },
		{ "a\xffz", "a?z" },
		{ "\xea\xb0\x80\xea\xb0", "\xea\xb0\x80??" },
		{ "\xc0\x80", "??" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		json_t *string = wire_string(cases[i][0]);

		assert_string_equal(json_string_value(string), cases[i][1]);
		json_decref(string);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
		TEST(calls_are_answered),
		TEST(errors_are_answers),
		TEST(large_replies_and_requests_pass),
		TEST(a_refused_request_tells_why),
		TEST(streams_go_on),
		TEST(waiting_can_be_interrupted_and_gone_on_with),
		TEST(nobody_there_is_told_by_number),
		cmocka_unit_test(paths_may_be_long),
		cmocka_unit_test(bad_answers_are_told),
		cmocka_unit_test(half_an_answer_is_none),
		cmocka_unit_test(any_bytes_can_be_a_string),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
