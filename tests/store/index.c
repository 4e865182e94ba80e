/* index: searching among records of which some are damaged. */
#include "logdir.h"
#include "store/index.h"

enum { RECORDS = 1000 };

static void
make(struct logdir *d, bool (*damaged)(int at))
{
	struct store_record *records = calloc(RECORDS, sizeof(*records));

	logdir_make(d);
	for (int i = 0; i < RECORDS; i++) {
		records[i] = (struct store_record){ .time = 1000 + i * 10,
						    .offset = (uint64_t)i * 100,
						    .kind = STORE_BATCH };
		store_seal(&records[i]);
		if (damaged && damaged(i)) {
			records[i].check++;
		}
	}
	logdir_append(d, "current.idx", records, RECORDS * sizeof(*records));
	free(records);
}

static void
records_are_found(void **state)
{
	struct store_record record;
	struct index index;
	struct logdir d;

	(void)state;
	make(&d, NULL);
	index_open(&index, d.fd, "current.idx");
	assert_int_equal(index.count, RECORDS);
	for (int i = RECORDS; i-- > 0;) { /* backwards: windows are loaded from their ends */
		assert_true(index_get(&index, (uint64_t)i, &record));
		assert_int_equal(record.offset, i * 100);
	}
	for (int i = 0; i < RECORDS; i++) {
		assert_int_equal(index_find_time(&index, 1000 + i * 10), i);
		assert_int_equal(index_find_time(&index, 1000 + i * 10 - 9), i);
		assert_int_equal(index_find_offset(&index, RECORDS, (uint64_t)i * 100), i);
		assert_int_equal(index_find_offset(&index, RECORDS, (uint64_t)i * 100 + 99), i);
	}
	assert_int_equal(index_find_time(&index, 0), 0);
	assert_int_equal(index_find_time(&index, INT64_MAX), RECORDS);
	assert_int_equal(index_first_time(&index), 1000);
	assert_false(index_get(&index, RECORDS, &record));
	index_close(&index);
	logdir_remove(&d);
}

static bool
two_of_three(int at)
{
	return at % 3 != 1;
}

static bool
all(int at UNUSED)
{
	return true;
}

static void
damaged_ones_are_stepped_over(void **state)
{
	struct store_record record;
	struct index index;
	struct logdir d;

	(void)state;
	make(&d, two_of_three);
	index_open(&index, d.fd, "current.idx");
	assert_false(index_get(&index, 0, &record));
	assert_true(index_get(&index, 1, &record));
	assert_int_equal(index_first_time(&index), 1010);
	for (int i = 1; i < RECORDS; i += 3) {
		assert_int_equal(index_find_time(&index, 1000 + i * 10), i);
		assert_int_equal(index_find_offset(&index, RECORDS, (uint64_t)i * 100 + 150), i);
	}
	assert_int_equal(index_find_offset(&index, RECORDS, 50), RECORDS);
	index_close(&index);
	logdir_remove(&d);

	make(&d, all);
	index_open(&index, d.fd, "current.idx");
	assert_int_equal(index_find_time(&index, 1500), RECORDS);
	assert_int_equal(index_find_offset(&index, RECORDS, 500), RECORDS);
	assert_int_equal(index_first_time(&index), 0);
	index_close(&index);
	logdir_remove(&d);
}

static void
it_may_be_missing_or_short(void **state)
{
	struct store_record record;
	struct index index;
	struct logdir d;

	(void)state;
	logdir_make(&d);
	index_open(&index, d.fd, "current.idx");
	assert_int_equal(index.count, 0);
	assert_false(index_get(&index, 0, &record));
	assert_int_equal(index_find_time(&index, 5), 0);
	assert_int_equal(index_find_offset(&index, 0, 5), 0);
	index_close(&index);
	logdir_append(&d, "current.idx", "0123456789", 10);
	index_open(&index, d.fd, "current.idx");
	assert_int_equal(index.count, 0);
	index_close(&index);
	logdir_remove(&d);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(records_are_found),
		cmocka_unit_test(damaged_ones_are_stepped_over),
		cmocka_unit_test(it_may_be_missing_or_short),
	};

	return cmocka_run_group_tests_name("index", tests, NULL, NULL);
}
