/* str: strings and one growing buffer with a maximum.
 * Heap results are owned by the caller; lack of memory is a failed CHECK. */
#pragma once
#include "base/attr.h"

bool str_equal(const char *a, const char *b); /* NULL equals NULL only */
bool str_starts(const char *s, const char *prefix);
bool str_ends(const char *s, const char *suffix);
char *str_dup(const char *s); /* NULL gives NULL */
char *str_dup_n(const char *s, size_t n);
char *str_format(const char *format, ...) PRINTF(1, 2);
/* frees *where and puts a copy of `s` (may be NULL) there */
void str_replace(char **where, const char *s);
/* whole string must be a decimal number in range; 0 or -EINVAL / -ERANGE */
int str_to_u64(const char *s, uint64_t *ret_number);
int str_to_i64(const char *s, int64_t *ret_number);
int str_to_octal(const char *s, unsigned *ret_number);
/* 16-byte ids as 32 hex digits */
void str_hex(const uint8_t *bytes, size_t n, char *ret_text /* 2 n + 1 */);

/* A buffer that grows up to `max` bytes; `data` is always NUL-terminated once something was added.
 * 1. buf_init  2. buf_add... (false: it would pass max; nothing was added, `full` is set)  3.
 * buf_done or buf_take */
struct buf {
	char *data;
	size_t length, size, max;
	bool full;
};

void buf_init(struct buf *buf, size_t max);
void buf_done(struct buf *buf);
bool buf_add(struct buf *buf, const void *bytes, size_t n);
bool buf_add_str(struct buf *buf, const char *s);
bool buf_add_char(struct buf *buf, char c);
bool buf_addf(struct buf *buf, const char *format, ...) PRINTF(2, 3);
void buf_drop(struct buf *buf, size_t n); /* the first n bytes go */
void buf_clear(struct buf *buf);
const char *buf_str(const struct buf *buf); /* "" when empty */
char *buf_take(struct buf *buf);            /* owned; the buffer is empty afterwards */

/* NULL-terminated vectors of owned strings; NULL is the empty vector */
char **strv_free(char **v); /* returns NULL */
void strv_done(char ***v);  /* for autodone(strv) */
size_t strv_length(char *const *v);
void strv_add(char ***v, const char *s);
void strv_take_add(char ***v, char *take_s);
char **strv_dup(char *const *v);
bool strv_has(char *const *v, const char *s);
bool strv_equal(char *const *a, char *const *b);
char *strv_join(char *const *v, const char *between);
/* environment vectors ("NAME=value"): the value of NAME or NULL; set replaces or adds */
const char *strv_env_get(char *const *v, const char *name);
void strv_env_set(char ***v, const char *assignment);
