/* err: a failure that a person will read. A fixed-size value, made where the knowledge is, passed
 * up unchanged or with a prefix. Functions that fill it return bool; err_set always returns false,
 * so `return err_set(err, ...)` is the usual exit. A NULL err is allowed everywhere. */
#pragma once
#include "base/attr.h"

enum { ERR_TEXT_MAX = 512, ERR_FILE_MAX = 256 };

struct err {
	char text[ERR_TEXT_MAX];
	char file[ERR_FILE_MAX]; /* the unit file (or another input) at fault; "" if none */
	unsigned line;           /* 0: no line */
	int number;              /* errno if there was one, else 0 */
};

bool err_set(struct err *err, const char *format, ...) PRINTF(2, 3);
/* text, then ": " and what errno `number` means (number is positive) */
bool err_set_errno(struct err *err, int number, const char *format, ...) PRINTF(3, 4);
/* puts the formatted words and ": " before the text that is there */
bool err_prefix(struct err *err, const char *format, ...) PRINTF(2, 3);
bool err_at(struct err *err, const char *file, unsigned line);
/* "file:line: text" or just the text, into a buffer of the caller's; returns it */
const char *err_show(const struct err *err, char *buffer, size_t size);

/* The analyser sees one file at a time: it is told here what these return. */
#ifdef __clang_analyzer__
#define err_set(...) ((void)err_set(__VA_ARGS__), false)
#define err_set_errno(...) ((void)err_set_errno(__VA_ARGS__), false)
#define err_prefix(...) ((void)err_prefix(__VA_ARGS__), false)
#define err_at(...) ((void)err_at(__VA_ARGS__), false)
#endif
