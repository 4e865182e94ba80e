#include "test.h"
#include "base/fd.h"
#include "base/limits.h"
#include "launch/packed.h"
#include <errno.h>
#include <string.h>

static char *argv_true[] = { (char *)"true", NULL };

static void
shown_and_packed(void **state)
{
	const gid_t groups[] = { 1, 2, 3 };
	char *environment[] = { (char *)"A=1", (char *)"B=2", NULL };
	struct plan plan;
	autofree char *shown = NULL;
	const struct packed_header *packed;
	int fd;

	(void)state;
	plan_init(&plan);
	plan_add(&plan, &(struct plan_step){ .op = PLAN_HELD, .number = 77, .target = 1 });
	plan_add(&plan,
		 &(struct plan_step){ .op = PLAN_DIRECTORY, .text = "/srv/app", .extra = 1 });
	plan_add(&plan, &(struct plan_step){
				.op = PLAN_GROUPS, .data = groups, .data_size = sizeof(groups) });
	plan_add_strings(&plan, PLAN_ENVIRONMENT, NULL, environment);
	plan_add_strings(&plan, PLAN_EXEC, "/bin/true", argv_true);
	shown = plan_show(&plan);
	assert_string_equal(shown, "held target 1 number 77\n"
				   "directory target 0 number 0 extra 1 0 '/srv/app'\n"
				   "groups target 0 number 0 3 groups\n"
				   "environment target 0 number 0 [A=1] [B=2]\n"
				   "exec target 0 number 0 '/bin/true' [true]\n");
	assert_int_equal(plan_pack(&plan, &fd), 0);
	assert_int_equal(write(fd, "x", 1), -1); /* sealed */
	packed = packed_map(fd);
	assert_non_null(packed);
	assert_int_equal(packed->count, 5);
	(void)close(fd);
	plan_done(&plan);
}

static void
unfinished_plans_are_refused(void **state)
{
	struct plan plan;
	int fd = -1;

	(void)state;
	plan_init(&plan);
	assert_int_equal(plan_pack(&plan, &fd), -EINVAL);
	plan_add(&plan, &(struct plan_step){ .op = PLAN_SESSION });
	assert_int_equal(plan_pack(&plan, &fd), -EINVAL); /* no EXEC */
	plan_add_strings(&plan, PLAN_EXEC, "/bin/true", argv_true);
	plan_add(&plan, &(struct plan_step){ .op = PLAN_SESSION });
	assert_int_equal(plan_pack(&plan, &fd), -EINVAL); /* something after it */
	plan_done(&plan);
	plan_init(&plan);
	plan_add_strings(&plan, PLAN_EXEC, "", argv_true);
	assert_int_equal(plan_pack(&plan, &fd), -EINVAL);
	plan_done(&plan);
	assert_int_equal(fd, -1);
}

static void
large_plans_are_refused(void **state)
{
	struct plan plan;
	autofree char *big = malloc(LIMIT_PLAN);
	char *strings[] = { big, NULL };
	int fd = -1;

	(void)state;
	memset(big, 'x', LIMIT_PLAN - 1);
	big[LIMIT_PLAN - 1] = '\0';
	plan_init(&plan);
	plan_add_strings(&plan, PLAN_ENVIRONMENT, NULL, strings);
	plan_add_strings(&plan, PLAN_EXEC, "/bin/true", argv_true);
	assert_int_equal(plan_pack(&plan, &fd), -E2BIG);
	assert_int_equal(fd, -1);
	plan_done(&plan);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(shown_and_packed),
		cmocka_unit_test(unfinished_plans_are_refused),
		cmocka_unit_test(large_plans_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
