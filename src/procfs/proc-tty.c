/* The name of a terminal by its device number, and back. Pseudo-terminals are counted; the kernel's
 * own list, /proc/tty/drivers, knows the names of all others. */
#include "base/file.h"
#include "procfs/proc.h"
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

enum { DRIVERS_MAX = 1 << 20, PTS_FIRST = 136, PTS_LAST = 143 };

/* as the kernel packs them into tty_nr */
static unsigned
major_of(int tty)
{
	return (unsigned)tty >> 8 & 0xfff;
}

static unsigned
minor_of(int tty)
{
	return ((unsigned)tty & 0xff) | ((unsigned)tty >> 12 & 0xfff00);
}

/* "serial  /dev/ttyS  4  64-95  serial": a driver's name, node, major, minors, kind */
static bool
driver_has(char *line, unsigned major, unsigned minor, char *name, size_t size)
{
	char *rest = NULL, *word[5] = { NULL };
	const char *at;
	int64_t first, last;
	size_t n = 0;

	for (char *one = strtok_r(line, " ", &rest); one && n < COUNT(word);
	     one = strtok_r(NULL, " ", &rest)) {
		word[n++] = one;
	}
	if (n < 4 || !str_starts(word[1], "/dev/")) {
		return false;
	}
	at = word[2];
	if (proc_number(&at) != major) {
		return false;
	}
	at = word[3];
	first = last = proc_number(&at);
	if (*at) {
		last = proc_number(&at);
	}
	if (minor < first || minor > last) {
		return false;
	}
	if (n > 4 && str_starts(word[4], "system")) { /* one node, without a number */
		(void)snprintf(name, size, "%s", word[1] + strlen("/dev/"));
	} else if (str_equal(word[1], "/dev/tty") && major == 4) {
		(void)snprintf(name, size, "tty%u", minor);
	} else {
		(void)snprintf(name, size, "%s%u", word[1] + strlen("/dev/"),
			       minor - (unsigned)first);
	}
	return true;
}

static bool
in_drivers(unsigned major, unsigned minor, char *name, size_t size)
{
	static char *drivers; /* read once */
	autofree char *text = NULL;
	char *rest;

	if (!drivers &&
	    file_read_proc(AT_FDCWD, "/proc/tty/drivers", DRIVERS_MAX, &drivers, NULL) < 0) {
		return false;
	}
	text = str_dup(drivers);
	rest = text;
	while (rest) {
		if (driver_has(strsep(&rest, "\n"), major, minor, name, size)) {
			return true;
		}
	}
	return false;
}

const char *
proc_tty_name(int tty, char *buffer, size_t size)
{
	unsigned major = major_of(tty), minor = minor_of(tty);

	if (tty == 0) {
		return NULL;
	}
	if (major >= PTS_FIRST && major <= PTS_LAST) {
		(void)snprintf(buffer, size, "pts/%u", (major - PTS_FIRST) * 256 + minor);
	} else if (!in_drivers(major, minor, buffer, size)) {
		(void)snprintf(buffer, size, "%u:%u", major, minor);
	}
	return buffer;
}
