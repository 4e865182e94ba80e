/* The pipes of logs whose holders are all dead: the unit's own processes have them open. Which pipe
 * it was is in the ledger, so it is found again whoever of the unit has it and at whatever number:
 * first where a main or control process got it, then, once for all that are missing, among the
 * descriptors of every process that we may look at. Where the ledger was lost, what stands at the
 * main process's output is taken, if it is a pipe. */
#include "manager/adopt.h"
#include "manager/keeper-line.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct search {
	struct nmap missing; /* struct member by the pipe's inode */
	size_t left;
};

/* is there a pipe, and which? 0: none */
static uint64_t
pipe_at(int directory, const char *name)
{
	char text[64];
	ssize_t n = readlinkat(directory, name, text, sizeof(text) - 1);

	text[n > 0 ? n : 0] = '\0';
	return strncmp(text, "pipe:[", 6) == 0 ? strtoull(text + 6, NULL, 10) : 0;
}

static bool
take(struct member *member, unsigned kind, int directory, const char *name)
{
	uint64_t inode = member->pipes[kind].inode;
	autoclose int held = fd_raise(openat(directory, name, O_RDWR | O_CLOEXEC | O_NONBLOCK));
	autoclose int read_end =
		fd_raise(openat(directory, name, O_RDONLY | O_CLOEXEC | O_NONBLOCK));
	struct stat st;

	/* the number may have been given to something else since it was looked at */
	if (!fd_is_open(held) || !fd_is_open(read_end) || fstat(held, &st) < 0 ||
	    !S_ISFIFO(st.st_mode) || (inode && st.st_ino != inode)) {
		return false;
	}
	pipes_take(member, kind, held, read_end);
	return true;
}

static int
descriptors_of(pid_t pid)
{
	char path[48];

	(void)snprintf(path, sizeof(path), "/proc/%d/fd", (int)pid);
	return fd_raise(open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC));
}

/* ---- where it was placed ---- */
static bool
take_from_part(struct member *member, unsigned kind, const struct child *child)
{
	autoclose int directory = child->pid > 0 ? descriptors_of(child->pid) : -1;
	const char *const names[] = { kind == HELD_LOG ? "1" : "2", "2" };
	uint64_t wanted = member->pipes[kind].inode;

	for (size_t i = 0; fd_is_open(directory) && i < COUNT(names); i++) {
		uint64_t inode = pipe_at(directory, names[i]);

		if (inode != 0 &&
		    (inode == wanted || (wanted == 0 && i == 0 && child->part == PART_MAIN))) {
			return take(member, kind, directory, names[i]);
		}
	}
	return false;
}

static bool
take_from_parts(struct member *member, unsigned kind)
{
	for (enum part part = 0; part < PART_COUNT; part++) {
		if (take_from_part(member, kind, &member->child[part])) {
			return true;
		}
	}
	return false;
}

static bool
is_missing(const struct member *member, unsigned kind)
{
	const struct log_pipe *pipe = &member->pipes[kind];

	return !pipe->there && pipes_wanted(member->unit, kind) &&
	       (pipe->inode != 0 || !service_is_down(&member->service));
}

/* ---- everywhere ---- */
static void
look_at(struct search *search, pid_t pid)
{
	int fd = descriptors_of(pid);
	DIR *entries = fd_is_open(fd) ? fdopendir(fd) : NULL;
	struct dirent *entry;

	if (!entries) {
		(void)fd_close(fd);
		return;
	}
	while (search->left > 0 && (entry = readdir(entries))) {
		uint64_t inode = entry->d_name[0] == '.' ? 0 : pipe_at(fd, entry->d_name);
		struct member *member = inode ? nmap_get(&search->missing, inode) : NULL;

		unsigned kind = member && member->pipes[HELD_LOG].inode == inode ? HELD_LOG
										 : HELD_LOG_ERROR;

		if (member && take(member, kind, fd, entry->d_name)) {
			(void)nmap_remove(&search->missing, inode);
			search->left--;
		}
	}
	(void)closedir(entries);
}

static void
look_everywhere(struct search *search)
{
	autofree pid_t *pids = NULL;
	size_t count = 0;

	if (proc_list(&pids, &count) < 0) {
		return;
	}
	for (size_t i = 0; i < count && search->left > 0; i++) {
		if (pids[i] != getpid()) {
			look_at(search, pids[i]);
		}
	}
}

static void
find_of(struct search *search, struct member *member, unsigned kind)
{
	uint64_t inode = member->pipes[kind].inode;

	if (is_missing(member, kind) && !take_from_parts(member, kind) && inode != 0) {
		nmap_set(&search->missing, inode, member);
		search->left++;
	}
}

void
pipes_find(struct manager *manager)
{
	struct search search = { .left = 0 };
	struct member *member;
	size_t at = 0;

	nmap_init(&search.missing);
	while ((member = map_each(&manager->members, &at))) {
		find_of(&search, member, HELD_LOG);
		find_of(&search, member, HELD_LOG_ERROR);
	}
	if (search.left > 0) {
		look_everywhere(&search);
	}
	at = 0;
	while ((member = nmap_each(&search.missing, &at))) { /* nobody has it any more */
		for (unsigned kind = HELD_LOG; kind <= HELD_LOG_ERROR; kind++) {
			if (!member->pipes[kind].there) {
				pipes_forget(member, kind);
			}
		}
	}
	nmap_done(&search.missing);
}
