#include "processes.h"
#include "procfs/detail.h"
#include <sys/mman.h>

static const struct proc_map *
find(const struct proc_maps *maps, const void *address)
{
	for (size_t i = 0; i < maps->count; i++) {
		if (maps->maps[i].start == (uint64_t)(uintptr_t)address) {
			return &maps->maps[i];
		}
	}
	return NULL;
}

static void
paths_are_what_they_are(void **state)
{
	autofree char *directory = test_dir();
	autofree char *path = str_format("%s/a b\nc (deleted)", directory);
	autodone(proc_maps) struct proc_maps maps = { 0 };
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	const struct proc_map *map;
	char *there;

	(void)state;
	assert_int_equal(ftruncate(fd, 8192), 0);
	there = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
	assert_true(there != MAP_FAILED);
	there[0] = 1;
	assert_int_equal(proc_maps(getpid(), true, &maps), 0);
	map = find(&maps, there);
	assert_non_null(map);
	/* such a name is told from a deleted file by looking at the file alone */
	assert_true(map->deleted);
	assert_true(str_ends(map->path, "/a b\nc"));
	assert_string_equal(map->perms, "rw-p");
	assert_int_equal(map->end - map->start, 8192);
	assert_true(map->rss >= 4096 && map->rss <= 8192);
	assert_true(map->inode > 0);
	(void)munmap(there, 8192);
	(void)close(fd);
	test_dir_done(&directory);
}

static void
with_and_without_sizes_they_are_the_same(void **state)
{
	pid_t pid = processes_start(NULL, NULL); /* it does nothing, so they stay */
	autodone(proc_maps) struct proc_maps sized = { 0 }, plain = { 0 };

	(void)state;
	assert_int_equal(proc_maps(pid, true, &sized), 0);
	assert_int_equal(proc_maps(pid, false, &plain), 0);
	assert_int_equal(sized.count, plain.count);
	for (size_t i = 0; i < plain.count; i++) {
		assert_int_equal(sized.maps[i].start, plain.maps[i].start);
		assert_string_equal(sized.maps[i].path, plain.maps[i].path);
		assert_int_equal(plain.maps[i].rss, 0);
	}
	processes_end(pid);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(paths_are_what_they_are),
		cmocka_unit_test(with_and_without_sizes_they_are_the_same),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
