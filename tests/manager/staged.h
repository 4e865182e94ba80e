/* staged: a manager without keeper, logger and loop turns: what it sends is in `keeper` and
 * `logger`, nobody answers. What is made stays reachable until the end of the program; the
 * directories are removed by staged_done. */
#pragma once
#include "test.h"
#include "manager/core.h"
#include "manager/keeper-line.h"
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

struct staged {
	char *directory;
	struct manager_start start;
	struct manager *manager;
	int keeper, logger; /* the other sides */
	struct staged *next;
};

static struct staged *staged_all;

static inline struct manager *
staged_manager(struct staged *s)
{
	struct manager *m = calloc(1, sizeof(*m));
	struct list *lists[] = { &m->busy,     &m->pending,  &m->held,    &m->depending,
				 &m->watchers, &m->upgrades, &m->launches };

	assert_non_null(m);
	m->start = &s->start;
	m->places = &s->start.places;
	m->loop = loop_new();
	assert_non_null(m->loop);
	map_init(&m->members);
	map_init(&m->templates);
	nmap_init(&m->children);
	nmap_init(&m->by_number);
	for (size_t i = 0; i < COUNT(lists); i++) {
		list_init(lists[i]);
	}
	m->ledger_dir = -1;
	m->adopting = true;
	m->chance = 1;
	m->keeper_pid = 4711;
	(void)snprintf(m->boot_id, sizeof(m->boot_id), "11111111-2222-3333-4444-555555555555");
	m->expand = (struct expand){ .runtime = "/run/of/user",
				     .state = "/state",
				     .cache = "/cache",
				     .logs = "/logs",
				     .config = "/config",
				     .user = "somebody",
				     .home = "/home/somebody",
				     .shell = "/bin/sh",
				     .uid = 1000,
				     .gid = 1000 };
	return m;
}

static inline struct staged *
staged_new(void)
{
	struct staged *s = calloc(1, sizeof(*s));
	int pair[2];

	assert_non_null(s);
	s->directory = test_dir();
	assert_int_equal(setenv("TEND_HOME", s->directory, 1), 0);
	assert_true(places_find(PLACES_USER, &s->start.places, NULL));
	assert_true(places_make(&s->start.places, NULL));
	s->start.nofile_soft = 1024;
	s->manager = staged_manager(s);
	assert_int_equal(fd_pair(SOCK_SEQPACKET, pair), 0);
	s->keeper = pair[1];
	assert_int_equal(keeper_line_open(s->manager, pair[0]), 0);
	assert_int_equal(fd_pair(SOCK_SEQPACKET, pair), 0);
	s->logger = pair[1];
	assert_int_equal(logger_line_open(s->manager, pair[0]), 0);
	s->next = staged_all;
	staged_all = s;
	return s;
}

static inline struct member *
staged_member(struct staged *s, const char *name, const char *text)
{
	struct unit *unit = unit_parse(name, text, strlen(text), NULL);

	assert_non_null(unit);
	assert_null(unit->bad);
	return member_new(s->manager, name, unit);
}

static inline void
staged_done(struct staged *s)
{
	struct member *member;
	size_t at = 0;

	while ((member = map_each(&s->manager->members, &at))) {
		service_init(&member->service, member->unit);
		member_free(member);
		at = 0;
	}
	(void)fd_close(s->keeper);
	(void)fd_close(s->logger);
	(void)fd_close(s->manager->ledger_dir);
	test_dir_done(&s->directory);
}
