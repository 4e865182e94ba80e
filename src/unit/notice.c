/* notice: owned by the list it is on; a unit that reads well has none. */
#include "unit/notice.h"
#include "base/check.h"
#include <stdarg.h>
#include <stdio.h>

void
notice_add(struct list *notices, enum notice_kind kind, const char *file, unsigned line,
	   const char *key, const char *format, ...)
{
	struct err words = { .line = 0 };
	struct notice *notice;
	va_list arguments;

	va_start(arguments, format);
	(void)vsnprintf(words.text, sizeof(words.text), format, arguments);
	va_end(arguments);
	notice = malloc(sizeof(*notice));
	CHECK(notice != NULL);
	*notice = (struct notice){
		.kind = kind,
		.file = str_dup(file),
		.line = line,
		.key = str_dup(key),
		.text = str_dup(words.text),
	};
	list_add(notices, &notice->link);
}

struct notice *
notice_free(struct notice *notice)
{
	if (notice != NULL) {
		list_remove(&notice->link);
		free(notice->file);
		free(notice->key);
		free(notice->text);
		free(notice);
	}
	return NULL;
}
