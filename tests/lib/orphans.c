/* orphans N: makes N orphans that end at once, then waits until its parent (an init) has no child
 * but this one, and says how many zombies there are then. */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static int
children_of(int parent, int *ret_zombies)
{
	DIR *dir = opendir("/proc");
	int count = 0;

	*ret_zombies = 0;
	for (struct dirent *entry; dir && (entry = readdir(dir));) {
		char path[300], text[512], *rest, state;
		FILE *file;
		int ppid;
		size_t n;

		(void)snprintf(path, sizeof(path), "/proc/%s/stat", entry->d_name);
		file = atoi(entry->d_name) > 0 ? fopen(path, "r") : NULL;
		n = file ? fread(text, 1, sizeof(text) - 1, file) : 0;
		if (file) {
			(void)fclose(file);
		}
		text[n] = '\0';
		rest = strrchr(text, ')');
		if (rest && sscanf(rest + 1, " %c %d", &state, &ppid) == 2) {
			count += ppid == parent;
			*ret_zombies += state == 'Z';
		}
	}
	if (dir) {
		(void)closedir(dir);
	}
	return count;
}

int
main(int argc, char **argv)
{
	const struct timespec pause = { .tv_nsec = 5000000 };
	int zombies = 0;

	for (int i = argc > 1 ? atoi(argv[1]) : 0; i > 0; i--) {
		pid_t middle = fork();

		if (middle == 0) {
			pid_t orphan = fork();

			_exit(orphan < 0);
		}
		if (middle < 0 || waitpid(middle, NULL, 0) != middle) {
			return 1;
		}
	}
	while (children_of((int)getppid(), &zombies) > 1) {
		(void)nanosleep(&pause, NULL);
	}
	(void)printf("%d zombies\n", zombies);
	return 0;
}
