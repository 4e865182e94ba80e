/* Open addressing with linear probing, two words a slot: a thousand units cost a few pages. A
 * removed entry leaves a grave, so that walking survives removal; graves go when the table is made
 * anew. The two maps differ in the key alone; a string map keeps no hash beside the key, comparing
 * is cheaper than the memory. */
#include "base/map.h"
#include "base/check.h"
#include <string.h>

struct map_slot {
	const char *key;
	void *value; /* NULL: never used; &grave: removed */
};

struct nmap_slot {
	uint64_t key;
	void *value;
};

enum { FIRST_SIZE = 8 };

static char grave;

static bool
is_live(const void *value)
{
	return value != NULL && value != &grave;
}

/* the finalizer of MurmurHash3: every bit of the key reaches the low bits */
static uint64_t
mix(uint64_t x)
{
	x ^= x >> 33;
	x *= 0xff51afd7ed558ccdULL;
	x ^= x >> 33;
	x *= 0xc4ceb9fe1a85ec53ULL;
	return x ^ x >> 33;
}

/* FNV-1a */
static uint64_t
hash_text(const char *s)
{
	uint64_t hash = 0xcbf29ce484222325ULL;

	for (; *s; s++) {
		hash = (hash ^ (unsigned char)*s) * 0x100000001b3ULL;
	}
	return mix(hash);
}

/* the size that holds one more with a quarter free, or 0 when the present one does */
static size_t
better_size(size_t count, size_t graves, size_t size)
{
	size_t wanted = FIRST_SIZE;

	if ((count + graves + 1) * 4 <= size * 3) {
		return 0;
	}
	while (wanted * 3 < (count + 1) * 5) {
		wanted *= 2;
	}
	return wanted;
}

void
map_init(struct map *map)
{
	*map = (struct map){ 0 };
}

void
map_done(struct map *map)
{
	free(map->slots);
	map_init(map);
}

static struct map_slot *
find(const struct map *map, const char *key)
{
	size_t at = map->size ? hash_text(key) & (map->size - 1) : 0;

	for (size_t i = 0; i < map->size; i++, at = (at + 1) & (map->size - 1)) {
		struct map_slot *slot = &map->slots[at];

		if (!slot->value) {
			break;
		}
		if (is_live(slot->value) && strcmp(slot->key, key) == 0) {
			return slot;
		}
	}
	return NULL;
}

/* the key is not there and there is room */
static void
put(struct map *map, const char *key, void *value)
{
	size_t at = hash_text(key) & (map->size - 1);

	while (is_live(map->slots[at].value)) {
		at = (at + 1) & (map->size - 1);
	}
	map->graves -= map->slots[at].value == &grave;
	map->slots[at] = (struct map_slot){ .key = key, .value = value };
	map->count++;
}

void *
map_get(const struct map *map, const char *key)
{
	struct map_slot *slot = find(map, key);

	return slot ? slot->value : NULL;
}

void
map_set(struct map *map, const char *key, void *value)
{
	struct map_slot *slot = find(map, key);
	size_t size;

	CHECK(value != NULL);
	if (slot) {
		*slot = (struct map_slot){ .key = key, .value = value };
		return;
	}
	size = better_size(map->count, map->graves, map->size);
	if (size > 0) {
		struct map old = *map;

		*map = (struct map){ .slots = calloc(size, sizeof(*map->slots)), .size = size };
		CHECK(map->slots != NULL);
		for (size_t i = 0; i < old.size; i++) {
			if (is_live(old.slots[i].value)) {
				put(map, old.slots[i].key, old.slots[i].value);
			}
		}
		free(old.slots);
	}
	put(map, key, value);
}

void *
map_remove(struct map *map, const char *key)
{
	struct map_slot *slot = find(map, key);
	void *value;

	if (!slot) {
		return NULL;
	}
	value = slot->value;
	*slot = (struct map_slot){ .value = &grave };
	map->count--;
	map->graves++;
	return value;
}

void *
map_each(const struct map *map, size_t *at)
{
	while (*at < map->size) {
		void *value = map->slots[(*at)++].value;

		if (is_live(value)) {
			return value;
		}
	}
	return NULL;
}

void
nmap_init(struct nmap *map)
{
	*map = (struct nmap){ 0 };
}

void
nmap_done(struct nmap *map)
{
	free(map->slots);
	nmap_init(map);
}

static struct nmap_slot *
nfind(const struct nmap *map, uint64_t key)
{
	size_t at = map->size ? mix(key) & (map->size - 1) : 0;

	for (size_t i = 0; i < map->size; i++, at = (at + 1) & (map->size - 1)) {
		struct nmap_slot *slot = &map->slots[at];

		if (!slot->value) {
			break;
		}
		if (is_live(slot->value) && slot->key == key) {
			return slot;
		}
	}
	return NULL;
}

static void
nput(struct nmap *map, uint64_t key, void *value)
{
	size_t at = mix(key) & (map->size - 1);

	while (is_live(map->slots[at].value)) {
		at = (at + 1) & (map->size - 1);
	}
	map->graves -= map->slots[at].value == &grave;
	map->slots[at] = (struct nmap_slot){ .key = key, .value = value };
	map->count++;
}

void *
nmap_get(const struct nmap *map, uint64_t key)
{
	struct nmap_slot *slot = nfind(map, key);

	return slot ? slot->value : NULL;
}

void
nmap_set(struct nmap *map, uint64_t key, void *value)
{
	struct nmap_slot *slot = nfind(map, key);
	size_t size;

	CHECK(value != NULL);
	if (slot) {
		slot->value = value;
		return;
	}
	size = better_size(map->count, map->graves, map->size);
	if (size > 0) {
		struct nmap old = *map;

		*map = (struct nmap){ .slots = calloc(size, sizeof(*map->slots)), .size = size };
		CHECK(map->slots != NULL);
		for (size_t i = 0; i < old.size; i++) {
			if (is_live(old.slots[i].value)) {
				nput(map, old.slots[i].key, old.slots[i].value);
			}
		}
		free(old.slots);
	}
	nput(map, key, value);
}

void *
nmap_remove(struct nmap *map, uint64_t key)
{
	struct nmap_slot *slot = nfind(map, key);
	void *value;

	if (!slot) {
		return NULL;
	}
	value = slot->value;
	*slot = (struct nmap_slot){ .value = &grave };
	map->count--;
	map->graves++;
	return value;
}

void *
nmap_each(const struct nmap *map, size_t *at)
{
	while (*at < map->size) {
		void *value = map->slots[(*at)++].value;

		if (is_live(value)) {
			return value;
		}
	}
	return NULL;
}
