/* A ledger of any bytes: taken or refused as a whole, and what was taken is written and taken again
 * as the same. The check line is put under it here, or hardly anything would come past it. */
#include "manager/keeper-line.h"
#include "manager/ledger.h"
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct manager manager;
static struct manager_start start = { .nofile_soft = 1024 };
static struct unit *unit;

static void
once(void)
{
	static const char text[] = "[Service]\nExecStartPre=/bin/true\nExecStart=/bin/true\n"
				   "ExecStop=/bin/true\nExecStopPost=/bin/true\nRestart=always\n";
	int keeper[2], logger[2];
	struct list *lists[] = { &manager.busy,      &manager.pending,  &manager.held,
				 &manager.depending, &manager.watchers, &manager.upgrades,
				 &manager.launches };

	for (size_t i = 0; i < COUNT(lists); i++) {
		list_init(lists[i]);
	}
	start.places.ledger = start.places.runs = start.places.config = start.places.notify =
		start.places.transient = (char *)(uintptr_t) "/nonexistent";
	manager.start = &start;
	manager.places = &start.places;
	manager.loop = loop_new();
	manager.ledger_dir = -1;
	manager.said = ~0U;
	(void)snprintf(manager.boot_id, sizeof(manager.boot_id), "boot");
	map_init(&manager.members);
	map_init(&manager.templates);
	nmap_init(&manager.children);
	nmap_init(&manager.by_number);
	unit = unit_parse("web", text, sizeof(text) - 1, NULL);
	CHECK(unit && !unit->bad && fd_pair(SOCK_SEQPACKET, keeper) == 0 &&
	      fd_pair(SOCK_SEQPACKET, logger) == 0);
	CHECK(keeper_line_open(&manager, keeper[0]) == 0 &&
	      logger_line_open(&manager, logger[0]) == 0);
	/* nobody listens: what is sent is lost at once instead of queued */
	(void)fd_close(keeper[1]);
	(void)fd_close(logger[1]);
}

static uint64_t
hash(const char *bytes, size_t n)
{
	uint64_t h = 0xcbf29ce484222325ULL;

	for (size_t i = 0; i < n; i++) {
		h = (h ^ (unsigned char)bytes[i]) * 0x100000001b3ULL;
	}
	return h;
}

static void
free_member(struct member *member)
{
	service_init(&member->service, unit);
	member_free(member);
}

static char *
written(const struct member *member)
{
	struct buf text;

	buf_init(&text, 4 * LIMIT_LEDGER);
	ledger_text(member, &text);
	CHECK(!text.full);
	return buf_take(&text);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	autofree char *body = str_dup_n((const char *)data, size);
	autofree char *text =
		str_format("%scheck %016" PRIx64 "\n", body, hash(body, strlen(body)));
	struct member *first, *second;

	if (!unit) {
		once();
	}
	first = member_new(&manager, "web", unit_ref(unit));
	(void)ledger_number(text);
	if (ledger_take(first, text, strlen(text))) {
		autofree char *once_written = written(first), *twice_written = NULL;
		uint64_t number = first->number;

		free_member(first);
		second = member_new(&manager, "web", unit_ref(unit));
		second->number = number;
		CHECK(ledger_take(second, once_written, strlen(once_written)));
		twice_written = written(second);
		CHECK(str_equal(once_written, twice_written));
		free_member(second);
	} else {
		free_member(first);
	}
	return 0;
}
