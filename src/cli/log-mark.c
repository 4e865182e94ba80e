/* What a mark says to people. */
#include "base/clock.h"
#include "base/signals.h"
#include "base/str.h"
#include "cli/logview.h"
#include <errno.h>
#include <string.h>

json_t *
log_mark_exit(const struct store_record *mark)
{
	bool known, signalled, core, oom;
	int value;

	store_unpack_outcome(mark->value, &known, &signalled, &core, &oom, &value);
	return json_pack("{s:o, s:o, s:b, s:b, s:b}", "code",
			 known && !signalled ? json_integer(value) : json_null(), "signal",
			 known && signalled ? json_string(signals_name(value)) : json_null(),
			 "core", (int)core, "known", (int)known, "oom", (int)oom);
}

bool
log_mark_is_loss(const struct store_record *mark)
{
	return mark->kind == STORE_DROP || mark->kind == STORE_GAP;
}

static char *
drop_text(const char *name, const struct store_record *mark)
{
	int error = STORE_DROP_ERROR(mark->extra);
	int64_t ms = STORE_DROP_MS(mark->extra);
	autofree char *span = phrase_span((double)ms / 1000);
	const char *why = error == EDQUOT ? "nothing is to be kept" : strerror(error);

	return str_format("%s: %lld bytes were dropped here%s%s: %s", name, (long long)mark->value,
			  ms > 0 ? " within " : "", ms > 0 ? span : "", why);
}

char *
log_mark_text(const char *name, const struct store_record *mark)
{
	if (mark->kind == STORE_ROTATED) {
		return str_format("%s: the log was rotated", name);
	}
	switch ((enum store_kind)mark->kind) {
	case STORE_START:
		return mark->value > 0
			       ? str_format("%s started, run %lld, pid %lld", name,
					    (long long)mark->extra, (long long)mark->value)
			       : str_format("%s started, run %lld", name, (long long)mark->extra);
	case STORE_EXIT: {
		json_auto_t *exit = log_mark_exit(mark);
		autofree char *words = phrase_exit(exit);
		return str_format("%s ended: %s", name, words);
	}
	case STORE_DROP: return drop_text(name, mark);
	case STORE_GAP: return str_format("%s: the index was rebuilt: times may be wrong", name);
	case STORE_HOLDER:
		return str_format("%s: process %lld still holds its output", name,
				  (long long)mark->value);
	case STORE_RESTART: return str_format("%s: tend's logger was started again", name);
	case STORE_BATCH: break;
	}
	return NULL;
}
