#include "parsed.h"
#include "base/path.h"
#include <errno.h>
#include <sys/stat.h>

struct world {
	char *root, *first, *second;
	char *directories[3];
};

static void
write_file(const char *directory, const char *name, const char *text)
{
	char autofree *path = path_join(directory, name);
	char autofree *parent = path_dir(path);

	assert_int_equal(file_make_dirs(parent, 0755), 0);
	assert_int_equal(file_replace(AT_FDCWD, path, text, strlen(text), 0644, false), 0);
}

static int
world_make(void **state)
{
	struct world *world = malloc(sizeof(*world));

	assert_non_null(world);
	world->root = test_dir();
	world->first = path_join(world->root, "first");
	world->second = path_join(world->root, "second");
	world->directories[0] = world->first;
	world->directories[1] = world->second;
	world->directories[2] = NULL;
	assert_int_equal(file_make_dirs(world->first, 0755), 0);
	assert_int_equal(file_make_dirs(world->second, 0755), 0);
	*state = world;
	return 0;
}

static int
world_end(void **state)
{
	struct world *world = *state;

	test_dir_done(&world->root);
	free(world->first);
	free(world->second);
	free(world);
	return 0;
}

static void
the_first_directory_wins(void **state)
{
	struct world *world = *state;
	struct err err;
	struct unit *unit;

	write_file(world->second, "web.service", "[Service]\nExecStart=/second\n");
	unit = unit_load("web", world->directories, &err);
	assert_string_equal(unit->exec_start.list[0].program, "/second");
	assert_null(unit_unref(unit));
	write_file(world->first, "web.service", "[Service]\nExecStart=/first\n");
	unit = unit_load("web", world->directories, &err);
	assert_string_equal(unit->exec_start.list[0].program, "/first");
	assert_true(str_ends(unit->file, "/first/web.service"));
	assert_string_equal(unit->name, "web");
	assert_null(unit_unref(unit));
}

static void
drop_ins_are_read_by_name(void **state)
{
	struct world *world = *state;
	struct unit *unit;
	struct err err;

	write_file(world->second, "a-b.service", "[Service]\nExecStart=/a\nEnvironment=V=main\n");
	write_file(world->first, "a-b.service.d/20.conf", "[Service]\nEnvironment=V=20 A=20\n");
	write_file(world->second, "a-b.service.d/10.conf", "[Service]\nEnvironment=V=10 B=10\n");
	write_file(world->second, "a-b.service.d/20.conf", "[Service]\nEnvironment=V=hidden\n");
	write_file(world->second, "service.d/30.conf", "[Service]\nEnvironment=C=30\n\nNice=x\n");
	write_file(world->second, "a-.service.d/05.conf", "[Service]\nEnvironment=D=05\n");
	write_file(world->second, "a-b.service.d/40.conf", ""); /* hides what others say in one */
	write_file(world->second, "service.d/40.conf", "[Service]\nEnvironment=V=40\n");
	write_file(world->second, "a-b.service.d/50.txt", "[Service]\nEnvironment=V=50\n");
	write_file(world->second, "a-b.service.d/.60.conf", "[Service]\nEnvironment=V=60\n");
	unit = unit_load("a-b", world->directories, &err);
	assert_words(unit->environment, "V=20|D=05|B=10|A=20|C=30");
	assert_int_equal(strv_length(unit->drop_ins), 4);
	assert_true(str_ends(unit->drop_ins[2], "/first/a-b.service.d/20.conf"));
	assert_true(str_ends(notice_only(unit)->file, "/second/service.d/30.conf"));
	assert_int_equal(notice_only(unit)->line, 4);
	assert_true(str_ends(unit_place_file(unit, unit_given(unit, key_by_name("Environment"))),
			     "30.conf"));
	assert_null(unit_unref(unit));
}

static void
instances_come_from_templates(void **state)
{
	struct world *world = *state;
	struct unit *unit;
	struct err err;

	write_file(world->first, "web@.service", "[Service]\nExecStart=/a %i\nNice=1\n");
	write_file(world->first, "web@.service.d/x.conf", "[Service]\nNice=2\n");
	unit = unit_load("web@1", world->directories, &err);
	assert_string_equal(unit->name, "web@");
	assert_int_equal(unit->nice, 2);
	assert_null(unit_unref(unit));
	unit = unit_load("web@", world->directories, &err);
	assert_string_equal(unit->name, "web@");
	assert_null(unit_unref(unit));
	write_file(world->second, "web@1.service.d/x.conf", "[Service]\nNice=3\n");
	unit = unit_load("web@1", world->directories, &err);
	assert_string_equal(unit->name, "web@1");
	assert_int_equal(unit->nice, 3);
	assert_null(unit_unref(unit));
	write_file(world->second, "web@7.service", "[Service]\nExecStart=/seven\n");
	unit = unit_load("web@7", world->directories, &err);
	assert_string_equal(unit->name, "web@7");
	assert_string_equal(unit->exec_start.list[0].program, "/seven");
	assert_int_equal(unit->nice, 2);
	assert_null(unit_unref(unit));
}

static void
assert_refused(struct world *world, const char *name, int number, const char *words)
{
	struct err err = { .number = 0 };

	assert_null(unit_load(name, world->directories, &err));
	assert_int_equal(err.number, number);
	if (strstr(err.text, words) == NULL) {
		fail_msg("'%s' is not in '%s'", words, err.text);
	}
}

static void
survives_what_is_no_file(void **state)
{
	struct world *world = *state;
	char autofree *fifo = path_join(world->first, "fifo.service");
	char autofree *directory = path_join(world->first, "dir.service");
	char autofree *loop = path_join(world->first, "loop.service");
	char autofree *dangling = path_join(world->first, "gone.service");
	char autofree *mask = path_join(world->first, "mask.service");
	char autofree *device = path_join(world->first, "zero.service");
	char autofree *large = str_format("[Unit]\n#%*s\n", 10 << 20, "x");

	assert_int_equal(mkfifo(fifo, 0600), 0);
	assert_int_equal(mkdir(directory, 0700), 0);
	assert_int_equal(symlink("loop.service", loop), 0);
	assert_int_equal(symlink("nowhere", dangling), 0);
	assert_int_equal(symlink("/dev/null", mask), 0);
	assert_int_equal(symlink("/dev/zero", device), 0);
	write_file(world->first, "large.service", large);
	write_file(world->first, "empty.service", "");
	assert_refused(world, "fifo", EINVAL, "is not a regular file");
	assert_refused(world, "dir", EINVAL, "is not a regular file");
	assert_refused(world, "zero", EINVAL, "is not a regular file");
	assert_refused(world, "loop", ELOOP, "loop.service: Too many levels of symbolic links");
	assert_refused(world, "gone", EIO, "gone.service: No such file");
	assert_refused(world, "large", EFBIG, "is larger than 1048576 bytes");
	assert_refused(world, "mask", ESHUTDOWN, "mask is masked by ");
	assert_refused(world, "empty", ESHUTDOWN, "empty is masked by ");
	assert_refused(world, "none", ENOENT, "there is no unit none");
	assert_refused(world, "none@1", ENOENT, "there is no unit none@1");
	assert_refused(world, "../first/large", 0, "cannot");
	assert_refused(world, "", 0, "empty");
}

static void
a_drop_in_that_cannot_be_read_makes_it_bad(void **state)
{
	struct world *world = *state;
	char autofree *drop_in = path_join(world->first, "web.service.d/x.conf");
	struct unit *unit;
	struct err err;

	write_file(world->first, "web.service", "[Service]\nExecStart=/a\n");
	write_file(world->first, "web.service.d/a.conf", "[Service]\nNice=1\n");
	assert_int_equal(mkfifo(drop_in, 0600), 0);
	unit = unit_load("web", world->directories, &err);
	assert_non_null(strstr(unit->bad, "x.conf is not a regular file"));
	assert_string_equal(notice_only(unit)->file, drop_in);
	assert_int_equal(unit->nice, 1);
	assert_null(unit_unref(unit));
}

static void
damaged_text_is_loaded_and_bad(void **state)
{
	struct world *world = *state;
	struct unit *unit;
	struct err err;

	write_file(world->first, "web.service", "[Service]\nExecStart=/a\xff\n\x01\x02\xfe=\n");
	unit = unit_load("web", world->directories, &err);
	assert_non_null(unit->bad);
	assert_null(unit_unref(unit));
}

static void
lists_names_once(void **state)
{
	struct world *world = *state;
	char *nothing[] = { NULL };
	char **names;

	assert_null(unit_names(world->directories));
	assert_null(unit_names(nothing));
	write_file(world->first, "b.service", "");
	write_file(world->second, "b.service", "");
	write_file(world->second, "a@.service", "");
	write_file(world->second, "c@1.service", "");
	write_file(world->second, "d.timer", "");
	write_file(world->second, "e f.service", "");
	write_file(world->second, ".service", "");
	names = unit_names(world->directories);
	assert_words(names, "a@|b|c@1");
	(void)strv_free(names);
	for (int i = 0; i < 100; i++) {
		char autofree *name = str_format("many%02d.service", i);

		write_file(world->first, name, "");
	}
	names = unit_names(world->directories);
	assert_int_equal(strv_length(names), 103);
	assert_string_equal(names[102], "many99");
	(void)strv_free(names);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(the_first_directory_wins, world_make, world_end),
		cmocka_unit_test_setup_teardown(drop_ins_are_read_by_name, world_make, world_end),
		cmocka_unit_test_setup_teardown(instances_come_from_templates, world_make,
						world_end),
		cmocka_unit_test_setup_teardown(survives_what_is_no_file, world_make, world_end),
		cmocka_unit_test_setup_teardown(a_drop_in_that_cannot_be_read_makes_it_bad,
						world_make, world_end),
		cmocka_unit_test_setup_teardown(damaged_text_is_loaded_and_bad, world_make,
						world_end),
		cmocka_unit_test_setup_teardown(lists_names_once, world_make, world_end),
	};

	return cmocka_run_group_tests_name("load", tests, NULL, NULL);
}
