/* Reads what service-record.c wrote, perhaps of another version, perhaps damaged: a line that
 * cannot be meant is as good as no line, and service_is_sane() says whether what came together can
 * be a service at all. */
#include "states/service-record.h"
#include "states/service.h"
#include "base/clock.h"
#include <limits.h>

static bool
take_choice(const struct field *field, const char *text, int *ret_choice)
{
	for (int choice = 0; choice < field->choices; choice++) {
		if (str_equal(field->name(choice), text)) {
			*ret_choice = choice;
			return true;
		}
	}
	return false;
}

static bool
take_flag(const char *text, bool *ret_flag)
{
	bool yes = str_equal(text, "yes");

	if (!yes && !str_equal(text, "no")) {
		return false;
	}
	*ret_flag = yes;
	return true;
}

static bool
take_number(const char *text, int64_t least, int64_t most, int64_t *ret_number)
{
	int64_t number;

	if (str_to_i64(text, &number) < 0 || number < least || number > most) {
		return false;
	}
	*ret_number = number;
	return true;
}

static bool
take_field(const struct field *field, const char *text, void *ret_value)
{
	int64_t number;

	switch (field->kind) {
	case FIELD_CHOICE: return take_choice(field, text, ret_value);
	case FIELD_FLAG: return take_flag(text, ret_value);
	case FIELD_COUNT:
		if (!take_number(text, 0, UINT_MAX, &number)) {
			return false;
		}
		*(unsigned *)ret_value = (unsigned)number;
		return true;
	case FIELD_VALUE:
		if (!take_number(text, 0, 255, &number)) {
			return false;
		}
		*(int *)ret_value = (int)number;
		return true;
	case FIELD_TIME:
		if (!take_number(text, 0, CLOCK_NEVER, &number)) {
			return false;
		}
		*(int64_t *)ret_value = number;
		return true;
	}
	return false;
}

bool
service_restore(struct service *service, const char *key, const char *value)
{
	for (size_t i = 0; i < service_record_field_count; i++) {
		const struct field *field = &service_record_fields[i];

		if (str_equal(field->key, key)) {
			return take_field(field, value, (char *)service + field->offset);
		}
	}
	return false;
}
