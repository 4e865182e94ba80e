/* syslog-text: RFC 5424's heads, whatever the line and the unit's name are. */
#include "test.h"
#include "base/clock.h"
#include "logger/syslog-text.h"
#include <string.h>

static void
expect(struct syslog_line line, const char *text, const char *message)
{
	struct buf autodone(buf) buf = { .max = 4096 };

	line.text = text;
	line.length = strlen(text);
	line.time = 1700000000LL * CLOCK_S + 12345 * CLOCK_US + 999;
	assert_true(syslog_text(&line, &buf));
	assert_string_equal(buf_str(&buf), message);
}

static void
heads(void **state)
{
	const struct syslog_line web = { .host = "box", .unit = "web@1", .pid = 77 };
	const struct syslog_line odd = { .host = "", .unit = "a b\xc3\xa9" };

	(void)state;
	expect(web, "hello", "<30>1 2023-11-14T22:13:20.012345Z box web@1 77 - - hello");
	expect(web, "<3>bad", "<27>1 2023-11-14T22:13:20.012345Z box web@1 77 - - bad");
	expect(web, "<0>", "<24>1 2023-11-14T22:13:20.012345Z box web@1 77 - - ");
	expect(web, "<8>no", "<30>1 2023-11-14T22:13:20.012345Z box web@1 77 - - <8>no");
	expect(web, "", "<30>1 2023-11-14T22:13:20.012345Z box web@1 77 - - ");
	expect(odd, "x", "<30>1 2023-11-14T22:13:20.012345Z - a_b__ - - - x");
}

static void
kernel_and_room(void **state)
{
	const struct syslog_line line = {
		.host = "box", .unit = "web", .text = "<4>w", .length = 4
	};
	struct buf autodone(buf) buf = { .max = 64 };
	struct buf autodone(buf) small = { .max = 20 };

	(void)state;
	assert_true(syslog_text_kernel(&line, &buf));
	assert_string_equal(buf_str(&buf), "<28>web: w");
	assert_false(syslog_text(&line, &small));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(heads),
		cmocka_unit_test(kernel_and_room),
	};

	return cmocka_run_group_tests_name("syslog-text", tests, NULL, NULL);
}
