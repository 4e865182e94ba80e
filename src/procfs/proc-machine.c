/* What is the same for all processes: asked once and kept. */
#include "base/clock.h"
#include "base/file.h"
#include "procfs/proc.h"
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysinfo.h>
#include <unistd.h>

/* include/linux/proc_ns.h of the kernel: the inode of the first pid namespace never changes */
enum { PID_INIT_INODE = 0xeffffffc };

const char *
proc_boot_id(void)
{
	static char id[40];
	autofree char *text = NULL;

	if (!id[0] && file_read_proc(AT_FDCWD, "/proc/sys/kernel/random/boot_id", sizeof(id) - 1,
				     &text, NULL) == 0) {
		text[strcspn(text, "\n")] = '\0';
		memcpy(id, text, strlen(text) + 1);
	}
	return id;
}

uint64_t
proc_ticks(void)
{
	static uint64_t ticks;

	if (!ticks) {
		long n = sysconf(_SC_CLK_TCK);

		ticks = n > 0 ? (uint64_t)n : 100;
	}
	return ticks;
}

int64_t
proc_started_wall(const struct proc_stat *stat)
{
	uint64_t ticks = proc_ticks();
	int64_t since_boot = (int64_t)(stat->start / ticks) * CLOCK_S +
			     (int64_t)(stat->start % ticks) * CLOCK_S / (int64_t)ticks;

	return clock_wall() - clock_boot() + since_boot;
}

uint64_t
proc_memory_total(void)
{
	struct sysinfo info;

	return sysinfo(&info) == 0 ? (uint64_t)info.totalram * info.mem_unit : 0;
}

int
proc_pidns_is_init(void)
{
	struct stat status;

	return stat("/proc/self/ns/pid", &status) < 0 || status.st_ino == PID_INIT_INODE;
}
