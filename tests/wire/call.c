/* From bytes to a handler: what is no message, what is a wrong call, and what a handler's answers
 * look like. */
#include "serving.h"

#define SERVICE "org.varlink.service."

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

static char *
quoted(char *take_text)
{
	for (char *c = take_text; *c; c++) {
		*c = *c == '\'' ? '"' : *c;
	}
	return take_text;
}

static void
wrong_calls_are_told_and_the_connection_lives_on(void **state)
{
	/* with ' for " */
	static const struct {
		const char *request, *error, *parameters;
	} cases[] = {
		{ "'io.tend.Dance'", SERVICE "MethodNotFound", "'method':'Dance'" },
		{ "'io.tend.NoSuchUnit'", SERVICE "MethodNotFound", "'method':'NoSuchUnit'" },
		{ "'io.other.Start'", SERVICE "InterfaceNotFound", "'interface':'io.other'" },
		{ "'io.tend.x.Start'", SERVICE "InterfaceNotFound", "'interface':'io.tend.x'" },
		{ "'Start'", SERVICE "InvalidParameter",
		  "'parameter':'method','text':'method is not INTERFACE.METHOD'" },
		{ "'io.tend.Start'", SERVICE "InvalidParameter",
		  "'parameter':'names','text':'names is missing'" },
		{ "'io.tend.Start','parameters':{'names':['a',7]}", SERVICE "InvalidParameter",
		  "'parameter':'names[1]','text':'names[1] must be a string'" },
		{ "'io.tend.Watch'", SERVICE "ExpectedMore", "" },
		{ "'" SERVICE "Dance'", SERVICE "MethodNotFound", "'method':'" SERVICE "Dance'" },
		{ "'" SERVICE "GetInterfaceDescription'", SERVICE "InvalidParameter",
		  "'parameter':'interface'" },
		{ "'" SERVICE "GetInterfaceDescription','parameters':{'interface':'io.x'}",
		  SERVICE "InterfaceNotFound", "'interface':'io.x'" },
		{ "'io.tend.Enable','parameters':{'names':[],'on':true}", "io.tend.Failed",
		  "'text':'this is not played here: ?"
		  "?'" },
	};
	int fd = serving_connect(&serving);

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		autofree char *request = quoted(str_format("{'method':%s}", cases[i].request));
		autofree char *answer = quoted(str_format("{'error':'%s','parameters':{%s}}",
							  cases[i].error, cases[i].parameters));

		serving_say(fd, request);
		serving_expect(fd, answer);
	}
	assert_int_equal(serving_ask(fd, "calls"), 2);
	(void)fd_close(fd);
}

static void
what_is_unknown_is_skipped(void **state)
{
	int fd = serving_connect(&serving);

	(void)state;
	serving_say(fd,
		    " {\"future\":[1],\"method\":\"io.tend.Cat\",\"more\":null,\"upgrade\":false,"
		    "\"parameters\":{\"name\":\"a\",\"more\":{}}}\n");
	serving_expect(fd, "{\"parameters\":{\"name\":\"a\",\"more\":{}}}");
	serving_say(fd, "{\"method\":\"io.tend.Info\",\"parameters\":null}");
	free(serving_hear(fd));
	(void)fd_close(fd);
}

static void
what_is_no_call_ends_the_connection(void **state)
{
	static const char *const cases[] = {
		"",
		"x",
		"{",
		"{}",
		"[]",
		"7",
		"\"text\"",
		"{\"method\":7}",
		"{\"method\":\"io.tend.Info\"",
		"{\"method\":\"io.tend.Info\",\"parameters\":[]}",
		"{\"method\":\"io.tend.Info\",\"more\":1}",
		"{\"method\":\"io.tend.Info\",\"upgrade\":true}",
		"{\"method\":\"io.tend.Info\",\"more\":true,\"oneway\":true}",
		"{\"method\":\"io.tend.Cat\",\"parameters\":{\"name\":\"a\\u0000b\"}}",
		"{\"method\":\"io.tend.Cat\",\"parameters\":{\"name\":\"\xff\"}}",
		"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n",
	};
	int other = serving_connect(&serving);

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		int fd = serving_connect(&serving);

		serving_say(fd, cases[i]);
		serving_expect_end(fd, "io.tend.BadInput");
		(void)fd_close(fd);
	}
	assert_int_equal(serving_ask(other, "clients"), 1);
	assert_int_equal(serving_ask(other, "calls"), 2);
	(void)fd_close(other);
}

static void
garbage_without_an_end_is_refused_at_once(void **state)
{
	int fd = serving_connect(&serving);

	(void)state;
	serving_write(fd, "SSH-2.0-OpenSSH\r\n", 17);
	serving_expect_end(fd, "io.tend.BadInput");
	(void)fd_close(fd);
}

static void
a_small_text_is_no_huge_tree(void **state)
{
	int fd = serving_connect(&serving);
	struct buf text;

	(void)state;
	buf_init(&text, LIMIT_MESSAGE);
	assert_true(buf_add_str(&text, "{\"method\":\"io.tend.Info\",\"x\":[[]"));
	for (int i = 0; i < 400000; i++) {
		assert_true(buf_add_str(&text, ",[]"));
	}
	assert_true(buf_add_str(&text, "]}"));
	serving_write(fd, text.data, text.length + 1);
	serving_expect_end(fd, "io.tend.BadInput");
	buf_done(&text);
	(void)fd_close(fd);
}

static void
oneway_has_no_answer(void **state)
{
	int fd = serving_connect(&serving);

	(void)state;
	serving_say(fd, "{\"method\":\"io.tend.Info\",\"oneway\":true}");
	serving_say(fd, "{\"method\":\"io.tend.Dance\",\"oneway\":true}");
	serving_say(fd,
		    "{\"method\":\"io.tend.Wait\",\"oneway\":true,\"parameters\":{\"names\":[]}}");
	{
		int other = serving_connect(&serving);

		serving_until(other, "kept", 1);
		serving_say(other, "{\"method\":\"io.tend.Reset\",\"parameters\":{\"names\":[]}}");
		serving_expect(other, "{\"parameters\":{}}");
		(void)fd_close(other);
	}
	serving_say(fd, "{\"method\":\"io.tend.Cat\",\"parameters\":{\"name\":\"a\"}}");
	serving_expect(fd, "{\"parameters\":{\"name\":\"a\"}}");
	(void)fd_close(fd);
}

static void
what_was_asked_is_done_although_the_caller_left(void **state)
{
	static const char all[] = "{\"method\":\"io.tend.Info\",\"oneway\":true}\0"
				  "{\"method\":\"io.tend.Info\",\"oneway\":true}\0"
				  "{\"method\":\"io.tend.Info\",\"oneway\":true}";
	int fd = serving_connect(&serving), other = serving_connect(&serving);

	(void)state;
	serving_write(fd, all, sizeof(all));
	(void)fd_close(fd);
	serving_until(other, "clients", 1);
	assert_true(serving_ask(other, "calls") >= 5);
	(void)fd_close(other);
}

static void
streams_end(void **state)
{
	int fd = serving_connect(&serving), other = serving_connect(&serving);

	(void)state;
	serving_say(fd, "{\"method\":\"io.tend.Watch\",\"more\":true}");
	serving_expect(fd, "{\"continues\":true,\"parameters\":{}}");
	serving_say(
		other,
		"{\"method\":\"io.tend.Signal\",\"parameters\":{\"names\":[],\"signal\":\"1\"}}");
	serving_expect(other, "{\"parameters\":{}}");
	serving_expect(fd, "{\"continues\":true,\"parameters\":{\"text\":\"x\"}}");
	serving_say(other, "{\"method\":\"io.tend.Reset\",\"parameters\":{\"names\":[]}}");
	serving_expect(fd, "{\"parameters\":{\"results\":[]}}");
	serving_expect(other, "{\"parameters\":{}}");
	(void)serving_ask(fd, "calls");
	(void)fd_close(fd);
	(void)fd_close(other);
}

static void
expect_description(int fd, const char *interface, const char *wanted)
{
	autofree char *request =
		str_format("{\"method\":\"org.varlink.service.GetInterfaceDescription\","
			   "\"parameters\":{\"interface\":\"%s\"}}",
			   interface);
	autofree char *heard = NULL;
	const char *text;
	json_t *reply;

	serving_say(fd, request);
	heard = serving_hear(fd);
	reply = json_loads(heard, 0, NULL);
	assert_int_equal(json_unpack(reply, "{s:{s:s}}", "parameters", "description", &text), 0);
	assert_string_equal(text, wanted);
	json_decref(reply);
}

static void
lists_are_made_item_by_item(void **state)
{
	int fd = serving_connect(&serving);
	struct buf names;

	(void)state;
	serving_say(fd, "{\"method\":\"io.tend.List\"}");
	serving_expect(fd, "{\"parameters\":{\"units\":[]}}");
	serving_say(fd, "{\"method\":\"io.tend.List\",\"parameters\":{\"names\":[\"a\",\"b\"]}}");
	serving_expect(fd, "{\"parameters\":{\"units\":[0,1]}}");
	serving_say(fd, "{\"method\":\"io.tend.List\",\"oneway\":true,\"parameters\":{"
			"\"names\":[\"a\"]}}");
	buf_init(&names, 1 << 20); /* longer than what a socket takes at once */
	(void)buf_add_str(&names, "{\"method\":\"io.tend.List\",\"parameters\":{\"names\":[\"\"");
	for (int i = 1; i < 100000; i++) {
		(void)buf_add_str(&names, ",\"\"");
	}
	(void)buf_add_str(&names, "]}}");
	serving_say(fd, buf_str(&names));
	buf_done(&names);
	{
		autofree char *heard = serving_hear(fd);

		assert_true(str_starts(heard, "{\"parameters\":{\"units\":[0,1,2,"));
		assert_true(str_ends(heard, ",99998,99999]}}"));
	}
	assert_int_equal(serving_ask(fd, "calls"), 5);
	(void)fd_close(fd);
}

static void
the_service_describes_itself(void **state)
{
	int fd = serving_connect(&serving);
	autofree char *heard = NULL;

	(void)state;
	serving_say(fd, "{\"method\":\"org.varlink.service.GetInfo\"}");
	heard = serving_hear(fd);
	assert_non_null(strstr(heard, "\"interfaces\":[\"org.varlink.service\",\"io.tend\"]"));
	expect_description(fd, "io.tend", wire_interface);
	expect_description(fd, "org.varlink.service", wire_interface_service);
	assert_non_null(strstr(wire_interface, "\ninterface io.tend\n"));
	assert_int_equal(wire_interface[strlen(wire_interface) - 1], '\n');
	(void)fd_close(fd);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
		TEST(wrong_calls_are_told_and_the_connection_lives_on),
		TEST(what_is_unknown_is_skipped),
		TEST(what_is_no_call_ends_the_connection),
		TEST(garbage_without_an_end_is_refused_at_once),
		TEST(a_small_text_is_no_huge_tree),
		TEST(oneway_has_no_answer),
		TEST(what_was_asked_is_done_although_the_caller_left),
		TEST(streams_end),
		TEST(lists_are_made_item_by_item),
		TEST(the_service_describes_itself),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
