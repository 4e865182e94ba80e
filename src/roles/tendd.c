/* tendd: main of all three roles. Its peers are itself: keeper, manager and logger are this
 * executable with --role.
 *
 * Started by a person or by tend it makes the places, takes the lock, binds the socket and becomes
 * the keeper; who started it in the background gets an exit status when callers can connect, not
 * before. Two that race for it meet at the lock: the loser ends with RUNS_ALREADY, which is no
 * failure, and both callers connect to the winner.
 *
 * The descriptors that a role is born with have fixed numbers (enum role_fd), so they are put in
 * place here, once. */
#include "base/clock.h"
#include "base/err.h"
#include "base/fd.h"
#include "base/file.h"
#include "base/str.h"
#include "base/version.h"
#include "keeper/keeper.h"
#include "link/link.h"
#include "logger/logger.h"
#include "manager/manager.h"
#include "wire/places.h"
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

enum { DONE = 0, FAILED = 1, WRONG_USAGE = 2, RUNS_ALREADY = 7 };
enum { BACKLOG = 4096, OWN_LOG_MAX = 1 << 20, LOCK_LOOK_US = 20000 };
static const int64_t LOCK_WAIT_NS = 10 * CLOCK_S;

/* what the soft limit of descriptors was before we raised it: services get that one */
static const char NOFILE_VARIABLE[] = "TENDD_NOFILE";

enum role { ROLE_NONE, ROLE_KEEPER, ROLE_MANAGER, ROLE_LOGGER, ROLE_PACKER, ROLE_FORWARDER };

struct options {
	enum role role;
	enum keeper_birth birth;
	enum places_whose whose;
	bool probe, foreground;
	const char *argument; /* of a role */
};

static const char USAGE[] =
	"tendd: keeps processes running for tend; usually started by tend itself\n"
	"\n"
	"    tendd [--user | --system] [--foreground]\n"
	"\n"
	"  --user        the tendd of this user (default for all but root)\n"
	"  --system      the tendd of the system (default for root)\n"
	"  --foreground  stay, as a child of a supervisor or as PID 1 of a container;\n"
	"                otherwise it returns once tend can connect\n"
	"  --version, --help\n"
	"\n"
	"Everything is below TEND_HOME when that is set. Exit status: 0 it runs now, 1 it failed,\n"
	"2 wrong usage, 7 it ran already. See tendd(8).\n";

/* ---- options ---- */
static bool
options_role(struct options *options, const char *word)
{
	static const char *const names[] = { [ROLE_KEEPER] = "keeper",
					     [ROLE_MANAGER] = "manager",
					     [ROLE_LOGGER] = "logger",
					     [ROLE_PACKER] = "packer",
					     [ROLE_FORWARDER] = "forwarder" };

	for (size_t i = ROLE_KEEPER; i < COUNT(names); i++) {
		if (str_equal(word, names[i])) {
			options->role = (enum role)i;
			return true;
		}
	}
	return false;
}

static bool
options_word(struct options *options, const char *word)
{
	if (str_equal(word, "--user")) {
		options->whose = PLACES_USER;
	} else if (str_equal(word, "--system")) {
		options->whose = PLACES_SYSTEM;
	} else if (str_equal(word, "--foreground")) {
		options->foreground = true;
	} else if (str_equal(word, "--by-manager")) {
		options->birth = KEEPER_BY_MANAGER;
	} else if (str_equal(word, "--upgraded")) {
		options->birth = KEEPER_UPGRADED;
	} else if (str_equal(word, "--probe")) {
		options->probe = true;
	} else {
		return false;
	}
	return true;
}

static int
options_read(int argc, char **argv, struct options *options)
{
	for (int i = 1; i < argc; i++) {
		if (str_equal(argv[i], "--version")) {
			(void)puts("tendd " VERSION);
			return DONE;
		}
		if (str_equal(argv[i], "--help") || str_equal(argv[i], "-h")) {
			(void)fputs(USAGE, stdout);
			return DONE;
		}
		if (str_equal(argv[i], "--role") && i + 1 < argc &&
		    options_role(options, argv[i + 1])) {
			i++;
			if (options->role == ROLE_PACKER && i + 1 < argc) {
				options->argument = argv[++i];
			}
		} else if (!options_word(options, argv[i])) {
			(void)fprintf(stderr, "tendd: %s is no option; see tendd --help\n",
				      argv[i]);
			return WRONG_USAGE;
		}
	}
	return -1;
}

/* ---- starting ---- */
static void
raise_descriptor_limit(void)
{
	struct rlimit limit;
	char text[32];

	if (getrlimit(RLIMIT_NOFILE, &limit) < 0) {
		return;
	}
	(void)snprintf(text, sizeof(text), "%llu", (unsigned long long)limit.rlim_cur);
	(void)setenv(NOFILE_VARIABLE, text, 1);
	limit.rlim_cur = limit.rlim_max;
	(void)setrlimit(RLIMIT_NOFILE, &limit);
}

static rlim_t
soft_limit_before(void)
{
	const char *text = getenv(NOFILE_VARIABLE);
	struct rlimit limit = { 0 };
	uint64_t number;

	if (text && str_to_u64(text, &number) == 0) {
		return (rlim_t)number;
	}
	(void)getrlimit(RLIMIT_NOFILE, &limit);
	return limit.rlim_cur;
}

/* the fixed numbers must be free, and 0 to 2 be something */
static bool
occupy_numbers(struct err *err)
{
	int fd;

	do {
		fd = open("/dev/null", O_RDWR | O_CLOEXEC);
		if (fd < 0) {
			return err_set_errno(err, errno, "/dev/null");
		}
	} while (fd < ROLE_FD_COUNT - 1);
	if (fd >= ROLE_FD_COUNT) {
		(void)close(fd);
	}
	return true;
}

static bool
put(int take_fd, int number, struct err *err)
{
	bool ok = dup3(take_fd, number, O_CLOEXEC) == number;

	if (!ok) {
		(void)err_set_errno(err, errno, "descriptor %d", number);
	}
	(void)fd_close(take_fd);
	return ok;
}

static bool
is_served(const struct places *places)
{
	struct sockaddr_un address = { 0 };
	socklen_t length = 0;
	int keep = -1, fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	bool served = fd >= 0 &&
		      file_socket_address(places->socket, &address, &length, &keep) == 0 &&
		      (connect(fd, (struct sockaddr *)&address, length) == 0 || errno == EAGAIN);

	(void)fd_close(keep);
	(void)fd_close(fd);
	return served;
}

static void
look_again(int signal)
{
	(void)signal; /* it has interrupted flock() */
}

/* Held by somebody who serves, or who is about to: then that one runs. Held by what is left of one
 * that was killed (a logger that writes its last bytes): then it comes free, and the lock itself is
 * the event that is waited for. */
static bool
wait_for_lock(int fd, const struct places *places)
{
	const struct sigaction interrupt = { .sa_handler = look_again };
	const struct itimerval look = { { 0, LOCK_LOOK_US }, { 0, LOCK_LOOK_US } }, off = { 0 };
	const int64_t until = clock_now() + LOCK_WAIT_NS;
	bool locked = false;

	(void)sigaction(SIGALRM, &interrupt, NULL);
	(void)setitimer(ITIMER_REAL, &look, NULL);
	while (!locked && !is_served(places) && clock_now() < until) {
		locked = flock(fd, LOCK_EX) == 0;
	}
	(void)setitimer(ITIMER_REAL, &off, NULL);
	(void)signal(SIGALRM, SIG_DFL);
	return locked;
}

static int
take_lock(const struct places *places, struct err *err)
{
	int fd = open(places->lock, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);

	if (fd < 0) {
		(void)err_set_errno(err, errno, "%s", places->lock);
		return FAILED;
	}
	if (flock(fd, LOCK_EX | LOCK_NB) < 0) {
		int number = errno;

		if (number != EWOULDBLOCK) {
			(void)close(fd);
			(void)err_set_errno(err, number, "%s", places->lock);
			return FAILED;
		}
		if (!wait_for_lock(fd, places)) {
			(void)close(fd);
			return RUNS_ALREADY;
		}
	}
	return put(fd, ROLE_FD_LOCK, err) ? DONE : FAILED;
}

/* under the lock, so a socket that is there already is stale */
static bool
bind_socket(const struct places *places, struct err *err)
{
	struct sockaddr_un address = { 0 };
	socklen_t length = 0;
	int keep = -1, fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	mode_t mask = umask(0177);
	int r = fd < 0 ? -errno : file_socket_address(places->socket, &address, &length, &keep);

	if (r == 0) {
		(void)unlink(places->socket);
		r = bind(fd, (struct sockaddr *)&address, length) < 0 ? -errno : 0;
	}
	if (r == 0) {
		r = listen(fd, BACKLOG) < 0 ? -errno : 0;
	}
	(void)umask(mask);
	(void)fd_close(keep);
	if (r < 0) {
		(void)fd_close(fd);
		return err_set_errno(err, -r, "%s", places->socket);
	}
	return put(fd, ROLE_FD_LISTEN, err);
}

static bool
open_executable(struct err *err)
{
	int fd = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);

	if (fd < 0) {
		return err_set_errno(err, errno, "/proc/self/exe (is /proc mounted?)");
	}
	return put(fd, ROLE_FD_EXECUTABLE, err);
}

static bool
open_own_log(const struct places *places, struct err *err)
{
	int fd = open(places->trace, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	struct stat st;

	if (fd < 0) {
		return err_set_errno(err, errno, "%s", places->trace);
	}
	if (fstat(fd, &st) == 0 && st.st_size > OWN_LOG_MAX) {
		(void)!ftruncate(fd, 0);
	}
	(void)dup2(fd, STDOUT_FILENO);
	(void)dup2(fd, STDERR_FILENO);
	(void)close(fd);
	fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
	(void)dup2(fd, STDIN_FILENO);
	(void)fd_close(fd);
	return true;
}

/* the parent of what goes on has done its part: whoever waits for it may connect now */
static int
go_to_background(void)
{
	pid_t pid = fork();

	if (pid < 0) {
		return -errno;
	}
	if (pid > 0) {
		_exit(DONE);
	}
	return setsid() < 0 ? -errno : 0;
}

/* executed again: the process list shows what it is, and nothing that was read and allocated up to
 * here stays */
static int
become_keeper(bool system)
{
	static const int kept[] = { ROLE_FD_LOCK, ROLE_FD_LISTEN, ROLE_FD_EXECUTABLE };
	char name[] = "tendd: keeper", role[] = "--role", keeper[] = "keeper";
	char user[] = "--user", system_[] = "--system";
	char *argv[] = { name, role, keeper, system ? system_ : user, NULL };
	int r;

	for (size_t i = 0; i < COUNT(kept); i++) {
		(void)fd_set_inherited(kept[i], true);
	}
	r = fd_execute(ROLE_FD_EXECUTABLE, argv, environ);
	(void)fprintf(stderr, "tendd: can't execute itself: %s\n", strerrordesc_np(-r));
	return FAILED;
}

/* started by a command within a unit: what was said to that unit's processes is not ours, and by it
 * they are found (alive.c) */
static void
forget_unit(void)
{
	static const char *const names[] = { "TEND_UNIT", "TEND_INSTANCE", "TEND_RUN",
					     "INVOCATION_ID", "MAINPID" };

	for (size_t i = 0; i < COUNT(names); i++) {
		(void)unsetenv(names[i]);
	}
}

static int
start(const struct options *options)
{
	struct places places;
	struct err err = { 0 };
	bool system;
	int r = FAILED;

	/* what a shell left open would be held for as long as tendd lives */
	(void)close_range(ROLE_FD_LINK, ~0U, 0);
	forget_unit();
	raise_descriptor_limit();
	if (!places_find(options->whose, &places, &err)) {
		(void)fprintf(stderr, "tendd: %s\n", err.text);
		return FAILED;
	}
	if (places.home) { /* made absolute: the roles start from / */
		(void)setenv("TEND_HOME", places.home, 1);
	}
	system = places.system;
	(void)umask(0022);
	if (occupy_numbers(&err) && places_make(&places, &err)) {
		r = take_lock(&places, &err);
	}
	if (r == DONE && (!open_executable(&err) || !bind_socket(&places, &err) ||
			  (!options->foreground && !open_own_log(&places, &err)))) {
		r = FAILED;
	}
	if (r == RUNS_ALREADY && options->foreground) {
		(void)fprintf(stderr, "tendd: it runs already (%s)\n", places.run);
	} else if (r == FAILED) {
		(void)fprintf(stderr, "tendd: %s\n", err.text);
	}
	places_done(&places);
	if (r != DONE) {
		return r;
	}
	if (chdir("/") < 0 || (!options->foreground && go_to_background() < 0)) {
		return FAILED;
	}
	return become_keeper(system);
}

/* ---- the roles that are started by each other ---- */
static int
run_keeper(const struct options *options)
{
	char user[] = "--user", system_[] = "--system";
	char *arguments[] = { options->whose == PLACES_SYSTEM ? system_ : user, NULL };
	const struct keeper_start keeper = { options->birth, arguments };

	(void)prctl(PR_SET_NAME, "tendd: keeper");
	return options->probe ? keeper_probe() : keeper_run(&keeper);
}

static int
run_manager(const struct options *options)
{
	struct manager_start manager = { .nofile_soft = soft_limit_before() };
	struct err err = { 0 };
	int status;

	(void)prctl(PR_SET_NAME, "tendd: manager");
	if (!places_find(options->whose, &manager.places, &err) ||
	    !places_make(&manager.places, &err)) {
		(void)fprintf(stderr, "tendd: manager: %s\n", err.text);
		return FAILED;
	}
	status = manager_run(&manager);
	places_done(&manager.places);
	return status;
}

static int
run_logger(const struct options *options)
{
	struct places places;
	struct logger_start logger;
	struct err err = { 0 };
	int status;

	(void)prctl(PR_SET_NAME, "tendd: logger");
	if (!places_find(options->whose, &places, &err)) {
		(void)fprintf(stderr, "tendd: logger: %s\n", err.text);
		return FAILED;
	}
	logger.log_root = places.log;
	logger.executable = ROLE_FD_EXECUTABLE;
	status = logger_run(&logger);
	places_done(&places);
	return status;
}

int
main(int argc, char **argv)
{
	struct options options = { .whose = PLACES_DEFAULT };
	int status = options_read(argc, argv, &options);

	options.foreground |= getpid() == 1; /* its end would be the container's */
	if (status >= 0) {
		return status;
	}
	(void)signal(SIGHUP, SIG_IGN);
	(void)signal(SIGPIPE, SIG_IGN);
	switch (options.role) {
	case ROLE_NONE: return start(&options);
	case ROLE_KEEPER: return run_keeper(&options);
	case ROLE_MANAGER: return run_manager(&options);
	case ROLE_LOGGER: return run_logger(&options);
	case ROLE_FORWARDER:
		(void)prctl(PR_SET_NAME, "tendd: forwarder");
		return logger_forward(NULL);
	case ROLE_PACKER:
		(void)prctl(PR_SET_NAME, "tendd: packer");
		return options.argument ? logger_pack(options.argument) : WRONG_USAGE;
	}
	return WRONG_USAGE;
}
