#include "parsed.h"
#include "base/clock.h"

static void
a_type_implies(void **state)
{
	struct unit *unit = service("Type=oneshot");
	struct err err;

	(void)state;
	assert_int_equal(unit->timeout_start, CLOCK_NEVER);
	assert_int_equal(unit->notify_access, NOTIFY_NONE);
	assert_true(unit_set(unit, "Type", "notify", &err));
	unit_finish(unit);
	assert_int_equal(unit->timeout_start, 90 * CLOCK_S);
	assert_int_equal(unit->notify_access, NOTIFY_MAIN);
	assert_true(unit_set(unit, "NotifyAccess", "all", &err));
	assert_true(unit_set(unit, "Type", "oneshot", &err));
	assert_true(unit_set(unit, "TimeoutStartSec", "90s", &err));
	unit_finish(unit);
	assert_int_equal(unit->timeout_start, 90 * CLOCK_S);
	assert_int_equal(unit->notify_access, NOTIFY_ALL);
	assert_null(unit_unref(unit));
	unit = service("WatchdogSec=infinity\nStandardInputText=x");
	assert_int_equal(unit->watchdog, 0);
	assert_int_equal(unit->standard_input.kind, STDIO_DATA);
	assert_int_equal(unit->type, TYPE_SIMPLE);
	assert_null(unit_unref(unit));
	unit = service("WatchdogSec=3");
	assert_int_equal(unit->notify_access, NOTIFY_MAIN);
	assert_null(unit_unref(unit));
	unit = service("FileDescriptorStoreMax=3");
	assert_int_equal(unit->notify_access, NOTIFY_MAIN);
	assert_null(unit_unref(unit));
}

static void
contradictions_are_bad(void **state)
{
	static const struct {
		const char *lines, *bad; /* NULL: it is fine */
	} rows[] = {
		{ "ExecStart=/a", NULL },
		{ "", "/etc/tend/web.service: there is no ExecStart= and no ExecStop=: nothing to "
		      "run" },
		{ "Type=simple\nExecStop=/a",
		  "/etc/tend/web.service: there is no ExecStart=; only Type=oneshot can do "
		  "without" },
		{ "ExecStop=/a", "/etc/tend/web.service: there is no ExecStart=, so "
				 "RemainAfterExit=yes is needed" },
		{ "ExecStop=/a\nRemainAfterExit=yes", NULL },
		{ "ExecStart=/a\nExecStart=/b",
		  "/etc/tend/web.service:3: there is more than one ExecStart=; only Type=oneshot "
		  "can have several" },
		{ "ExecStart=/a\nExecStart=\nExecStart=/b", NULL },
		{ "Type=oneshot\nExecStart=/a\nExecStart=/b", NULL },
		{ "Type=oneshot\nExecStart=/a\nRestart=always",
		  "/etc/tend/web.service:4: Type=oneshot cannot be restarted after success: it "
		  "would never end" },
		{ "Type=oneshot\nExecStart=/a\nRestart=on-success",
		  "/etc/tend/web.service:4: Type=oneshot cannot be restarted after success: it "
		  "would never end" },
		{ "Type=oneshot\nExecStart=/a\nRestart=on-failure", NULL },
		{ "Type=oneshot\nExecStart=/a\nRestartForceExitStatus=3",
		  "/etc/tend/web.service:4: Type=oneshot cannot be restarted by force" },
		{ "Type=dbus\nExecStart=/a", "/etc/tend/web.service: Type=dbus needs a BusName=" },
		{ "Type=dbus\nBusName=x\nExecStart=/a", NULL },
		{ "ExecStart=/a\n[X-Tend]\nInstances=20001",
		  "/etc/tend/web.service:4: that is more instances than tend keeps" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		char autofree *text = str_format("[Service]\n%s\n", rows[i].lines);
		struct unit *unit = parsed(text);

		if (rows[i].bad == NULL) {
			assert_null(unit->bad);
		} else {
			assert_non_null(unit->bad);
			assert_string_equal(unit->bad, rows[i].bad);
		}
		assert_null(unit_unref(unit));
	}
}

static void
what_was_mended_is_fine_again(void **state)
{
	struct unit *unit = service("Type=oneshot\nRestart=always");
	struct err err;

	(void)state;
	assert_non_null(unit->bad);
	assert_true(unit_set(unit, "Restart", "no", &err));
	unit_finish(unit);
	assert_null(unit->bad);
	assert_null(unit_unref(unit));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_type_implies),
		cmocka_unit_test(contradictions_are_bad),
		cmocka_unit_test(what_was_mended_is_fine_again),
	};

	return cmocka_run_group_tests_name("finish", tests, NULL, NULL);
}
