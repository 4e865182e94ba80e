#include "parsed.h"

static void
names_are_those_of_files(void **state)
{
	(void)state;
	assert_string_equal(section_name(SECTION_UNIT), "Unit");
	assert_string_equal(section_name(SECTION_SERVICE), "Service");
	assert_string_equal(section_name(SECTION_INSTALL), "Install");
	assert_string_equal(section_name(SECTION_TEND), "X-Tend");
}

int
main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(names_are_those_of_files) };

	return cmocka_run_group_tests_name("section", tests, NULL, NULL);
}
