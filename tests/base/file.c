#include "test.h"
#include "base/fd.h"
#include "base/file.h"
#include "base/path.h"
#include <dirent.h>
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#define DIRECTORY __attribute__((cleanup(test_dir_done)))

static int
entries_of(const char *path)
{
	DIR *entries = opendir(path);
	int n = 0;

	while (entries && readdir(entries)) {
		n++;
	}
	(void)closedir(entries);
	return n - 2;
}

static void
reads_what_was_put(void **state)
{
	DIRECTORY char *directory = test_dir();
	autofree char *path = path_join(directory, "file"), *text = NULL;
	size_t length = 0;
	struct stat status;
	mode_t old = umask(0077);

	(void)state;
	assert_int_equal(file_replace(AT_FDCWD, path, "first", 5, 0600, false), 0);
	assert_int_equal(file_replace(AT_FDCWD, path, "se\0cond", 7, 0644, true), 0);
	(void)umask(old);
	assert_int_equal(file_read(AT_FDCWD, path, 7, &text, &length), 0);
	assert_int_equal(length, 7);
	assert_memory_equal(text, "se\0cond", 8);
	assert_int_equal(stat(path, &status), 0);
	assert_int_equal(status.st_mode & 07777, 0644);
	assert_int_equal(entries_of(directory), 1);
}

static void
reading_is_bounded(void **state)
{
	DIRECTORY char *directory = test_dir();
	autofree char *path = path_join(directory, "file"), *text = NULL, *large = malloc(100000);
	size_t length = 7;

	(void)state;
	memset(large, 'x', 100000);
	assert_int_equal(file_replace(AT_FDCWD, path, large, 100000, 0600, false), 0);
	assert_int_equal(file_read(AT_FDCWD, path, 99999, &text, &length), -EFBIG);
	assert_null(text);
	assert_int_equal(length, 7);
	assert_int_equal(file_read(AT_FDCWD, path, 100000, &text, &length), 0);
	assert_int_equal(length, 100000);
	assert_memory_equal(text, large, 100000);
	free(text);
	text = NULL;
	assert_int_equal(file_read_proc(AT_FDCWD, "/proc/self/stat", 10, &text, NULL), -EFBIG);
	assert_int_equal(file_read_proc(AT_FDCWD, "/proc/self/stat", 4096, &text, &length), 0);
	assert_true(length > 10 && strlen(text) == length);
}

static void
only_regular_files_are_read(void **state)
{
	DIRECTORY char *directory = test_dir();
	autofree char *fifo = path_join(directory, "fifo"), *text = NULL;

	(void)state;
	assert_int_equal(mkfifo(fifo, 0600), 0);
	assert_int_equal(file_read(AT_FDCWD, fifo, 10, &text, NULL), -EINVAL);
	assert_int_equal(file_read(AT_FDCWD, directory, 10, &text, NULL), -EINVAL);
	assert_int_equal(file_read(AT_FDCWD, "/dev/zero", 10, &text, NULL), -EINVAL);
	assert_int_equal(file_read(AT_FDCWD, "/nowhere", 10, &text, NULL), -ENOENT);
	assert_null(text);
}

static void
a_failed_replacement_leaves_nothing(void **state)
{
	DIRECTORY char *directory = test_dir();
	autofree char *path = path_join(directory, "there"), *below = path_join(path, "x");

	(void)state;
	assert_int_equal(mkdir(path, 0700), 0);
	assert_int_equal(file_replace(AT_FDCWD, path, "x", 1, 0600, false), -EISDIR);
	assert_int_equal(entries_of(directory), 1);
	assert_int_equal(file_replace(AT_FDCWD, below, "x", 1, 0600, false), 0);
	assert_int_equal(file_replace(AT_FDCWD, "/nowhere/x", "x", 1, 0600, false), -ENOENT);
}

static void
sweeps_temporaries_only(void **state)
{
	DIRECTORY char *directory = test_dir();
	autoclose int fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	(void)state;
	assert_int_equal(file_replace(fd, ".new-0123", "x", 1, 0600, false), 0);
	assert_int_equal(file_replace(fd, "web", "x", 1, 0600, false), 0);
	assert_int_equal(file_sweep(fd), 0);
	assert_int_equal(entries_of(directory), 1);
	assert_int_equal(faccessat(fd, "web", F_OK, 0), 0);
}

static void
makes_directories(void **state)
{
	DIRECTORY char *directory = test_dir();
	autofree char *deep = path_join(directory, "a//b/./c/"), *file = path_join(deep, "file");
	autofree char *below = path_join(file, "x");

	(void)state;
	assert_int_equal(file_make_dirs(deep, 0700), 0);
	assert_int_equal(file_make_dirs(deep, 0700), 0);
	assert_int_equal(file_replace(AT_FDCWD, file, "", 0, 0600, false), 0);
	assert_int_equal(file_make_dirs(file, 0700), -ENOTDIR);
	assert_int_equal(file_make_dirs(below, 0700), -ENOTDIR);
	assert_int_equal(file_make_dirs("/", 0700), 0);
}

static void
a_private_directory_is_ours_alone(void **state)
{
	DIRECTORY char *directory = test_dir();
	autofree char *path = path_join(directory, "run"), *link = path_join(directory, "link");
	autofree char *file = path_join(directory, "file");
	autoclose int fd = -1, again = -1;
	struct stat status;

	(void)state;
	fd = file_open_private_dir(path, geteuid());
	assert_true(fd > 2);
	assert_int_equal(fstat(fd, &status), 0);
	assert_int_equal(status.st_mode & 0777, 0700);
	again = file_open_private_dir(path, geteuid());
	assert_true(again > 2);
	assert_int_equal(symlink(path, link), 0);
	assert_true(file_open_private_dir(link, geteuid()) < 0);
	assert_int_equal(file_open_private_dir(path, geteuid() + 1), -EPERM);
	assert_int_equal(chmod(path, 0750), 0);
	assert_int_equal(file_open_private_dir(path, geteuid()), -EACCES);
	assert_int_equal(file_replace(AT_FDCWD, file, "", 0, 0600, false), 0);
	assert_int_equal(file_open_private_dir(file, geteuid()), -ENOTDIR);
}

static void
removes_trees_and_no_more(void **state)
{
	DIRECTORY char *directory = test_dir();
	autofree char *tree = path_join(directory, "tree"), *kept = path_join(directory, "kept");
	autofree char *deep = path_join(tree, "a/b/c"), *link = path_join(tree, "a/link");
	autofree char *inside = path_join(kept, "inside");

	(void)state;
	assert_int_equal(file_make_dirs(deep, 0700), 0);
	assert_int_equal(file_make_dirs(kept, 0700), 0);
	assert_int_equal(file_replace(AT_FDCWD, inside, "", 0, 0600, false), 0);
	assert_int_equal(symlink(kept, link), 0);
	assert_int_equal(file_remove_tree(AT_FDCWD, tree), 0);
	assert_int_equal(access(tree, F_OK), -1);
	assert_int_equal(access(inside, F_OK), 0);
	assert_int_equal(symlink(kept, tree), 0);
	assert_int_equal(file_remove_tree(AT_FDCWD, tree), 0); /* the link itself */
	assert_int_equal(access(inside, F_OK), 0);
	assert_int_equal(file_remove_tree(AT_FDCWD, inside), 0);
	assert_int_equal(file_remove_tree(AT_FDCWD, inside), 0); /* gone already */
}

/* deeper than PATH_MAX and than any limit of descriptors */
static void
removes_what_is_very_deep(void **state)
{
	DIRECTORY char *directory = test_dir();
	autoclose int top = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC), at = -1;

	(void)state;
	at = fd_dup(top);
	for (int i = 0; i < 3000; i++) {
		int next;

		assert_int_equal(mkdirat(at, "deeper", 0700), 0);
		assert_int_equal(mkdirat(at, "beside", 0700), 0);
		next = openat(at, "deeper", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		assert_true(next > 2);
		(void)fd_close(at);
		at = next;
	}
	assert_int_equal(file_remove_tree(top, "deeper"), 0);
	assert_int_equal(entries_of(directory), 1);
}

/* binds and connects through the address of a path of this length */
static void
serve_at(const char *path)
{
	struct sockaddr_un address;
	socklen_t length = 0;
	autoclose int hold = -1, server = -1, client = -1;

	assert_int_equal(file_socket_address(path, &address, &length, &hold), 0);
	server = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	client = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(bind(server, (struct sockaddr *)&address, length), 0);
	assert_int_equal(listen(server, 1), 0);
	assert_int_equal(connect(client, (struct sockaddr *)&address, length), 0);
	assert_int_equal(access(path, F_OK), 0);
}

static void
socket_addresses_of_any_length(void **state)
{
	DIRECTORY char *directory = test_dir();
	autofree char *close_by = path_join(directory, "socket"), *deep = str_dup(directory);
	autofree char *far = NULL, *name = str_format("/tmp/%0150d", 1);
	struct sockaddr_un address;
	socklen_t length;
	int hold = -1;

	(void)state;
	serve_at(close_by);
	for (int i = 0; i < 20; i++) {
		char *next = path_join(deep, "a-long-name-of-a-directory");

		free(deep);
		deep = next;
	}
	far = path_join(deep, "socket");
	assert_int_equal(file_make_dirs(deep, 0700), 0);
	serve_at(far);
	assert_int_equal(file_socket_address(name, &address, &length, &hold), -ENAMETOOLONG);
	assert_int_equal(hold, -1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_what_was_put),
		cmocka_unit_test(reading_is_bounded),
		cmocka_unit_test(only_regular_files_are_read),
		cmocka_unit_test(a_failed_replacement_leaves_nothing),
		cmocka_unit_test(sweeps_temporaries_only),
		cmocka_unit_test(makes_directories),
		cmocka_unit_test(a_private_directory_is_ours_alone),
		cmocka_unit_test(removes_trees_and_no_more),
		cmocka_unit_test(removes_what_is_very_deep),
		cmocka_unit_test(socket_addresses_of_any_length),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
