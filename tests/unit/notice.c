#include "parsed.h"
#include "unit/notice.h"

static void
copies_what_it_is_given(void **state)
{
	struct list notices; /* notice.link */
	char file[] = "/f", key[] = "K";
	struct notice *notice;

	(void)state;
	list_init(&notices);
	notice_add(&notices, NOTICE_NEEDS, file, 3, key, "%d%%", 5);
	notice_add(&notices, NOTICE_BAD, NULL, 0, NULL, "x");
	file[1] = key[0] = '-';
	notice = LIST_FIRST(&notices, struct notice, link);
	assert_int_equal(notice->kind, NOTICE_NEEDS);
	assert_string_equal(notice->file, "/f");
	assert_int_equal(notice->line, 3);
	assert_string_equal(notice->key, "K");
	assert_string_equal(notice->text, "5%");
	assert_null(notice_free(notice));
	notice = LIST_FIRST(&notices, struct notice, link);
	assert_null(notice->file);
	assert_null(notice->key);
	assert_null(notice_free(notice));
	assert_true(list_is_empty(&notices));
	assert_null(notice_free(NULL));
}

int
main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(copies_what_it_is_given) };

	return cmocka_run_group_tests_name("notice", tests, NULL, NULL);
}
