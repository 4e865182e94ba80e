/* From a unit to the plan of one of its commands. The order of operations is that of privileges:
 * descriptors are opened with tendd's rights (a log file that only root may write), the directory
 * is entered with the user's (it may be on a file system that believes nobody else). */
#include "manager/planning.h"
#include "base/accounts.h"
#include "base/path.h"
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

enum { FIRST_STORED = 3 }; /* sd_listen_fds() */

struct planning { /* one command on its way into a plan */
	struct member *member;
	const struct unit *unit;
	const struct command *command;
	struct plan *plan;
	struct expand with;
	struct planning_user user;
	char **environment;
	int *input;
};

void
planning_expand(const struct member *member, struct expand *ret_with)
{
	*ret_with = member->manager->expand;
	ret_with->name = member->name;
	ret_with->file = member->unit->file;
}

bool
planning_find_user(const struct member *member, struct planning_user *ret_user, struct err *err)
{
	const struct unit *unit = member->unit;
	const struct expand *own = &member->manager->expand;
	struct planning_user user = { .changes = unit->user || unit->group };
	autofree char *name = NULL, *group = NULL;
	struct expand with;

	planning_expand(member, &with);
	if (unit->user) {
		name = unit_expand(&with, unit->user, err);
		if (!name || !accounts_user(name, &user.account, err)) {
			return false;
		}
	} else {
		user.account = (struct accounts_user){ .uid = own->uid,
						       .gid = own->gid,
						       .name = str_dup(own->user),
						       .home = str_dup(own->home),
						       .shell = str_dup(own->shell) };
	}
	user.gid = user.account.gid;
	if (unit->group) {
		group = unit_expand(&with, unit->group, err);
		if (!group || !accounts_group(group, &user.gid, err)) {
			planning_user_done(&user);
			return false;
		}
	}
	*ret_user = user;
	return true;
}

void
planning_user_done(struct planning_user *user)
{
	accounts_user_done(&user->account);
}

static void
add(struct planning *p, struct plan_step step)
{
	plan_add(p->plan, &step);
}

/* ---- standard input, output, error ---- */
static bool
add_file(struct planning *p, const struct stdio *stdio, int target, struct err *err)
{
	autofree char *path = unit_expand(&p->with, stdio->path, err);
	/* an output that inherits the input writes to it */
	bool both = target == 0 && p->unit->standard_output.kind == STDIO_INHERIT;
	int flags = both ? O_RDWR : target == 0 ? O_RDONLY : O_WRONLY | O_CREAT;

	if (!path) {
		return false;
	}
	flags |= stdio->kind == STDIO_APPEND ? O_APPEND : 0;
	flags |= stdio->kind == STDIO_TRUNCATE && target != 0 ? O_TRUNC : 0;
	add(p, (struct plan_step){ .op = PLAN_FILE,
				   .target = target,
				   .number = flags,
				   .extra = 0666,
				   .text = path });
	return true;
}

/* one that is there: it does not become the controlling terminal */
static bool
add_tty(struct planning *p, int target, struct err *err)
{
	const char *named = p->unit->tty_path;
	autofree char *path = named ? unit_expand(&p->with, named, err) : str_dup("/dev/console");

	if (!path) {
		return false;
	}
	add(p, (struct plan_step){ .op = PLAN_FILE,
				   .target = target,
				   .number = O_NOCTTY | (target == 0 ? O_RDWR : O_WRONLY),
				   .text = path });
	return true;
}

static bool
open_input(struct planning *p, struct err *err)
{
	int fd = fd_memfd("input"), r = fd;

	for (char **line = p->unit->standard_input_text; fd_is_open(fd) && r >= 0 && line && *line;
	     line++) {
		autofree char *expanded = unit_expand(&p->with, *line, err);
		size_t length = 0;
		autofree char *bytes = expanded ? words_unescape(expanded, &length) : NULL;

		if (!bytes) {
			(void)fd_close(fd);
			return false;
		}
		r = fd_write_all(fd, bytes, length);
		r = r < 0 ? r : fd_write_all(fd, "\n", 1);
	}
	if (r < 0 || lseek(fd, 0, SEEK_SET) < 0) {
		(void)fd_close(fd);
		return err_set_errno(err, r < 0 ? -r : errno, "the text for its standard input");
	}
	*p->input = fd;
	return true;
}

static bool
add_input(struct planning *p, struct err *err)
{
	switch (p->unit->standard_input.kind) {
	case STDIO_FILE:
	case STDIO_APPEND:
	case STDIO_TRUNCATE: return add_file(p, &p->unit->standard_input, 0, err);
	case STDIO_DATA:
		if (!open_input(p, err)) {
			return false;
		}
		add(p, (struct plan_step){ .op = PLAN_PASSED, .number = 0, .target = 0 });
		return true;
	case STDIO_TTY: return add_tty(p, 0, err);
	case STDIO_DEFAULT:
	case STDIO_NULL:
	case STDIO_LOG:
	case STDIO_INHERIT: break;
	}
	add(p, (struct plan_step){ .op = PLAN_NULL, .target = 0 });
	return true;
}

static void
add_held(struct planning *p, unsigned kind, int target)
{
	add(p, (struct plan_step){ .op = PLAN_HELD,
				   .number = (int64_t)HELD_KEY(p->member->number, kind),
				   .target = target });
}

static void
add_copy(struct planning *p, int from, int target)
{
	add(p, (struct plan_step){ .op = PLAN_COPY, .number = from, .target = target });
}

static bool
add_output(struct planning *p, struct err *err)
{
	switch (p->unit->standard_output.kind) {
	case STDIO_DEFAULT:
	case STDIO_LOG: add_held(p, HELD_LOG, 1); return true;
	case STDIO_TTY: return add_tty(p, 1, err);
	case STDIO_INHERIT: add_copy(p, 0, 1); return true;
	case STDIO_FILE:
	case STDIO_APPEND:
	case STDIO_TRUNCATE: return add_file(p, &p->unit->standard_output, 1, err);
	case STDIO_NULL:
	case STDIO_DATA: break;
	}
	add(p, (struct plan_step){ .op = PLAN_NULL, .target = 1 });
	return true;
}

static bool
add_error(struct planning *p, struct err *err)
{
	const struct stdio *error = &p->unit->standard_error, *output = &p->unit->standard_output;

	switch (error->kind) {
	case STDIO_DEFAULT:
	case STDIO_INHERIT: add_copy(p, 1, 2); return true;
	case STDIO_LOG: add_held(p, HELD_LOG_ERROR, 2); return true;
	case STDIO_TTY: return add_tty(p, 2, err);
	case STDIO_FILE:
	case STDIO_APPEND:
	case STDIO_TRUNCATE:
		if (output->kind == error->kind && str_equal(output->path, error->path)) {
			add_copy(p, 1, 2); /* opened twice, each would overwrite the other */
			return true;
		}
		return add_file(p, error, 2, err);
	case STDIO_NULL:
	case STDIO_DATA: break;
	}
	add(p, (struct plan_step){ .op = PLAN_NULL, .target = 2 });
	return true;
}

static void
add_stored(struct planning *p)
{
	for (size_t i = 0; i < p->member->stored_count; i++) {
		add_held(p, HELD_STORE + p->member->stored[i].place, FIRST_STORED + (int)i);
	}
	if (p->member->stored_count > 0) {
		add(p, (struct plan_step){ .op = PLAN_PID_VARIABLE, .text = "LISTEN_PID" });
	}
}

/* ---- surroundings ---- */
static void
add_limits(struct planning *p)
{
	struct rlimit files;

	for (int i = 0; i < LIMIT_RESOURCES; i++) {
		if (p->unit->limits[i].set) {
			add(p, (struct plan_step){ .op = PLAN_LIMIT,
						   .number = i,
						   .extra = p->unit->limits[i].value.rlim_cur,
						   .extra2 = p->unit->limits[i].value.rlim_max });
		}
	}
	/* tendd raised its own soft limit; programs that use select() must not get it */
	if (!p->unit->limits[RLIMIT_NOFILE].set && getrlimit(RLIMIT_NOFILE, &files) == 0) {
		add(p, (struct plan_step){ .op = PLAN_LIMIT,
					   .number = RLIMIT_NOFILE,
					   .extra = p->member->manager->start->nofile_soft,
					   .extra2 = files.rlim_max });
	}
}

static void
add_scheduling(struct planning *p)
{
	enum { RESET = 0x40000000, BEST_EFFORT = 2, CLASS_SHIFT = 13 }; /* the kernel's */
	const struct unit *unit = p->unit;
	int policy = unit->cpu_policy - 1,
	    class = unit->io_class ? unit->io_class - 1 : BEST_EFFORT;
	bool real_time = policy == SCHED_FIFO || policy == SCHED_RR;
	cpu_set_t set;

	if (unit->cpu_policy || unit->cpu_reset_on_fork) {
		policy = unit->cpu_policy ? policy : SCHED_OTHER;
		add(p, (struct plan_step){ .op = PLAN_SCHEDULER,
					   .number = policy | (unit->cpu_reset_on_fork ? RESET : 0),
					   .extra = real_time ? (uint64_t)MAX(unit->cpu_priority, 1)
							      : 0 });
	}
	if (unit->cpu_affinity) {
		unit_processors(unit->cpu_affinity, &set);
		add(p, (struct plan_step){
			       .op = PLAN_AFFINITY, .data = &set, .data_size = sizeof(set) });
	}
	if (unit->io_class || unit_given(unit, key_find(SECTION_SERVICE, "IOSchedulingPriority"))) {
		bool has_level = class == 1 || class == BEST_EFFORT;
		add(p, (struct plan_step){ .op = PLAN_IO,
					   .number = class << CLASS_SHIFT |
						     (has_level ? unit->io_priority : 0) });
	}
}

static void
add_surroundings(struct planning *p)
{
	add(p, (struct plan_step){ .op = PLAN_UMASK, .number = p->unit->umask });
	if (p->unit->nice != INT_MIN) {
		add(p, (struct plan_step){ .op = PLAN_NICE, .number = p->unit->nice });
	}
	if (p->unit->oom_score_adjust != INT_MIN) {
		add(p, (struct plan_step){ .op = PLAN_OOM_SCORE,
					   .number = p->unit->oom_score_adjust,
					   .extra = 1 });
	}
	add_scheduling(p);
	add_limits(p);
	if (p->unit->ignore_sigpipe) {
		add(p, (struct plan_step){ .op = PLAN_IGNORE_PIPE });
	}
}

static bool
add_groups(struct planning *p, struct err *err)
{
	autofree gid_t *groups = NULL;
	size_t count = accounts_groups(p->user.account.name, p->user.gid, &groups);

	for (char **name = p->unit->supplementary_groups; name && *name; name++) {
		autofree char *expanded = unit_expand(&p->with, *name, err);
		gid_t gid;

		if (!expanded || !accounts_group(expanded, &gid, err)) {
			return false;
		}
		groups = reallocarray(groups, count + 1, sizeof(gid_t));
		CHECK(groups != NULL);
		groups[count++] = gid;
	}
	add(p, (struct plan_step){
		       .op = PLAN_GROUPS, .data = groups, .data_size = count * sizeof(gid_t) });
	return true;
}

static bool
add_identity(struct planning *p, struct err *err)
{
	bool full = p->command->flags & COMMAND_FULL;

	if (!full && p->unit->root_directory) {
		autofree char *root = unit_expand(&p->with, p->unit->root_directory, err);

		if (!root) {
			return false;
		}
		add(p, (struct plan_step){ .op = PLAN_ROOT, .text = root });
	}
	if (!full && p->user.changes) {
		/* without privileges the groups cannot be set, and need not when it is ourselves */
		if ((p->member->manager->root || p->unit->supplementary_groups) &&
		    !add_groups(p, err)) {
			return false;
		}
		add(p, (struct plan_step){ .op = PLAN_GID, .number = p->user.gid });
		add(p, (struct plan_step){ .op = PLAN_UID, .number = p->user.account.uid });
	}
	if (!full && p->unit->no_new_privileges) {
		add(p, (struct plan_step){ .op = PLAN_NO_NEW_PRIVILEGES });
	}
	return true;
}

static bool
add_directory(struct planning *p, struct err *err)
{
	const char *asked = p->unit->working_directory;
	const char *home = p->user.account.home ? p->user.account.home : "/";
	autofree char *path = NULL;
	bool may_be_missing = !asked || asked[0] == '-';

	if (!asked) {
		path = str_dup(p->member->manager->places->system ? "/" : home);
	} else {
		asked += asked[0] == '-';
		path = str_equal(asked, "~") ? str_dup(home) : unit_expand(&p->with, asked, err);
	}
	if (!path) {
		return false;
	}
	add(p, (struct plan_step){ .op = PLAN_DIRECTORY, .text = path, .extra = may_be_missing });
	return true;
}

/* ---- the program ---- */
static char *
find_program(struct planning *p, struct err *err)
{
	const char *search = strv_env_get(p->environment, "PATH");
	autofree char *name = unit_expand(&p->with, p->command->program, err);
	char *found;

	if (!name) {
		return NULL;
	}
	if (p->unit->root_directory && !(p->command->flags & COMMAND_FULL)) {
		return str_dup(name); /* it is looked for in there, by the kernel */
	}
	found = path_find_program(name, search ? search : PLANNING_PATH);
	if (!found) {
		(void)err_set_errno(err, errno, "exec %s", name);
	}
	return found;
}

static bool
add_program(struct planning *p, struct err *err)
{
	autofree char *program = find_program(p, err);
	char **argv =
		program ? unit_expand_command(&p->with, p->command, p->environment, err) : NULL;
	struct buf packed;

	if (!argv) {
		return false;
	}
	plan_add_strings(p->plan, PLAN_ENVIRONMENT, NULL, p->environment);
	buf_init(&packed, LIMIT_PLAN);
	for (char **word = argv; *word; word++) {
		(void)buf_add(&packed, *word, strlen(*word) + 1);
	}
	/* what a shell would run is run for those who come from one */
	add(p, (struct plan_step){ .op = PLAN_EXEC,
				   .text = program,
				   .data = packed.data,
				   .data_size = packed.length,
				   .extra = p->unit->transient });
	strv_free(argv);
	if (packed.full || p->plan->failed) {
		buf_done(&packed);
		return err_set_errno(err, E2BIG, "exec %s", program);
	}
	buf_done(&packed);
	return true;
}

static bool
add_all(struct planning *p, enum part part, enum step step, struct err *err)
{
	add(p, (struct plan_step){ .op = PLAN_SESSION });
	if (!add_input(p, err) || !add_output(p, err) || !add_error(p, err)) {
		return false;
	}
	if (part == PART_MAIN && step == STEP_START) {
		add_stored(p);
		if (p->unit->watchdog > 0) {
			add(p,
			    (struct plan_step){ .op = PLAN_PID_VARIABLE, .text = "WATCHDOG_PID" });
		}
	}
	add_surroundings(p);
	return add_identity(p, err) && add_directory(p, err) && add_program(p, err);
}

bool
planning_make(struct member *member, enum part part, enum step step, unsigned index,
	      struct plan *ret_plan, int *ret_input, struct err *err)
{
	const struct commands *commands = step_commands(member->unit, step);
	struct planning p = { .member = member, .unit = member->unit, .plan = ret_plan };
	int input = -1;
	bool ok;

	if (!commands || index >= commands->count) {
		return err_set(err, "%s has no command %u any more", step_name(step), index + 1);
	}
	p.command = &commands->list[index];
	p.input = &input;
	planning_expand(member, &p.with);
	ok = planning_find_user(member, &p.user, err);
	if (ok) {
		p.environment = planning_environment(member, part, step, err);
		ok = p.environment != NULL;
	}
	plan_init(ret_plan);
	ok = ok && add_all(&p, part, step, err);
	planning_user_done(&p.user);
	strv_free(p.environment);
	if (!ok) {
		(void)fd_close(input);
		plan_done(ret_plan);
		return false;
	}
	*ret_input = input;
	return true;
}
