/* Why did it not start? Very often because somebody has its port. The words for that are nearly the
 * same in every program ("Address already in use"), the place of the port is not: it may stand
 * beside them, or only in the unit's own command. So what is found is called likely, and it is
 * said whether somebody has that port now. */
#include "base/str.h"
#include "cli/ports.h"
#include <ctype.h>
#include <string.h>

enum { CANDIDATES = 16 };
struct candidates {
	unsigned ports[CANDIDATES];
	size_t count;
};

/* ---- numbers that may be ports ---- */
static void
add(struct candidates *candidates, const char *digits)
{
	char *end;
	unsigned long port = strtoul(digits, &end, 10);

	/* "::1:80", "[::1]", "2001:db8:12:1": not the port, but a piece of the address before it */
	if (port == 0 || port > UINT16_MAX || *end == '.' || *end == ']' ||
	    isalnum((unsigned char)*end) ||
	    (*end == ':' && (end[1] == ':' || isxdigit((unsigned char)end[1])))) {
		return;
	}
	for (size_t i = 0; i < candidates->count; i++) {
		if (candidates->ports[i] == port) {
			return;
		}
	}
	if (candidates->count < CANDIDATES) {
		candidates->ports[candidates->count++] = (unsigned)port;
	}
}

/* the hours before this colon, or the minutes: "12:34", "12:34:56" */
static bool
is_of_time(const char *text, const char *colon)
{
	size_t digits = 0;

	while (colon - digits > text && isdigit((unsigned char)colon[-1 - (ptrdiff_t)digits])) {
		digits++;
	}
	return digits >= 1 && digits <= 2 &&
	       (colon - digits == text || colon[-1 - (ptrdiff_t)digits] != '.');
}

/* "port 80", "port=80", "PORT: 80" */
static void
find_words(const char *text, struct candidates *candidates)
{
	for (const char *at = strcasestr(text, "port"); at; at = strcasestr(at + 4, "port")) {
		const char *digits = at + 4;

		digits += strspn(digits, " \t=:'\"(#");
		if (isdigit((unsigned char)*digits)) {
			add(candidates, digits);
		}
	}
}

/* "0.0.0.0:80", ":::80", "localhost:80", "('', 80)" */
static void
find_addresses(const char *text, struct candidates *candidates)
{
	for (const char *at = strchr(text, ':'); at; at = strchr(at + 1, ':')) {
		if (isdigit((unsigned char)at[1]) && !is_of_time(text, at)) {
			add(candidates, at + 1);
		}
	}
	for (const char *at = strstr(text, "', "); at; at = strstr(at + 1, "', ")) {
		if (isdigit((unsigned char)at[3])) {
			add(candidates, at + 3);
		}
	}
}

static bool
says_in_use(const char *line)
{
	return strcasestr(line, "address already in use") || strstr(line, "EADDRINUSE") ||
	       strcasestr(line, "connection in use") || /* gunicorn */
	       (strcasestr(line, "already in use") && strcasestr(line, "port"));
}

static bool
is_of_unix_socket(const char *line)
{
	return strcasestr(line, "unix:") || strstr(line, ".sock");
}

/* ---- the unit's own words ---- */
static bool
may_be_port_option(const char *word)
{
	return str_equal(word, "-p") || str_equal(word, "-P") || str_equal(word, "-l") ||
	       (word[0] == '-' && strcasestr(word, "port")) || str_equal(word, "--listen") ||
	       str_equal(word, "--bind");
}

/* a bare number is a port only behind an option that says so, or as the last word of all */
static void
find_in_command(const char *command, struct candidates *candidates)
{
	autofree char *text = str_dup(command);
	const char *before = "", *word;
	char *rest = text;

	find_words(command, candidates);
	find_addresses(command, candidates);
	while ((word = strsep(&rest, " "))) {
		if (isdigit((unsigned char)word[0]) && (may_be_port_option(before) || !rest)) {
			add(candidates, word);
		}
		if (str_starts(word, "-p") && isdigit((unsigned char)word[2])) {
			add(candidates, word + 2);
		}
		before = word;
	}
}

static void
find_in_unit(struct cli *cli, const char *name, struct candidates *candidates)
{
	autodone(wire_answer) struct wire_answer answer = { 0 };
	json_t *property;
	size_t i;

	if (ask_simply(cli, "Show", json_pack("{s:o}", "name", wire_string(name)), ASK_AGAIN,
		       &answer) != CLI_DONE) {
		return;
	}
	json_array_foreach(json_object_get(answer.parameters, "properties"), i, property) {
		const char *key = phrase_get(property, "key"),
			   *value = phrase_get(property, "value");
		if (str_equal(key, "ExecStart")) {
			find_in_command(value, candidates);
		} else if (str_equal(key, "Environment")) {
			find_words(value, candidates);
		}
	}
}

/* ---- the answer ---- */
static json_t *
conflict(const struct ports *ports, const struct candidates *candidates, const char *from)
{
	json_t *holder = json_null();
	size_t i = 0;

	for (i = 0; i < candidates->count && json_is_null(holder); i++) {
		holder = ports_holder(ports, candidates->ports[i]);
	}
	i = json_is_null(holder) ? 0 : i - 1; /* nobody has any: the first is meant */
	return json_pack("{s:i, s:b, s:s, s:o}", "port", (int)candidates->ports[i], "likely", 1,
			 "from", from, "holder", holder);
}

json_t *
why_port(struct cli *cli, const char *name, char *const *lines)
{
	struct candidates candidates = { 0 };
	const char *from = "log";
	struct ports ports;
	json_t *json;
	bool in_use = false, path = false;

	for (size_t i = 0; lines && lines[i]; i++) {
		if (says_in_use(lines[i])) {
			in_use = true;
			path |= is_of_unix_socket(lines[i]);
			find_words(lines[i], &candidates);
			find_addresses(lines[i], &candidates);
		} else if (i > 0 && says_in_use(lines[i - 1])) {
			find_words(lines[i], &candidates); /* a hint, as PostgreSQL gives */
		}
	}
	if (in_use && candidates.count == 0 && !path) {
		from = "unit";
		find_in_unit(cli, name, &candidates);
	}
	if (!in_use) {
		return json_null();
	}
	if (candidates.count == 0) {
		return json_pack("{s:n, s:b, s:n, s:n}", "port", "likely", 1, "from", "holder");
	}
	if (ports_open(cli, SOCKETS_TCP | SOCKETS_UDP, &ports) != CLI_DONE) {
		return json_null();
	}
	json = conflict(&ports, &candidates, from);
	ports_done(&ports);
	return json;
}

static char *
words_of_holder(const json_t *holder)
{
	const json_t *pid = json_object_get(holder, "pid");
	const char *unit = phrase_get(holder, "unit");
	autofree char *command = phrase_command(phrase_get(holder, "command"));

	if (!json_is_integer(pid)) {
		const char *user = phrase_get(holder, "user");
		return str_format("a process of %s%s", user[0] ? user : "another user",
				  json_is_true(json_object_get(holder, "known"))
					  ? ""
					  : ", which is hidden from you (root may see it)");
	}
	return str_format("%s%s%spid %lld: %s", unit[0] ? "the unit " : "", unit,
			  unit[0] ? ", " : "", (long long)json_integer_value(pid), command);
}

void
why_port_put(const json_t *conflict)
{
	const json_t *port = json_object_get(conflict, "port"),
		     *holder = json_object_get(conflict, "holder");
	const char *how = str_equal(phrase_get(conflict, "from"), "unit")
				  ? " (the port is from its own settings)"
				  : "";

	if (!json_is_object(conflict)) {
		return;
	}
	if (!json_is_integer(port)) {
		(void)printf("  likely: an address that it wants was taken; 'tend ports' shows who "
			     "has what\n");
	} else if (json_is_object(holder)) {
		autofree char *who = words_of_holder(holder);
		(void)printf("  likely: port %lld is taken by %s%s\n",
			     (long long)json_integer_value(port), who, how);
	} else {
		(void)printf(
			"  likely: port %lld was taken when it wanted it%s; nobody has it now\n",
			(long long)json_integer_value(port), how);
	}
}
