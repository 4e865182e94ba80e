/* attr: the few compiler attributes and macros that every file may use.
 * autofree frees a malloc'ed pointer at the end of its scope, autoclose (fd.h) closes a descriptor,
 * autodone(x) calls x_done() on a struct. Nothing else cleans up by attribute. */
#pragma once
#include <assert.h> /* static_assert */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#define PRINTF(text, first) __attribute__((format(printf, text, first)))
#define NORETURN __attribute__((noreturn))
#define UNUSED __attribute__((unused))
#define autodone(x) __attribute__((cleanup(x##_done)))
#define autofree __attribute__((cleanup(attr_free)))

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define MIN(a, b) ((a) < (b) ? (a) : (b))
#define MAX(a, b) ((a) > (b) ? (a) : (b))
#define CONTAINER(ptr, type, member) ((type *)(void *)((char *)(ptr)-offsetof(type, member)))

static inline void
attr_free(void *pointer)
{
	free(*(void **)pointer);
}
