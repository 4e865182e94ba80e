/* processes: what the verbs that look at processes (ps, tree, find, kill, nice, top) share. They
 * take a census (procfs/census.h), mark it (belongs.c), choose from it (choose.c) and show it.
 *
 * Must never: start a tendd for looking; act on a pid that was not looked at again through a
 * pidfd. */
#pragma once
#include "cli/cli.h"
#include "procfs/census.h"

/* ---- belongs.c: which unit a process belongs to ---- */
struct belongs;
/* asks the tendd that runs for its units and its own processes; never starts one. Never NULL;
 * without a tendd nothing belongs to anything */
struct belongs *belongs_new(struct cli *cli);
struct belongs *belongs_free(struct belongs *belongs);
bool belongs_is_known(const struct belongs *belongs); /* a tendd has answered */
/* sets `unit` of every process (borrowed from `belongs`); after census_link */
void belongs_mark(const struct belongs *belongs, struct census *census);
/* the entry of `List`; NULL: there is no such unit. Also for "NAME.service" */
const json_t *belongs_unit(const struct belongs *belongs, const char *name);
/* "keeper", "manager" or "logger" of the tendd that was asked; NULL: it is none of them */
const char *belongs_role(const struct belongs *belongs, const struct process *process);
