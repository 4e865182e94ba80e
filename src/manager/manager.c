/* The manager's main: sets up, then does what comes. A turn of the loop collects events, and after
 * each turn they are taken and their orders carried out (carry.c). The listening socket is watched
 * only when everything has been adopted, so nobody is answered from half a picture.
 *
 * A list of a thousand units is a megabyte of JSON for a moment; what was so used is given back
 * when it is quiet again.
 *
 * It ends in two ways: the keeper was asked to end, or it keeps nothing and nobody has asked for
 * anything for a while. Both times everything is down by then, the keeper is told, and this process
 * leaves first. */
#include "manager/manager.h"
#include "base/accounts.h"
#include "base/file.h"
#include "base/path.h"
#include "manager/keeper-line.h"
#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>

static const int64_t IDLE_NS =
	60 * CLOCK_S; /* another command may follow soon; TEND_IDLE_SEC= changes it */
static const int64_t REST_NS =
	CLOCK_S / 2; /* after something was done: its memory goes back to the system */
static const int64_t FLUSH_NS = 2 * CLOCK_S; /* for the last answers */
enum { TEXT_MAX = 1 << 16 };

static bool tracing;
static struct manager
	only; /* what it has is freed by its end: a leak report tells what nobody had */

/* ---- saying ---- */
void
manager_say(struct manager *manager, enum say what, const char *format, ...)
{
	va_list arguments;

	if (manager->said & 1U << what) {
		return;
	}
	manager->said |= 1U << what;
	(void)fputs("tendd: ", stderr);
	va_start(arguments, format);
	(void)vfprintf(stderr, format, arguments);
	va_end(arguments);
	(void)fputs("\n", stderr);
}

void
manager_said_over(struct manager *manager, enum say what)
{
	manager->said &= ~(1U << what);
}

void
manager_trace(const char *format, ...)
{
	va_list arguments;

	if (!tracing) {
		return;
	}
	(void)fprintf(stderr, "[%.6f] ", (double)clock_now() / (double)CLOCK_S);
	va_start(arguments, format);
	(void)vfprintf(stderr, format, arguments);
	va_end(arguments);
	(void)fputs("\n", stderr);
}

static void
trace_state(const struct service *service, enum service_state old, const struct event *event)
{
	const struct member *member = CONTAINER(service, struct member, service);

	if (old == service->state) {
		manager_trace("%s: %s does not know what to do with %s", member->name,
			      service_state_name(old), event_name(event->kind));
		return;
	}
	manager_trace("%s: %s > %s because %s", member->name, service_state_name(old),
		      service_state_name(service->state), event_name(event->kind));
}

/* splitmix64: good enough for jitter and for names that only have to differ */
uint32_t
manager_chance(struct manager *manager)
{
	uint64_t x = manager->chance += 0x9e3779b97f4a7c15ULL;

	x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9ULL;
	x = (x ^ x >> 27) * 0x94d049bb133111ebULL;
	return (uint32_t)(x >> 32 ^ x);
}

/* ---- leaving ---- */
static void
end(struct manager *manager)
{
	const struct frame frame = { .kind = FRAME_END };

	manager->ended = true;
	loop_disarm(manager->loop, &manager->idle);
	wire_server_flush(manager->server, clock_now() + FLUSH_NS);
	manager->server = wire_server_free(manager->server);
	(void)unlink(manager->places->socket);
	groups_end(manager);
	adopt_note_end(manager);
	keeper_line_send(manager, &frame, NULL, 0);
}

static bool
somebody_is_there(const struct manager *manager)
{
	struct pollfd at_the_door = { .fd = ROLE_FD_LISTEN, .events = POLLIN };

	return (manager->server && wire_server_clients(manager->server) > 0) ||
	       poll(&at_the_door, 1, 0) > 0;
}

static int64_t
idle_time(void)
{
	const char *text = getenv("TEND_IDLE_SEC");
	uint64_t seconds;

	if (!text || str_to_u64(text, &seconds) < 0 || seconds > INT32_MAX) {
		return IDLE_NS;
	}
	return seconds == 0 ? CLOCK_NEVER : (int64_t)seconds * CLOCK_S;
}

static void
arm_idle(struct manager *manager)
{
	int64_t after = idle_time();

	loop_arm(manager->loop, &manager->idle,
		 after == CLOCK_NEVER ? CLOCK_NEVER : clock_now() + after);
}

static void
idle_came(struct timer *timer)
{
	struct manager *manager = CONTAINER(timer, struct manager, idle);

	if (manager->kept > 0 || !list_is_empty(&manager->busy)) {
		return;
	}
	if (somebody_is_there(manager)) {
		arm_idle(manager);
		return;
	}
	end(manager);
}

void
manager_think_of_leaving(struct manager *manager)
{
	if (manager->adopting || manager->ended) {
		return;
	}
	if (manager->kept > 0) {
		loop_disarm(manager->loop, &manager->idle);
	} else if (manager->leaving && list_is_empty(&manager->busy)) {
		end(manager);
	} else {
		arm_idle(manager);
	}
}

void
manager_leave(struct manager *manager)
{
	struct member *member;
	size_t at = 0;

	manager->leaving = true;
	while ((member = map_each(&manager->members, &at))) {
		if (!service_is_down(&member->service)) {
			depend_mark_stop(member, "tendd was asked to end");
		}
	}
	depend_begin_stops(manager);
}

static void
rest_came(struct timer *timer)
{
	struct manager *manager = CONTAINER(timer, struct manager, rest);

	manager->resting = true;
	(void)malloc_trim(0);
}

/* ---- setting up ---- */
static char *
first_line(const char *path)
{
	char *text = NULL;

	if (file_read_proc(AT_FDCWD, path, TEXT_MAX, &text, NULL) < 0) {
		return NULL;
	}
	text[strcspn(text, "\n")] = '\0';
	return text;
}

static const char *
or_below(const char *variable, const char *home, const char *suffix)
{
	const char *set = getenv(variable);

	return set && path_is_absolute(set) ? str_dup(set) : path_join(home, suffix);
}

/* what specifiers stand for; lives as long as the process */
static void
fill_directories(struct manager *manager)
{
	struct expand *e = &manager->expand;
	const struct places *places = manager->places;

	if (places->home) {
		e->runtime = path_join(places->home, "data/run");
		e->state = path_join(places->home, "data/state");
		e->cache = path_join(places->home, "data/cache");
		e->logs = path_join(places->home, "data/log");
		e->config = path_join(places->home, "data/config");
	} else if (places->system) {
		e->runtime = "/run";
		e->state = "/var/lib";
		e->cache = "/var/cache";
		e->logs = "/var/log";
		e->config = "/etc";
	} else {
		e->runtime = path_dir(places->run);
		e->state = or_below("XDG_STATE_HOME", e->home, ".local/state");
		e->cache = or_below("XDG_CACHE_HOME", e->home, ".cache");
		e->logs = path_join(e->state, "log");
		e->config = or_below("XDG_CONFIG_HOME", e->home, ".config");
	}
}

static void
fill_expand(struct manager *manager)
{
	struct expand *e = &manager->expand;
	struct accounts_user user = { 0 };
	struct utsname names = { 0 };
	char *os_release = NULL;

	(void)accounts_user_by_uid(geteuid(), &user); /* a user without an entry has no name */
	e->uid = geteuid();
	e->gid = getegid();
	e->user = user.name;
	e->home = user.home ? user.home : str_dup(getenv("HOME"));
	e->home = e->home ? e->home : "/";
	e->shell = user.shell && user.shell[0] ? user.shell : "/bin/sh";
	if (uname(&names) == 0) {
		e->host = str_dup(names.nodename);
		e->kernel = str_dup(names.release);
	}
	e->machine_id = first_line("/etc/machine-id");
	(void)file_read(AT_FDCWD, "/etc/os-release", TEXT_MAX, &os_release, NULL);
	e->os_release = os_release;
	fill_directories(manager);
}

static void
fill_boot(struct manager *manager)
{
	char *plain = str_dup(proc_boot_id()), *to = plain;

	(void)snprintf(manager->boot_id, sizeof(manager->boot_id), "%s", plain);
	for (const char *c = plain; *c; c++) { /* %b has no dashes */
		if (*c != '-') {
			*to++ = *c;
		}
	}
	*to = '\0';
	manager->expand.boot_id = plain;
}

static void
init(struct manager *manager, const struct manager_start *start)
{
	struct list *lists[] = { &manager->busy,      &manager->pending,  &manager->held,
				 &manager->depending, &manager->watchers, &manager->upgrades,
				 &manager->launches };

	manager->start = start;
	manager->places = &start->places;
	map_init(&manager->members);
	map_init(&manager->templates);
	nmap_init(&manager->children);
	nmap_init(&manager->by_number);
	for (size_t i = 0; i < COUNT(lists); i++) {
		list_init(lists[i]);
	}
	manager->ledger_dir = -1;
	manager->adopting = true;
	manager->root = geteuid() == 0;
	manager->since_wall = clock_wall();
	manager->idle.on = idle_came;
	manager->rest.on = rest_came;
	manager->chance = (uint64_t)clock_wall() ^ (uint64_t)getpid() << 40;
	(void)!getrandom(&manager->chance, sizeof(manager->chance), 0);
	fill_expand(manager);
	fill_boot(manager);
}

static void
after_turn(void *context)
{
	struct manager *manager = context;

	carry_events(manager);
	if (!manager->resting && manager->rest.place == 0) {
		loop_arm(manager->loop, &manager->rest, clock_now() + REST_NS);
	}
	manager->resting = false;
	if (manager->ended && keeper_line_is_idle(manager)) {
		loop_stop(manager->loop, 0);
	}
}

static int
fail(const char *what, int error)
{
	(void)fprintf(stderr, "tendd: %s: %s\n", what, strerror(error));
	return 1;
}

int
manager_run(const struct manager_start *start)
{
	struct manager *manager = &only;
	int r;

	tracing = str_equal(getenv("TEND_TRACE"), "1");
	service_trace = tracing ? trace_state : NULL;
	(void)signal(SIGPIPE, SIG_IGN);
	(void)umask(0022);
	init(manager, start);
	manager->loop = loop_new();
	if (!manager->loop) {
		return fail("the event loop", errno);
	}
	groups_start(manager);
	r = logger_line_open(manager, ROLE_FD_LOGGER);
	r = r < 0 ? r : keeper_line_open(manager, ROLE_FD_LINK);
	if (r < 0) {
		return fail("the line to the keeper", -r);
	}
	logging_start(manager);
	adopt_all(manager);
	loop_after_turn(manager->loop, after_turn, manager);
	r = loop_run(manager->loop);
	return r < 0 ? fail("waiting for events", -r) : r;
}
