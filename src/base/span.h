/* span: durations and sizes as people write them ("1min 30s", "500ms", "infinity"; "64M", "1G").
 * Nanoseconds; a bare number is seconds as in systemd. */
#pragma once
#include "base/attr.h"

int span_parse(const char *text, int64_t *ret_ns); /* -EINVAL / -ERANGE; "infinity" is INT64_MAX */
int span_parse_unit(const char *text, int64_t unit_ns,
		    int64_t *ret_ns); /* a bare number counts `unit_ns` */
/* exact, in systemd's words: "1min 30s", "500ms", "0", "infinity"; returns buffer */
const char *span_show(int64_t ns, char *buffer, size_t size);
/* short for tables: "5s" "12m" "3h" "2d" */
const char *span_show_short(int64_t ns, char *buffer, size_t size);
int size_parse(const char *text,
	       uint64_t *ret_bytes); /* K M G T to the base 1024; "infinity" UINT64_MAX */
const char *size_show(uint64_t bytes, char *buffer, size_t size); /* "3.4M" */
