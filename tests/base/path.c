#include "test.h"
#include "base/path.h"
#include <errno.h>
#include <sys/stat.h>

static void
takes_apart_and_joins(void **state)
{
	static const struct {
		const char *path, *directory, *base;
	} rows[] = {
		{ "/a/b", "/a", "b" }, { "a", ".", "a" }, { "/a", "/", "a" },
		{ "a//b", "a", "b" },  { "/", "/", "" },  { "a/b/", "a/b", "" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		autofree char *directory = path_dir(rows[i].path);

		assert_string_equal(directory, rows[i].directory);
		assert_string_equal(path_base(rows[i].path), rows[i].base);
	}
	autofree char *a = path_join("/x", "y");
	autofree char *b = path_join("/x/", "y");
	autofree char *c = path_join("", "y");

	assert_string_equal(a, "/x/y");
	assert_string_equal(b, "/x/y");
	assert_string_equal(c, "y");
}

static void
clean(void **state)
{
	static const struct {
		const char *path, *cleaned;
		bool is_clean;
	} rows[] = {
		{ "/", "/", true },
		{ "/a/b", "/a/b", true },
		{ "/a/b/", "/a/b", false },
		{ "//a", "/a", false },
		{ "/a/./b", "/a/b", false },
		{ "/a/../b", "/a/../b", false },
		{ "/..", "/..", false },
		{ "/.hidden", "/.hidden", true },
		{ "/...", "/...", true },
		{ "a", "a", false },
		{ "./a/.", "a", false },
		{ "", ".", false },
		{ ".", ".", false },
		{ "///", "/", false },
		{ "../a//b/", "../a/b", false },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		autofree char *cleaned = path_clean(rows[i].path);

		assert_string_equal(cleaned, rows[i].cleaned);
		assert_int_equal(path_is_clean(rows[i].path), rows[i].is_clean);
	}
	assert_true(path_is_absolute("/a"));
	assert_false(path_is_absolute("a"));
	assert_false(path_is_absolute(""));
}

static void
touch(const char *directory, const char *name, mode_t mode)
{
	autofree char *path = path_join(directory, name);

	assert_int_equal(file_replace(AT_FDCWD, path, "", 0, mode, false), 0);
}

static void
finds_programs_as_a_shell_would(void **state)
{
	__attribute__((cleanup(test_dir_done))) char *first = test_dir();
	__attribute__((cleanup(test_dir_done))) char *second = test_dir();
	autofree char *search = str_format("/nowhere:%s:%s", first, second);
	autofree char *expected = path_join(second, "prog");
	autofree char *directory = path_join(first, "prog");
	autofree char *found = NULL, *as_is = NULL;

	(void)state;
	touch(second, "prog", 0755);
	touch(second, "text", 0644);
	assert_int_equal(mkdir(directory, 0755), 0); /* not taken for a program */
	found = path_find_program("prog", search);
	assert_string_equal(found, expected);
	assert_null(path_find_program("text", search));
	assert_int_equal(errno, EACCES);
	assert_null(path_find_program("none", search));
	assert_int_equal(errno, ENOENT);
	assert_null(path_find_program("", search));
	assert_null(path_find_program("prog", NULL));
	as_is = path_find_program("./x", search);
	assert_string_equal(as_is, "./x");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(takes_apart_and_joins),
		cmocka_unit_test(clean),
		cmocka_unit_test(finds_programs_as_a_shell_would),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
