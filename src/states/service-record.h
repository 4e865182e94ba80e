/* service-record: the fields of a service that outlive the manager, one row each: written by
 * service-record.c, read by service-restore.c. Owns nothing. A key keeps its meaning for ever; a
 * new field is a new key. */
#pragma once
#include "states/states.h"

enum field_kind { FIELD_CHOICE, FIELD_FLAG, FIELD_COUNT, FIELD_VALUE, FIELD_TIME };

struct field {
	const char *key;
	enum field_kind kind;
	size_t offset;
	const char *(*name)(int choice); /* FIELD_CHOICE: enums are read and written as int */
	int choices;
};
extern const struct field service_record_fields[];
extern const size_t service_record_field_count;
