/* A block of many lines is searched as a whole, which is as fast as grep; but then a pattern must
 * not be able to match a newline, or look at one. So it is translated: where it could ([^x], \s,
 * \W) the newline is taken out, which changes nothing for a single line; and where that is not
 * possible (look-around, \A, back references by number) lines are searched one by one.
 *
 * Bytes are matched, not characters, unless it matters: the pattern has some that are not ASCII, or
 * something that stands for exactly one character. Then it is UTF-8, of which anything may be
 * invalid; but a text that is ASCII is the same both ways, and searched in the quicker one. */
#define PCRE2_CODE_UNIT_WIDTH 8
#include "cli/grep.h"
#include "base/check.h"
#include "base/str.h"
#include <ctype.h>
#include <pcre2.h>
#include <string.h>

enum {
	GREP_PATTERN_MAX = 1 << 16,
	GREP_STACK_FIRST = 1 << 15,
	GREP_STACK_MOST = 1 << 20,
	GREP_PIECE = 1 << 10
};

struct grep {
	char *literal; /* NULL: `code` it is */
	size_t length;
	pcre2_code *code;
	pcre2_code *ascii; /* the same for a text that is ASCII; NULL: there is no other way */
	pcre2_match_data *data;
	pcre2_match_context *context;
	pcre2_jit_stack *stack;
	bool compiled; /* both, to machine code */
	bool each, invert;
	bool slow; /* a block took too long: it is left to its lines */
	size_t gave_up;
};

/* ---- translating ---- */
struct translation {
	const char *at;
	struct buf text;
	bool characters; /* something stands for one character */
	bool safe;       /* no newline is matched or looked at */
	bool plain;      /* no character means anything but itself */
	bool ascii;      /* all of it is */
};

/* what was just written matches any character, or nearly: alone it is one character */
static void
any(struct translation *t)
{
	t->characters |= *t->at != '*' && *t->at != '+';
}

static void
copy(struct translation *t, size_t n)
{
	(void)buf_add(&t->text, t->at, n);
	t->at += n;
}

static void
replace(struct translation *t, size_t n, const char *with)
{
	(void)buf_add_str(&t->text, with);
	t->at += n;
}

/* \x outside of a class */
static void
escape(struct translation *t)
{
	char c = t->at[1];

	if (c == 's') {
		replace(t, 2, "[ \\t\\x0b\\f\\r]");
	} else if (c == 'D' || c == 'W' || c == 'H') {
		char class[8] = { '[', '^', '\\', (char)tolower(c), '\\', 'n', ']', '\0' };

		replace(t, 2, class);
		any(t);
	} else if (c == 'S' || c == 'N') {
		copy(t, 2);
		any(t);
	} else if (c != '\0' && (strchr("dwhbBtfrea", c) || ispunct((unsigned char)c))) {
		copy(t, 2);
	} else {
		t->safe = false;
		copy(t, c ? 2 : 1);
	}
}

static void
class_escape(struct translation *t, bool negated)
{
	char c = t->at[1];

	if (c == 's') {
		replace(t, 2, " \\t\\x0b\\f\\r");
		return;
	}
	if (!(c != '\0' && (strchr("dwhtfre", c) || ispunct((unsigned char)c))) &&
	    !(negated && c != '\0' && strchr("DWHS", c))) {
		t->safe = false;
	}
	t->safe = t->safe && !(c == 't' && t->at[2] == '-'); /* a range over the newline */
	copy(t, c ? 2 : 1);
}

static void class(struct translation *t)
{
	bool negated = t->at[1] == '^';

	copy(t, negated ? 2 : 1);
	if (negated) {
		(void)buf_add_str(&t->text, "\\n");
	}
	if (*t->at == ']') {
		replace(t, 1, "\\]");
	}
	while (*t->at && *t->at != ']') {
		if (*t->at == '\\') {
			class_escape(t, negated);
		} else if (t->at[0] == '[' && t->at[1] == ':') {
			t->safe = t->safe && t->at[2] != '^' && !str_starts(t->at, "[:space:") &&
				  !str_starts(t->at, "[:cntrl:");
			copy(t, 2 + strcspn(t->at + 2, "]"));
			copy(t, *t->at ? 1 : 0);
		} else {
			t->safe = t->safe && (unsigned char)*t->at >= ' ';
			copy(t, 1);
		}
	}
	copy(t, *t->at ? 1 : 0);
	if (negated) {
		any(t);
	}
}

static void
translate(struct translation *t, const char *pattern)
{
	*t = (struct translation){ .at = pattern, .safe = true, .plain = true, .ascii = true };
	buf_init(&t->text, GREP_PATTERN_MAX * 8);
	while (*t->at) {
		unsigned char c = (unsigned char)*t->at;

		t->plain = t->plain && !strchr("\\[](){}.*+?^$|", c);
		t->ascii = t->ascii && c < 0x80;
		t->characters |= c >= 0x80;
		switch (c) {
		case '\\': escape(t); break;
		case '[': class(t); break;
		case '.':
			copy(t, 1);
			any(t);
			break;
		case '(':
			t->safe = t->safe && t->at[1] != '*' &&
				  (t->at[1] != '?' || str_starts(t->at, "(?:") ||
				   str_starts(t->at, "(?i)"));
			copy(t, 1);
			break;
		case '\n':
			t->safe = false;
			copy(t, 1);
			break;
		default: copy(t, 1);
		}
	}
}

/* ---- compiling ---- */
static bool
has_capital(const char *pattern)
{
	for (; *pattern; pattern++) {
		if (*pattern == '\\' && pattern[1]) {
			pattern++;
		} else if (*pattern >= 'A' && *pattern <= 'Z') {
			return true;
		}
	}
	return false;
}

static bool
has_letter(const char *pattern)
{
	for (; *pattern; pattern++) {
		if (isalpha((unsigned char)*pattern) || (unsigned char)*pattern >= 0x80) {
			return true;
		}
	}
	return false;
}

static pcre2_code *
compile_one(const char *text, uint32_t options, const char *pattern, struct err *err)
{
	pcre2_code *code;
	PCRE2_SIZE at;
	int number;

	code = pcre2_compile((PCRE2_SPTR)text, PCRE2_ZERO_TERMINATED, options, &number, &at, NULL);
	if (!code) {
		PCRE2_UCHAR words[160] = "";

		(void)pcre2_get_error_message(number, words, sizeof(words));
		(void)err_set(err, "--grep: '%s' is no pattern: %s", pattern, (const char *)words);
	}
	return code;
}

static bool
compile(struct grep *grep, const struct translation *t, bool ignore, const char *pattern,
	struct err *err)
{
	const char *text = t->safe ? buf_str(&t->text) : pattern;
	uint32_t bytes = PCRE2_MULTILINE | PCRE2_NEVER_BACKSLASH_C | (ignore ? PCRE2_CASELESS : 0);
	uint32_t characters = bytes | PCRE2_UTF | PCRE2_UCP | PCRE2_MATCH_INVALID_UTF;

	grep->code = compile_one(text, t->characters ? characters : bytes, pattern, err);
	if (!grep->code) {
		return false;
	}
	grep->compiled = pcre2_jit_compile(grep->code, PCRE2_JIT_COMPLETE) == 0;
	if (t->characters && t->ascii) {
		grep->ascii = compile_one(text, bytes, pattern, err);
		grep->compiled = grep->compiled && grep->ascii &&
				 pcre2_jit_compile(grep->ascii, PCRE2_JIT_COMPLETE) == 0;
	}
	grep->data = pcre2_match_data_create(1, NULL);
	grep->context = pcre2_match_context_create(NULL);
	CHECK(grep->data && grep->context);
	if (grep->compiled) {
		grep->stack = pcre2_jit_stack_create(GREP_STACK_FIRST, GREP_STACK_MOST, NULL);
		pcre2_jit_stack_assign(grep->context, NULL, grep->stack);
	}
	return true;
}

struct grep *
grep_new(const char *pattern, enum grep_case how, bool invert, struct err *err)
{
	bool ignore = how == GREP_IGNORE || (how == GREP_SMART && !has_capital(pattern));
	struct translation t;
	struct grep *grep;

	if (strlen(pattern) > GREP_PATTERN_MAX) {
		(void)err_set(err, "--grep: the pattern is longer than %d bytes", GREP_PATTERN_MAX);
		return NULL;
	}
	grep = calloc(1, sizeof(*grep));
	CHECK(grep != NULL);
	translate(&t, pattern);
	grep->invert = invert;
	grep->each = invert || !t.safe;
	if (t.plain && (!ignore || !has_letter(pattern))) {
		grep->literal = str_dup(pattern);
		grep->length = strlen(pattern);
	} else if (!compile(grep, &t, ignore, pattern, err)) {
		grep = grep_free(grep);
	}
	buf_done(&t.text);
	return grep;
}

struct grep *
grep_free(struct grep *grep)
{
	if (grep) {
		free(grep->literal);
		pcre2_code_free(grep->code);
		pcre2_code_free(grep->ascii);
		pcre2_match_data_free(grep->data);
		pcre2_match_context_free(grep->context);
		pcre2_jit_stack_free(grep->stack);
		free(grep);
	}
	return NULL;
}

/* ---- finding ---- */
static bool
is_ascii(const char *bytes, size_t n)
{
	while (n > 0) { /* by pieces: text that is none says so early */
		size_t piece = MIN(n, GREP_PIECE), i = 0;
		uint64_t all = 0, words[4];

		for (; i + sizeof(words) <= piece; i += sizeof(words)) {
			memcpy(words, bytes + i, sizeof(words));
			all |= words[0] | words[1] | words[2] | words[3];
		}
		for (; i < piece; i++) {
			all |= (unsigned char)bytes[i];
		}
		if (all & 0x8080808080808080ULL) {
			return false;
		}
		bytes += piece;
		n -= piece;
	}
	return true;
}

static bool
match(struct grep *grep, const char *bytes, size_t n, size_t at, size_t *ret_from, size_t *ret_to)
{
	int r = PCRE2_ERROR_JIT_STACKLIMIT;
	const pcre2_code *code;
	PCRE2_SIZE *places;

	if (grep->literal) {
		const char *found = memmem(bytes + at, n - at, grep->literal, grep->length);

		*ret_from = found ? (size_t)(found - bytes) : 0;
		*ret_to = *ret_from + grep->length;
		return found != NULL;
	}
	code = grep->ascii && is_ascii(bytes, n) ? grep->ascii : grep->code;
	if (grep->compiled) {
		r = pcre2_jit_match(code, (PCRE2_SPTR)bytes, n, at, 0, grep->data, grep->context);
	}
	if (r == PCRE2_ERROR_JIT_STACKLIMIT) {
		r = pcre2_match(code, (PCRE2_SPTR)bytes, n, at, PCRE2_NO_JIT, grep->data,
				grep->context);
	}
	if (r < 0) {
		grep->gave_up += r != PCRE2_ERROR_NOMATCH;
		return false;
	}
	places = pcre2_get_ovector_pointer(grep->data);
	*ret_from = MIN(places[0], places[1]); /* \K can turn them round */
	*ret_to = MAX(places[0], places[1]);
	return true;
}

bool
grep_find(void *context, const char *bytes, size_t n, size_t *ret_from)
{
	struct grep *grep = context;
	bool block = n > 0 && bytes[n - 1] == '\n';
	size_t to, before = grep->gave_up;
	bool found;

	*ret_from = 0;
	if (block && grep->slow) {
		return true;
	}
	found = match(grep, bytes, n, 0, ret_from, &to);
	if (block && grep->gave_up > before) {
		grep->gave_up = before;
		grep->slow = true;
		*ret_from = 0;
		return true;
	}
	return found != grep->invert;
}

bool
grep_by_line(const struct grep *grep)
{
	return grep->each;
}

bool
grep_span(struct grep *grep, const char *line, size_t n, size_t at, size_t *ret_from,
	  size_t *ret_to)
{
	while (!grep->invert && at <= n && match(grep, line, n, at, ret_from, ret_to)) {
		if (*ret_to > *ret_from && *ret_from >= at) {
			return true;
		}
		at = MAX(*ret_to, at) + 1;
	}
	return false;
}

size_t
grep_gave_up(const struct grep *grep)
{
	return grep->gave_up;
}
