#include "parsed.h"
#include "unit/expand.h"

static const struct expand with = {
	.name = "my-app-web\\x2d1@dir-sub\\x2dx",
	.file = "/etc/tend/my-app-web@.service",
	.runtime = "/run",
	.state = "/var/lib",
	.cache = "/var/cache",
	.logs = "/var/log",
	.config = "/etc",
	.user = "root",
	.group = "wheel",
	.home = "/root",
	.shell = "/bin/sh",
	.host = "box.example.org",
	.machine_id = "m",
	.boot_id = "b",
	.kernel = "6.1",
	.credentials = "/run/credentials",
	.os_release = "ID=debian\nVERSION_ID=\"12\"\n",
	.uid = 0,
	.gid = 5,
};

static void
means_what_systemd_says(void **state)
{
	static const struct {
		const char *text, *meaning;
	} rows[] = {
		{ "nothing", "nothing" },
		{ "", "" },
		{ "%%", "%" },
		{ "100%", "100%" },
		{ "%%i", "%i" },
		{ "%i", "dir-sub\\x2dx" },
		{ "%I", "dir/sub-x" },
		{ "%f", "/dir/sub-x" },
		{ "%n", "my-app-web\\x2d1@dir-sub\\x2dx.service" },
		{ "%N", "my-app-web\\x2d1@dir-sub\\x2dx" },
		{ "%p", "my-app-web\\x2d1" },
		{ "%P", "my/app/web-1" },
		{ "%j", "web\\x2d1" },
		{ "%J", "web-1" },
		{ "%t/%S/%C/%L/%E", "/run//var/lib//var/cache//var/log//etc" },
		{ "%u %U %g %G %h %s", "root 0 wheel 5 /root /bin/sh" },
		{ "%H %l %q", "box.example.org box box.example.org" },
		{ "%m %b %v", "m b 6.1" },
		{ "%T %V %d", "/tmp /var/tmp /run/credentials" },
		{ "%o %w [%W%A%B%M]", "debian 12 []" },
		{ "%y %Y", "/etc/tend/my-app-web@.service /etc/tend" },
		{ "a%ib", "adir-sub\\x2dxb" },
	};
	struct err err;

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		char autofree *text = unit_expand(&with, rows[i].text, &err);

		assert_non_null(text);
		assert_string_equal(text, rows[i].meaning);
		assert_true(expand_check(rows[i].text, NULL));
	}
}

static void
plain_names_have_no_instance(void **state)
{
	const struct expand plain = { .name = "web" };
	char autofree *text = unit_expand(&plain, "[%i%I] %p %j %f %n", NULL);

	(void)state;
	assert_string_equal(text, "[] web web /web web.service");
}

static void
says_what_is_no_specifier(void **state)
{
	struct err err;

	(void)state;
	assert_null(unit_expand(&with, "a%Z", &err));
	assert_string_equal(err.text, "%Z is not a specifier; %% is a percent sign");
	assert_null(unit_expand(&with, "%20", &err));
	assert_false(expand_check("%i %z", &err));
	assert_false(expand_check("%\xc3\xa9", &err));
}

static void
unknown_facts_are_errors(void **state)
{
	static const char *const rows[] = { "%t", "%S", "%u", "%h", "%H", "%l",
					    "%m", "%d", "%o", "%y", "%Y" };
	const struct expand plain = { .name = "web" };
	struct err err;

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		char autofree *words = str_format("what %s means is not known here", rows[i]);

		assert_null(unit_expand(&plain, rows[i], &err));
		assert_string_equal(err.text, words);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(means_what_systemd_says),
		cmocka_unit_test(plain_names_have_no_instance),
		cmocka_unit_test(says_what_is_no_specifier),
		cmocka_unit_test(unknown_facts_are_errors),
	};

	return cmocka_run_group_tests_name("expand", tests, NULL, NULL);
}
