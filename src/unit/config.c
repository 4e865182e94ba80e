/* config: tend.conf. It is read into a struct unit, so that every key is parsed, printed and
 * complained about as in a unit's file; what only it has are rows of a table of its own, which
 * nothing that walks the keys of units sees. */
#include "base/check.h"
#include "base/file.h"
#include "unit/notice.h"
#include "unit/parse.h"
#include "unit/value.h"
#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <string.h>

const struct key config_table[] = {
#define KEY(...)
#define CONFIG_KEY(field_name, key_name, kind, key_fallback, key_words)                            \
	{ .name = key_name,                                                                        \
	  .section = SECTION_TEND,                                                                 \
	  .type = #kind,                                                                           \
	  .fallback = key_fallback,                                                                \
	  .verdict = VERDICT_HONOURED,                                                             \
	  .words = key_words,                                                                      \
	  .value = KIND_##kind,                                                                    \
	  .offset = offsetof(struct unit, field_name) },
#include "unit/keys.def"
};

const size_t config_count = COUNT(config_table);

const struct key *
config_find(const char *name)
{
	for (size_t i = 0; i < COUNT(config_table); i++) {
		if (str_equal(config_table[i].name, name)) {
			return &config_table[i];
		}
	}
	return NULL;
}

struct unit *
config_load(const char *path)
{
	struct unit *config = unit_new("tend.conf", path);
	char autofree *text = NULL;
	size_t length;
	int r = file_read(AT_FDCWD, path, LIMIT_UNIT_FILE, &text, &length);

	for (size_t i = 0; i < COUNT(config_table); i++) {
		const struct key *key = &config_table[i];
		void *field = (char *)config + key->offset;

		CHECK(key_value(key)->parse(key, field, key->fallback, NULL) == VALUE_GOOD);
	}
	if (r == 0) {
		parse_config(config, text, length);
	} else if (r != -ENOENT && r != -ENOTDIR) {
		notice_add(&config->notices, NOTICE_BAD, path, 0, NULL, "it can't be read: %s",
			   strerror(-r));
	}
	return config;
}

const struct unit *
config_of(const struct unit *config, const struct unit *unit, const char *key)
{
	const struct key *row = key_find(SECTION_TEND, key);

	CHECK(row != NULL);
	return unit_given(unit, row) == NULL ? config : unit;
}
