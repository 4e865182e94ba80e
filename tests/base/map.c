#include "test.h"
#include "base/map.h"
#include <stdio.h>

enum { MANY = 5000 };

static void
empty(void **state)
{
	struct map map;
	struct nmap nmap;
	size_t at = 0;

	(void)state;
	map_init(&map);
	nmap_init(&nmap);
	assert_null(map_get(&map, "a"));
	assert_null(map_remove(&map, "a"));
	assert_null(map_each(&map, &at));
	assert_null(nmap_get(&nmap, 1));
	assert_null(nmap_remove(&nmap, 1));
	assert_null(nmap_each(&nmap, &at));
	map_done(&map);
	nmap_done(&nmap);
}

static void
many_strings(void **state)
{
	static char keys[MANY][16];
	struct map map;

	(void)state;
	map_init(&map);
	for (int round = 0; round < 3; round++) {
		for (int i = 0; i < MANY; i++) {
			(void)snprintf(keys[i], sizeof(keys[i]), "unit-%d", i);
			map_set(&map, keys[i], keys[i]);
			map_set(&map, keys[i], keys[i]);
		}
		assert_int_equal(map.count, MANY);
		for (int i = 0; i < MANY; i++) {
			assert_ptr_equal(map_get(&map, keys[i]), keys[i]);
		}
		for (int i = 0; i < MANY; i++) {
			assert_ptr_equal(map_remove(&map, keys[i]), keys[i]);
			assert_null(map_get(&map, keys[i]));
		}
		assert_int_equal(map.count, 0);
	}
	assert_true(map.size <= 16384);
	map_done(&map);
}

static void
walking_survives_removal(void **state)
{
	static char keys[MANY][16];
	struct map map;
	size_t at = 0, seen = 0;
	char *key;

	(void)state;
	map_init(&map);
	for (int i = 0; i < MANY; i++) {
		(void)snprintf(keys[i], sizeof(keys[i]), "%d", i);
		map_set(&map, keys[i], keys[i]);
	}
	while ((key = map_each(&map, &at))) {
		seen++;
		assert_ptr_equal(map_remove(&map, key), key);
	}
	assert_int_equal(seen, MANY);
	assert_int_equal(map.count, 0);
	map_done(&map);
}

static void
setting_again_borrows_the_new_key(void **state)
{
	struct map map;
	char first[] = "web", second[] = "web";

	(void)state;
	map_init(&map);
	map_set(&map, first, first);
	map_set(&map, second, second);
	first[0] = 'x';
	assert_ptr_equal(map_get(&map, "web"), second);
	assert_null(map_get(&map, "xeb"));
	assert_int_equal(map.count, 1);
	map_done(&map);
}

/* the same few keys coming and going for ever must not fill the table with graves */
static void
graves_do_not_pile_up(void **state)
{
	struct map map;
	struct nmap nmap;
	char key[24];

	(void)state;
	map_init(&map);
	nmap_init(&nmap);
	for (int i = 0; i < 100000; i++) {
		(void)snprintf(key, sizeof(key), "%d", i);
		map_set(&map, key, key);
		assert_ptr_equal(map_remove(&map, key), key);
		nmap_set(&nmap, (uint64_t)i << 32, key);
		assert_ptr_equal(nmap_remove(&nmap, (uint64_t)i << 32), key);
	}
	assert_true(map.size <= 16);
	assert_true(nmap.size <= 16);
	map_done(&map);
	nmap_done(&nmap);
}

static void
many_numbers(void **state)
{
	struct nmap map;
	static int values[MANY];
	size_t at = 0, seen = 0;
	int *value;

	(void)state;
	nmap_init(&map);
	for (int i = 0; i < MANY; i++) {
		nmap_set(&map, (uint64_t)i * 4096, &values[i]);
	}
	nmap_set(&map, 0, &values[1]);
	assert_ptr_equal(nmap_get(&map, 0), &values[1]);
	nmap_set(&map, 0, &values[0]);
	for (int i = 0; i < MANY; i++) {
		assert_ptr_equal(nmap_get(&map, (uint64_t)i * 4096), &values[i]);
	}
	while ((value = nmap_each(&map, &at))) {
		seen++;
		assert_ptr_equal(nmap_remove(&map, (uint64_t)(value - values) * 4096), value);
	}
	assert_int_equal(seen, MANY);
	nmap_done(&map);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(empty),
		cmocka_unit_test(many_strings),
		cmocka_unit_test(walking_survives_removal),
		cmocka_unit_test(setting_again_borrows_the_new_key),
		cmocka_unit_test(graves_do_not_pile_up),
		cmocka_unit_test(many_numbers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
