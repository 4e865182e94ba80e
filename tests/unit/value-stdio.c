#include "parsed.h"

static void
reads_places(void **state)
{
	assert_value("StandardInput=null", "StandardInput", "null");
	assert_value("StandardInput=data", "StandardInput", "data");
	assert_value("StandardInput=file:/a b", "StandardInput", "file:/a b");
	assert_value("StandardInput=\"file:/a\\nb\"", "StandardInput", "\"file:/a\\nb\"");
	assert_value("StandardOutput=journal", "StandardOutput", "journal");
	assert_value("StandardOutput=syslog", "StandardOutput", "syslog");
	assert_value("StandardOutput=append:%h/x", "StandardOutput", "append:%h/x");
	assert_value("StandardOutput=truncate:/x", "StandardOutput", "truncate:/x");
	assert_value("StandardOutput=kmsg", "StandardOutput", "kmsg");
	assert_value("StandardOutput=tty", "StandardOutput", "tty");
	assert_value("StandardOutput=inherit", "StandardOutput", "inherit");
	assert_value("StandardError=inherit", "StandardError", "inherit");
	assert_value("StandardError=null\nStandardError=", "StandardError", "");
	(void)state;
}

static void
says_what_it_cannot_give(void **state)
{
	(void)state;
	assert_said("StandardInput=tty", NOTICE_APPROXIMATED, "controlling terminal");
	assert_said("StandardInput=fd:x", NOTICE_APPROXIMATED, "no socket");
	assert_said("StandardOutput=socket", NOTICE_APPROXIMATED, "no socket");
	assert_said("StandardOutput=journal+console", NOTICE_APPROXIMATED, "console");
	assert_said("StandardOutput=data", NOTICE_BAD, "'data' is nothing that StandardOutput=");
	assert_said("StandardInput=append:/x", NOTICE_BAD, "nothing that StandardInput=");
	assert_said("StandardOutput=file:x", NOTICE_BAD, "'x' is not an absolute path");
	assert_said("StandardOutput=file:/%Z", NOTICE_BAD, "%Z");
	assert_said("StandardOutput=\"file:/x", NOTICE_BAD, "not closed");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_places),
		cmocka_unit_test(says_what_it_cannot_give),
	};

	return cmocka_run_group_tests_name("value-stdio", tests, NULL, NULL);
}
