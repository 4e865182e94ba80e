/* map: two hash maps of pointers, by string and by number. Keys of a string map are borrowed: they
 * live in the value (or longer). Values are borrowed too. Order is not defined; map_each may remove
 * the current one. */
#pragma once
#include "base/attr.h"

struct map_slot;
struct map {
	struct map_slot *slots;
	size_t count, size, graves;
};

void map_init(struct map *map);
void map_done(struct map *map);
void *map_get(const struct map *map, const char *key);
void map_set(struct map *map, const char *key, void *value); /* replaces, also the borrowed key */
void *map_remove(struct map *map, const char *key);          /* the value that was there, or NULL */
/* start with *at = 0; NULL at the end */
void *map_each(const struct map *map, size_t *at);

struct nmap_slot;
struct nmap {
	struct nmap_slot *slots;
	size_t count, size, graves;
};

void nmap_init(struct nmap *map);
void nmap_done(struct nmap *map);
void *nmap_get(const struct nmap *map, uint64_t key);
void nmap_set(struct nmap *map, uint64_t key, void *value);
void *nmap_remove(struct nmap *map, uint64_t key);
void *nmap_each(const struct nmap *map, size_t *at);
