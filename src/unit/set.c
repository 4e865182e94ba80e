/* set: the only place where a field of a unit is written after unit_new(). */
#include "unit/set.h"
#include "base/check.h"
#include "base/width.h"
#include "unit/words-split.h"
#include <string.h>

static struct place *
place_find(const struct unit *unit, const struct key *key)
{
	for (uint32_t i = 0; i < unit->place_count; i++) {
		if (unit->places[i].key == (uint16_t)(key - key_table)) {
			return &unit->places[i];
		}
	}
	return NULL;
}

const struct place *
unit_given(const struct unit *unit, const struct key *key)
{
	return place_find(unit, key);
}

const char *
unit_place_file(const struct unit *unit, const struct place *place)
{
	if (place->file == SET_BY_HAND) {
		return NULL;
	}
	return place->file == 0 ? unit->file : unit->drop_ins[place->file - 1];
}

static void
place_set(struct unit *unit, const struct key *key, unsigned file, unsigned line)
{
	struct place *place = place_find(unit, key);

	if (place == NULL) {
		unit->places =
			reallocarray(unit->places, unit->place_count + 1, sizeof(*unit->places));
		CHECK(unit->places != NULL);
		place = &unit->places[unit->place_count++];
	}
	*place = (struct place){
		.key = (uint16_t)(key - key_table),
		.file = (uint16_t)file,
		.line = line,
	};
}

static void
place_forget(struct unit *unit, const struct key *key)
{
	struct place *place = place_find(unit, key);

	if (place != NULL) {
		size_t after = unit->place_count - 1 - (size_t)(place - unit->places);

		memmove(place, place + 1, after * sizeof(*place));
		unit->place_count--;
	}
}

void
set_reset(struct unit *unit, const struct key *key)
{
	void *field = (char *)unit + key->offset;

	place_forget(unit, key);
	if (key_value(key) == NULL) {
		return;
	}
	if (key_value(key)->reset != NULL) {
		key_value(key)->reset(key, field);
		return;
	}
	if (key_value(key)->done != NULL) {
		key_value(key)->done(field);
	}
	memcpy(field, (const char *)unit_fallbacks() + key->offset, key_value(key)->size);
}

static enum value_result
set_targets(struct unit *unit, const struct key *alias, const char *value, unsigned file,
	    unsigned line, struct err *err)
{
	enum value_result result = VALUE_BAD;
	const char *at = alias->fallback;
	char *target;

	while (words_next(&at, 0, &target, NULL) > 0) {
		const struct key *key = key_by_name(target);

		CHECK(key != NULL && !str_equal(key->type, "ALIAS"));
		free(target);
		result = set_key(unit, key, value, file, line, err);
		if (result == VALUE_BAD) {
			break;
		}
	}
	return result;
}

enum value_result
set_key(struct unit *unit, const struct key *key, const char *value, unsigned file, unsigned line,
	struct err *err)
{
	enum value_result result = VALUE_GOOD;

	if (str_equal(key->type, "ALIAS")) {
		return set_targets(unit, key, value, file, line, err);
	}
	if (value[0] == '\0') {
		set_reset(unit, key);
		return VALUE_GOOD;
	}
	if (key_value(key) != NULL) {
		result = key_value(key)->parse(key, (char *)unit + key->offset, value, err);
	}
	if (result != VALUE_BAD) {
		place_set(unit, key, file, line);
	}
	return result;
}

bool
unit_set(struct unit *unit, const char *name, const char *value, struct err *err)
{
	const struct key *key = key_by_name(name);
	const char *end;
	enum value_result result = VALUE_BAD;

	if (key == NULL) {
		const struct key *near = key_suggest(name);

		return near != NULL
			       ? err_set(err, "there is no key %s=; %s= is near", name, near->name)
			       : err_set(err, "there is no key %s=", name);
	}
	while (words_is_space(*value)) {
		value++;
	}
	end = value + strlen(value);
	while (end > value && words_is_space(end[-1])) {
		end--;
	}
	{
		char autofree *trimmed = str_dup_n(value, (size_t)(end - value));

		if (strpbrk(trimmed, "\n") != NULL) {
			(void)err_set(err, "the value has more than one line");
		} else if (!width_is_utf8(trimmed, strlen(trimmed))) {
			(void)err_set(err, "the value is not valid UTF-8");
		} else {
			result = set_key(unit, key, trimmed, SET_BY_HAND, 0, err);
		}
	}
	if (result == VALUE_BAD || result == VALUE_PARTLY) {
		return err_prefix(err, "%s=", name);
	}
	return true;
}
