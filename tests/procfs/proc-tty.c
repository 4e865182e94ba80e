#include "test.h"
#include "base/fd.h"
#include "procfs/procfs.h"
#include <pty.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>

static void
expect(unsigned major, unsigned minor, const char *wanted)
{
	/* as the kernel packs a device number for user space */
	int tty = (int)(major << 8 | (minor & 0xff) | (minor & 0xfff00) << 12);
	char name[64];

	assert_string_equal(proc_tty_name(tty, name, sizeof(name)), wanted);
}

static void
numbers_have_names(void **state)
{
	char name[64];

	(void)state;
	assert_null(proc_tty_name(0, name, sizeof(name)));
	expect(136, 0, "pts/0");
	expect(136, 255, "pts/255");
	expect(136, 256, "pts/256");
	expect(136, 70000, "pts/70000");
	expect(137, 3, "pts/259");
	expect(999, 12, "999:12");
}

static void
what_the_kernel_lists_is_known(void **state)
{
	autofree char *drivers = NULL;

	(void)state;
	assert_int_equal(file_read_proc(AT_FDCWD, "/proc/tty/drivers", 1 << 20, &drivers, NULL), 0);
	expect(5, 1, "console");
	if (strstr(drivers, "/dev/ttyS")) {
		expect(4, 64, "ttyS0");
	}
	if (strstr(drivers, "console\n") && strstr(drivers, "1-63")) {
		expect(4, 1, "tty1");
		expect(4, 63, "tty63");
	}
}

static void
a_process_tells_its_own(void **state)
{
	int master = -1, status;
	char path[64] = "";
	pid_t pid = forkpty(&master, path, NULL, NULL);

	(void)state;
	if (pid == 0) {
		struct proc_stat stat;
		char name[64], *own = ttyname(0);
		bool same = proc_stat(getpid(), &stat) == 0 && own &&
			    str_equal(own + strlen("/dev/"),
				      proc_tty_name(stat.tty, name, sizeof(name)));
		_exit(same ? 0 : 1);
	}
	assert_true(pid > 0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	(void)fd_close(master);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers_have_names),
		cmocka_unit_test(what_the_kernel_lists_is_known),
		cmocka_unit_test(a_process_tells_its_own),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
