/* floor: the least that each measured thing costs, and the services that are measured.
 *
 *   floor mark FILE          a service: appends "pid time", then waits for ever
 *   floor exit FILE          a service: appends "pid begin end" and exits
 *   floor spew BYTES CHUNK [FIFO]
 *                            a service: numbered lines of 100 bytes in writes of CHUNK (once FIFO
 *                            has ended), then waits for ever
 *   floor keep N PROGRAM...  a supervisor that is nothing but fork, exec and wait: N children, each
 *                            started again
 *   floor copy FILE          a logger that is nothing but read and write, rotating at 8 MiB; it
 *                            waits for ever at the end, so that its time can be looked at
 *   floor crowd N            N children that sleep; says "ready" and waits until its input ends
 *   floor read WHAT...       of every process, once: files (stat, cmdline, comm), or owner (the
 * status of its directory), or clock (its cpu clock) floor stats N            reads every process's
 * stat file N times; prints cpu ns a pass, files
 *
 * Times are CLOCK_MONOTONIC nanoseconds; a record is one appending write. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { LINE = 100, SEGMENT = 8 << 20, PIECE = 64 << 10, KEPT = 128 };

static long long
now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000000000LL + t.tv_nsec;
}

static void
record(const char *file, long long a, long long b)
{
	char text[96];
	int n = snprintf(text, sizeof(text), "%d %lld %lld\n", (int)getpid(), a, b);
	int fd = open(file, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0644);

	if (fd < 0 || write(fd, text, (size_t)n) != n) {
		_exit(99);
	}
	close(fd);
}

static void
write_all(int fd, const char *bytes, size_t n)
{
	while (n > 0) {
		ssize_t done = write(fd, bytes, n);
		if (done <= 0) {
			_exit(98);
		}
		bytes += done;
		n -= (size_t)done;
	}
}

static void
spew(long long bytes, long chunk)
{
	long lines = chunk / LINE > 0 ? chunk / LINE : 1;
	char *buffer = malloc((size_t)lines * LINE);

	for (long long line = 0; buffer && line < bytes / LINE;) {
		long n = 0;
		for (; n < lines && line < bytes / LINE; n++, line++) {
			char *at = buffer + n * LINE;
			memset(at, 'x', LINE - 1);
			at[LINE - 1] = '\n';
			at[snprintf(at, LINE, "%012lld", line)] = ' ';
		}
		write_all(1, buffer, (size_t)n * LINE);
	}
	free(buffer);
}

static void
start(char **argv)
{
	if (fork() == 0) {
		execv(argv[0], argv);
		_exit(127);
	}
}

static void
keep(int count, char **argv)
{
	for (int i = 0; i < count; i++) {
		start(argv);
	}
	while (wait(NULL) > 0) {
		start(argv);
	}
}

static void
copy(const char *file)
{
	static char buffer[PIECE];
	char old[4096];
	int fd = -1, segment = 0;
	long long size = SEGMENT;
	ssize_t n;

	while ((n = read(0, buffer, sizeof(buffer))) > 0) {
		if (size >= SEGMENT) {
			if (fd >= 0) {
				close(fd);
				snprintf(old, sizeof(old), "%s.%d", file, segment++ % KEPT);
				rename(file, old);
			}
			fd = open(file, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
			size = 0;
		}
		write_all(fd, buffer, (size_t)n);
		size += n;
	}
}

/* what looking at all processes costs at least: one open, read and close for each */
static void
stats(int passes)
{
	struct timespec begin, end;
	long files = 0;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &begin);
	for (int i = 0; i < passes; i++) {
		DIR *proc = opendir("/proc");
		struct dirent *entry;
		while (proc && (entry = readdir(proc))) {
			char path[300], text[2048];
			int fd;
			if (entry->d_name[0] < '1' || entry->d_name[0] > '9') {
				continue;
			}
			snprintf(path, sizeof(path), "/proc/%s/stat", entry->d_name);
			fd = open(path, O_RDONLY | O_CLOEXEC);
			if (fd >= 0) {
				files += read(fd, text, sizeof(text)) > 0;
				close(fd);
			}
		}
		closedir(proc);
	}
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &end);
	printf("%lld %ld\n",
	       ((end.tv_sec - begin.tv_sec) * 1000000000LL + end.tv_nsec - begin.tv_nsec) / passes,
	       files / passes);
}

static void
crowd(int count)
{
	char byte;

	for (int i = 0; i < count; i++) {
		pid_t pid = fork();
		if (pid == 0) {
			prctl(PR_SET_PDEATHSIG, SIGKILL);
			for (;;) {
				pause();
			}
		}
		if (pid < 0) {
			perror("fork");
			_exit(97);
		}
	}
	write_all(1, "ready\n", 6);
	while (read(0, &byte, 1) > 0) {
	}
}

static void
read_one(int proc, const char *pid, const char *what)
{
	static char text[64 << 10];
	char path[300];
	struct stat status;
	struct timespec used;
	int fd;

	if (strcmp(what, "owner") == 0) {
		fstatat(proc, pid, &status, 0);
		return;
	}
	if (strcmp(what, "clock") == 0) {
		clock_gettime((clockid_t)((~(unsigned)atoi(pid) << 3) | 2), &used);
		return;
	}
	snprintf(path, sizeof(path), "%s/%s", pid, what);
	fd = openat(proc, path, O_RDONLY | O_CLOEXEC);
	if (fd >= 0) {
		if (read(fd, text, sizeof(text)) < 0) {
			errno = 0;
		}
		close(fd);
	}
}

static void
read_all(char **what)
{
	int proc = open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *directory = opendir("/proc");
	struct dirent *entry;

	while (directory && (entry = readdir(directory))) {
		if (entry->d_name[0] < '1' || entry->d_name[0] > '9') {
			continue;
		}
		for (char **one = what; *one; one++) {
			read_one(proc, entry->d_name, *one);
		}
	}
}

int
main(int argc, char **argv)
{
	long long begin = now();

	if (argc == 3 && strcmp(argv[1], "mark") == 0) {
		record(argv[2], begin, 0);
		for (;;) {
			pause();
		}
	}
	if (argc == 3 && strcmp(argv[1], "exit") == 0) {
		record(argv[2], begin, now());
		return 0;
	}
	if (argc == 5 && strcmp(argv[1], "spew") == 0) {
		char byte;
		int fd = open(argv[4], O_RDONLY | O_CLOEXEC);

		while (read(fd, &byte, 1) > 0) {
		}
		close(fd);
	}
	if (argc >= 4 && strcmp(argv[1], "spew") == 0) {
		spew(atoll(argv[2]), atol(argv[3]));
		for (;;) {
			pause();
		}
	}
	if (argc > 3 && strcmp(argv[1], "keep") == 0) {
		keep(atoi(argv[2]), argv + 3);
		return 0;
	}
	if (argc == 3 && strcmp(argv[1], "copy") == 0) {
		copy(argv[2]);
		for (;;) {
			pause();
		}
	}
	if (argc == 3 && strcmp(argv[1], "crowd") == 0) {
		crowd(atoi(argv[2]));
		return 0;
	}
	if (argc > 2 && strcmp(argv[1], "read") == 0) {
		read_all(argv + 2);
		return 0;
	}
	if (argc == 3 && strcmp(argv[1], "stats") == 0) {
		stats(atoi(argv[2]));
		return 0;
	}
	return 2;
}
