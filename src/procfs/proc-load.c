/* What the machine as a whole does, for the head of `top`: a handful of files that are the same
 * however many processes there are. Of disks only whole ones count (a partition's bytes are its
 * disk's too), and no network that stays within the machine. */
#include "base/file.h"
#include "procfs/detail.h"
#include "procfs/proc.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { LOAD_MAX = 4 << 20, SECTOR = 512 };

static char *
read_all(const char *path) /* owned, NULL when it is not there */
{
	char *text = NULL;

	return file_read_proc(AT_FDCWD, path, LOAD_MAX, &text, NULL) < 0 ? NULL : text;
}

/* "cpu0 user nice system idle iowait irq softirq steal guest guest_nice"; guests are in user */
static void
take_cpu(const char *at, struct proc_cpu *cpu)
{
	uint64_t number[8];

	for (size_t i = 0; i < COUNT(number); i++) {
		number[i] = (uint64_t)proc_number(&at);
	}
	cpu->idle = number[3];
	cpu->waiting = number[4];
	cpu->busy = number[0] + number[1] + number[2] + number[5] + number[6] + number[7];
}

static void
read_cpus(struct proc_load *load)
{
	autofree char *text = read_all("/proc/stat");
	char *rest = text, *line;

	while (rest && (line = strsep(&rest, "\n"))) {
		if (str_starts(line, "cpu ")) {
			take_cpu(line + 4, &load->all);
		} else if (str_starts(line, "cpu") && load->cpus < PROC_CPUS && strchr(line, ' ')) {
			take_cpu(strchr(line, ' '), &load->cpu[load->cpus++]);
		} else if (str_starts(line, "procs_running ")) {
			load->running = (unsigned)strtoul(line + 14, NULL, 10);
		}
	}
}

static void
read_memory(struct proc_load *load)
{
	autofree char *text = read_all("/proc/meminfo");
	const struct {
		const char *key;
		uint64_t *where;
	} keys[] = {
		{ "MemTotal", &load->memory },    { "MemAvailable", &load->available },
		{ "Cached", &load->cached },      { "SwapTotal", &load->swap },
		{ "SwapFree", &load->swap_free },
	};

	for (size_t i = 0; text && i < COUNT(keys); i++) {
		uint64_t number = 0;
		if (proc_field_number(text, keys[i].key, 10, &number)) {
			*keys[i].where = number * 1024;
		}
	}
}

static void
read_pressure(struct proc_load *load)
{
	static const char *const files[] = { "/proc/pressure/cpu", "/proc/pressure/memory",
					     "/proc/pressure/io" };

	for (size_t i = 0; i < COUNT(files); i++) {
		autofree char *text = read_all(files[i]);
		const char *at = text ? strstr(text, "avg10=") : NULL;
		load->pressure[i] = at ? strtod(at + 6, NULL) : -1;
	}
}

static bool
is_whole_disk(const char *name)
{
	char path[PROC_PATH * 2];

	if (str_starts(name, "loop") || str_starts(name, "ram") || str_starts(name, "dm-") ||
	    str_starts(name, "md") || str_starts(name, "zram")) {
		return false; /* they lie on others */
	}
	(void)snprintf(path, sizeof(path), "/sys/block/%s", name);
	return access(path, F_OK) == 0;
}

/* "major minor NAME reads merged SECTORS ms writes merged SECTORS ..." */
static void
read_disks(struct proc_load *load)
{
	autofree char *text = read_all("/proc/diskstats");
	char *rest = text, *line;

	load->disks = text != NULL;
	while (rest && (line = strsep(&rest, "\n"))) {
		unsigned long long read, written;
		char name[64];
		if (sscanf(line, "%*u %*u %63s %*u %*u %llu %*u %*u %*u %llu", name, &read,
			   &written) == 3 &&
		    is_whole_disk(name)) {
			load->disk_read += read * SECTOR;
			load->disk_written += written * SECTOR;
		}
	}
}

/* "  eth0: BYTES packets errs drop fifo frame compressed multicast BYTES ..." */
static void
read_nets(struct proc_load *load)
{
	autofree char *text = read_all("/proc/net/dev");
	char *rest = text, *line;

	load->nets = text != NULL;
	while (rest && (line = strsep(&rest, "\n"))) {
		unsigned long long in, out;
		char *colon = strchr(line, ':');
		const char *name = line + strspn(line, " ");
		if (colon && !str_starts(name, "lo:") &&
		    sscanf(colon + 1, "%llu %*u %*u %*u %*u %*u %*u %*u %llu", &in, &out) == 2) {
			load->net_in += in;
			load->net_out += out;
		}
	}
}

int
proc_load(struct proc_load *ret_load)
{
	struct proc_load *load = ret_load;
	autofree char *uptime = read_all("/proc/uptime"), *average = read_all("/proc/loadavg");

	if (!uptime) {
		return -ENOSYS;
	}
	*load = (struct proc_load){ .uptime = strtod(uptime, NULL) };
	if (average &&
	    sscanf(average, "%lf %lf %lf", &load->load[0], &load->load[1], &load->load[2]) != 3) {
		load->load[0] = load->load[1] = load->load[2] = 0;
	}
	read_cpus(load);
	read_memory(load);
	read_pressure(load);
	read_disks(load);
	read_nets(load);
	return 0;
}
