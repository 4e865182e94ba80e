/* inspect: how the sections of `tend inspect` are made. Used by cmd-inspect.c and inspect-*.c.
 *
 * A section is a row in cmd-inspect.c: `make` reads the files of the process and answers with JSON,
 * `put` says the same to people. What cannot be read is told by inspect_miss, once for each file,
 * and never left out in silence; a process that ends meanwhile is inspect->gone. */
#pragma once
#include "cli/cli.h"
#include "procfs/detail.h"
#include "procfs/procfs.h"
#include "procfs/sockets.h"

struct inspect {
	struct cli *cli;
	pid_t pid;
	struct proc_stat stat;
	char *stat_text;      /* the whole line, for what proc_stat leaves out */
	char *status;         /* the text of /proc/PID/status */
	const char *unit;     /* borrowed, NULL: of none that we know */
	const char *section;  /* that is being made */
	json_t *unreadable;   /* [{section, what, why}] */
	int64_t largest;      /* so many maps */
	bool secrets, differ; /* show them; show how the environment differs from ours */
	bool gone;
	/* read when first needed, the same for all processes of one call */
	struct inspect_world *world;
};
struct inspect_world {
	struct socket_owners owners;
	bool owners_read;
};

/* tells that a file could not be read, unless it is because the process has ended */
void inspect_miss(struct inspect *inspect, const char *what, int error);
/* a field of the stat line by its number in proc(5), from 3 on; 0 when there is none */
int64_t inspect_stat(const struct inspect *inspect, unsigned field);
/* a number of the status file, times `unit`; JSON null when there is none */
json_t *inspect_status(const struct inspect *inspect, const char *key, unsigned unit);
json_t *inspect_text(const char *text); /* bytes that are no UTF-8 become U+FFFD; NULL is null */
json_t *inspect_number(bool known, uint64_t number);
/* "root (0)" */
char *inspect_user(uid_t uid);

/* ---- for people ---- */
void inspect_line(const char *label, const char *format, ...) PRINTF(2, 3); /* made harmless */
bool inspect_missed(const struct inspect *inspect, const char *section);    /* something of it */
void inspect_missing(const struct inspect *inspect, const char *section);

/* ---- the sections ---- */
#define INSPECT_SECTION(name)                                                                      \
	json_t *inspect_##name(struct inspect *inspect);                                           \
	void inspect_##name##_put(const struct inspect *inspect, const json_t *json);
INSPECT_SECTION(identity)
INSPECT_SECTION(parents)
INSPECT_SECTION(session)
INSPECT_SECTION(state)
INSPECT_SECTION(signals)
INSPECT_SECTION(limits)
INSPECT_SECTION(memory)
INSPECT_SECTION(cpu)
INSPECT_SECTION(io)
INSPECT_SECTION(files)
INSPECT_SECTION(sockets)
INSPECT_SECTION(environment)
INSPECT_SECTION(cgroup)
INSPECT_SECTION(namespaces)
INSPECT_SECTION(capabilities)
INSPECT_SECTION(seccomp)
#undef INSPECT_SECTION
