/* A login session has XDG_RUNTIME_DIR and cron, ssh commands and su often do not, yet all of them
 * must find the same tendd. So /run/user/UID is taken whenever it is there and ours, told or not,
 * and /tmp/tend-UID only else. The passwd file is read directly: the programs are static, and NSS
 * is not. */
#include "wire/places.h"
#include "base/file.h"
#include "base/path.h"
#include "base/str.h"
#include <errno.h>
#include <limits.h>
#include <pwd.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *
variable(const char *name) /* what is not absolute is ignored, as the XDG specification says */
{
	const char *value = getenv(name);

	return value && path_is_absolute(value) ? value : NULL;
}

static char *
home_of(uid_t uid)
{
	FILE *file = fopen("/etc/passwd", "re");
	char *found = NULL;

	for (struct passwd *p; file && !found && (p = fgetpwent(file));) {
		if (p->pw_uid == uid && path_is_absolute(p->pw_dir)) {
			found = str_dup(p->pw_dir);
		}
	}
	if (file) {
		(void)fclose(file);
	}
	return found;
}

/* $NAME/tend or ~/SUFFIX/tend */
static char *
below_home(const char *name, const char *suffix)
{
	const char *set = variable(name), *home = variable("HOME");
	autofree char *looked_up = NULL;

	if (set) {
		return str_format("%s/tend", set);
	}
	if (!home) {
		looked_up = home_of(geteuid());
		home = looked_up ? looked_up : "/nonexistent";
	}
	return str_format("%s/%s/tend", home, suffix);
}

static bool
is_mine(const char *directory)
{
	struct stat st;

	return stat(directory, &st) == 0 && S_ISDIR(st.st_mode) && st.st_uid == geteuid();
}

static char *
run_of_user(void)
{
	const char *told = variable("XDG_RUNTIME_DIR");
	autofree char *usual = str_format("/run/user/%u", (unsigned)geteuid());

	if (told && is_mine(told)) {
		return str_format("%s/tend", told);
	}
	if (is_mine(usual)) {
		return str_format("%s/tend", usual);
	}
	return str_format("/tmp/tend-%u", (unsigned)geteuid());
}

static void
fill_user(struct places *p)
{
	autofree char *state = below_home("XDG_STATE_HOME", ".local/state");

	p->config = below_home("XDG_CONFIG_HOME", ".config");
	p->transient = path_join(state, "units");
	p->log = path_join(state, "log");
	p->runs = path_join(state, "runs");
	p->run = run_of_user();
	strv_add(&p->units, p->config);
	strv_add(&p->units, p->transient);
}

static void
fill_system(struct places *p)
{
	static const char *const own[] = { "/etc/tend", "/run/tend", "/usr/local/lib/tend",
					   "/usr/lib/tend", "/var/lib/tend/units" };
	static const char *const systemd[] = { "/etc/systemd/system", "/run/systemd/system",
					       "/usr/local/lib/systemd/system",
					       "/usr/lib/systemd/system", "/lib/systemd/system" };

	p->config = str_dup("/etc/tend");
	p->transient = str_dup("/var/lib/tend/units");
	p->log = str_dup("/var/log/tend");
	p->runs = str_dup("/var/lib/tend/runs");
	p->run = str_dup("/run/tend");
	for (size_t i = 0; i < COUNT(own); i++) {
		strv_add(&p->units, own[i]);
	}
	/* the directory that sd_booted() asks for: there systemd itself starts them */
	for (size_t i = 0; i < COUNT(systemd) && access("/run/systemd/system", F_OK) != 0; i++) {
		strv_add(&p->units, systemd[i]);
	}
}

static bool
fill_home(struct places *p, const char *home, struct err *err)
{
	char here[PATH_MAX];

	if (path_is_absolute(home)) {
		p->home = path_clean(home);
	} else {
		autofree char *joined = NULL;

		if (!getcwd(here, sizeof(here))) {
			return err_set_errno(err, errno,
					     "TEND_HOME=%s: the directory it starts from", home);
		}
		joined = path_join(here, home);
		p->home = path_clean(joined);
	}
	p->config = path_join(p->home, "config");
	p->transient = path_join(p->home, "units");
	p->log = path_join(p->home, "log");
	p->runs = path_join(p->home, "runs");
	p->run = path_join(p->home, "run");
	strv_add(&p->units, p->config);
	strv_add(&p->units, p->transient);
	return true;
}

bool
places_find(enum places_whose whose, struct places *ret_places, struct err *err)
{
	const char *home = getenv("TEND_HOME");
	struct places p = { .system = whose == PLACES_SYSTEM ||
				      (whose == PLACES_DEFAULT && geteuid() == 0) };

	if (home && home[0] != '\0') {
		if (!fill_home(&p, home, err)) {
			places_done(&p);
			return false;
		}
	} else if (p.system) {
		fill_system(&p);
	} else {
		fill_user(&p);
	}
	p.socket = path_join(p.run, "socket");
	p.lock = path_join(p.run, "lock");
	p.ledger = path_join(p.run, "ledger");
	p.notify = path_join(p.run, "notify");
	p.trace = path_join(p.run, "tendd.log");
	*ret_places = p;
	return true;
}

void
places_done(struct places *places)
{
	free(places->home);
	places->units = strv_free(places->units);
	free(places->transient);
	free(places->config);
	free(places->log);
	free(places->runs);
	free(places->run);
	free(places->socket);
	free(places->lock);
	free(places->ledger);
	free(places->notify);
	free(places->trace);
	*places = (struct places){ 0 };
}

static uid_t
owner(const struct places *places)
{
	return places->system && !places->home ? 0 : geteuid();
}

static bool
make(const char *path, struct err *err)
{
	int r = file_make_dirs(path, 0700);

	return r == 0 || err_set_errno(err, -r, "can't create %s", path);
}

bool
places_make(const struct places *places, struct err *err)
{
	autofree char *above = path_dir(places->run);
	int fd;

	if (!make(above, err)) {
		return false;
	}
	fd = file_open_private_dir(places->run, owner(places));
	if (fd < 0) {
		return err_set_errno(err, -fd,
				     "the runtime directory %s must be a directory of yours alone",
				     places->run);
	}
	(void)close(fd);
	return make(places->ledger, err) && make(places->notify, err) &&
	       make(places->transient, err) && make(places->log, err) && make(places->runs, err);
}

bool
places_check(const struct places *places, struct err *err)
{
	struct stat st;

	if (lstat(places->run, &st) < 0) {
		return err_set_errno(err, errno, "%s", places->run);
	}
	if (!S_ISDIR(st.st_mode) || st.st_uid != owner(places) || (st.st_mode & 077) != 0) {
		return err_set_errno(
			err, EPERM,
			"the runtime directory %s is not a directory of %s alone: not using it",
			places->run, owner(places) == 0 ? "root" : "yours");
	}
	return true;
}
