/* Questions to a pidfd. PIDFD_GET_INFO is newer than the headers we build with, so its number and
 * struct stand here (they are ABI). The kernel keeps the exit status with the pidfd's inode and
 * gives it out only once the process has been reaped; before that, the mask in its answer lacks
 * the bit. 6.13 and 6.14 have the call and not the bit: they answer ESRCH for one that has been
 * reaped, which later ones never do to who holds the pidfd. */
#include "base/str.h"
#include "base/file.h"
#include "procfs/proc.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>

struct info {
	uint64_t mask, cgroup;
	uint32_t pid, tgid, ppid;
	uint32_t ids[8];
	int32_t exit_status;
};
enum { INFO_EXIT = 1 << 3 };
#define GET_INFO _IOWR(0xff, 11, struct info)

static_assert(sizeof(struct info) == 64, "the first size of the kernel's struct pidfd_info");

int
pidfd_exit_status(int pidfd, int *ret_wait_status)
{
	struct info info = { .mask = INFO_EXIT };

	if (ioctl(pidfd, GET_INFO, &info) < 0) {
		return errno == EBADF ? -EBADF : -EOPNOTSUPP;
	}
	if (!(info.mask & INFO_EXIT)) {
		return -EAGAIN;
	}
	*ret_wait_status = info.exit_status;
	return 0;
}

pid_t
pidfd_pid(int pidfd)
{
	autofree char *text = NULL;
	char path[PROC_PATH];
	const char *at;

	(void)snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", pidfd);
	if (file_read_proc(AT_FDCWD, path, 4096, &text, NULL) < 0) {
		return -1;
	}
	at = strstr(text, "\nPid:\t");
	if (!at) {
		return -1;
	}
	at += 6;
	return (pid_t)proc_number(&at);
}
