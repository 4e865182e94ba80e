/* words-split: systemd's quoting, one word at a time. words_split() and words_quote() are in
 * unit.h. */
#pragma once
#include "base/err.h"

enum words_flag {
	WORDS_UNESCAPE = 1, /* C escapes; else a backslash takes the next byte literally */
	WORDS_RELAX = 2,    /* an open quote at the end is closed silently */
};

/* Takes one word off *at. 1: *ret_word is owned, *at is at the next word. 0: there is none. -1:
 * words in err. */
int words_next(const char **at, unsigned flags, char **ret_word, struct err *err);
bool words_is_space(char c); /* space, tab, newline, carriage return */
/* can the text stand in a file as it is, as a whole value (no control characters, no space
 * around it)? */
bool words_is_plain(const char *text);
/* a whole value: itself, or what a value that begins with a double quote means; owned, NULL with
 * words */
char *words_whole(const char *text, struct err *err);
/* the reverse; owned */
char *words_whole_quote(const char *text);
