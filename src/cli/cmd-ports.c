/* cmd-ports: which sockets there are, and whose they are. Without words what waits for others
 * (listening tcp, bound udp); a port, a path or a unit as a word is looked for among all of
 * them. */
#include "base/str.h"
#include "cli/ports.h"
#include "base/limits.h"
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

enum { WATCH_EVERY_MS = 1000 };

const struct opt cmd_ports_options[] = {
	{ 'a', "all", NULL, "connected ones too, not only those that wait" },
	{ 't', "tcp", NULL, "TCP" },
	{ 'u', "udp", NULL, "UDP" },
	{ 'x', "unix", NULL, "unix sockets" },
	{ '4', "ipv4", NULL, "IPv4 only" },
	{ '6', "ipv6", NULL, "IPv6 only" },
	{ 'w', "watch", NULL, "again every second, until ^C" },
	OPT_JSON,
	OPT_END,
};
const char cmd_ports_details[] =
	"Without words it shows what waits for others: listening TCP and bound UDP.\n"
	"A word is a port (8080, udp/53), the path of a unix socket, or a unit. The\n"
	"exit code is 1 when nobody has what was asked for, so that it answers\n"
	"'is this port free?':\n"
	"  tend ports\n"
	"  tend ports 8080\n"
	"  tend ports --all web";

struct query {
	struct cli *cli;
	unsigned kinds;
	bool four, six, all;
};

/* ---- what is wanted ---- */
static bool
is_path(const char *word)
{
	return word[0] == '/' || word[0] == '@';
}

static unsigned
kinds_wanted(const struct cli *cli)
{
	unsigned kinds = (args_has(&cli->args, "tcp") ? SOCKETS_TCP : 0) |
			 (args_has(&cli->args, "udp") ? SOCKETS_UDP : 0) |
			 (args_has(&cli->args, "unix") ? SOCKETS_UNIX : 0);
	bool others = false;

	if (kinds) {
		return kinds;
	}
	for (char **word = cli->args.names; *word; word++) {
		unsigned unused;
		uint16_t port;
		others |= !ports_parse(*word, &unused, &port);
	}
	return SOCKETS_TCP | SOCKETS_UDP | (others ? SOCKETS_UNIX : 0);
}

static bool
check_words(struct cli *cli)
{
	char name[LIMIT_NAME + 1];

	for (char **word = cli->args.names; *word; word++) {
		unsigned kinds;
		uint16_t port;
		uint64_t number;
		const char *digits = strpbrk(*word, "0123456789");

		if (ports_parse(*word, &kinds, &port) || is_path(*word) || names_is_glob(*word)) {
			continue;
		}
		if (digits && (str_to_u64(*word, &number) == 0 || str_starts(*word, "tcp/") ||
			       str_starts(*word, "udp/"))) {
			(void)complain_usage(cli, "'%s' is no port: 1 to 65535", *word);
			return false;
		}
		if (!names_check(cli, *word, name)) {
			return false;
		}
	}
	return true;
}

/* does any process of the socket belong to a unit that fits? */
static bool
is_of_unit(const json_t *json, const char *word)
{
	json_t *process;
	size_t i;

	json_array_foreach(json_object_get(json, "processes"), i, process) {
		const char *unit = phrase_get(process, "unit");
		if (unit[0] && belongs_name_fits(word, unit)) {
			return true;
		}
	}
	return false;
}

static bool
fits_word(const struct socket_info *socket, const json_t *json, const char *word)
{
	unsigned kinds;
	uint16_t port;

	if (ports_parse(word, &kinds, &port)) {
		return socket->kind != SOCKETS_UNIX && socket->local_port == port &&
		       (!kinds || (kinds & socket->kind));
	}
	if (is_path(word)) {
		return str_equal(socket->path, word);
	}
	return is_of_unit(json, word);
}

static bool
fits_options(const struct query *query, const struct socket_info *socket)
{
	if ((query->four && !query->six && socket->family == AF_INET6) ||
	    (query->six && !query->four && socket->family == AF_INET)) {
		return false;
	}
	if (socket->state == SOCKETS_UNBOUND && !socket->path && !query->all) {
		return false;
	}
	return query->all || query->cli->args.names[0] || socket->state == SOCKETS_LISTEN ||
	       (socket->kind == SOCKETS_UNIX && socket->state == SOCKETS_UNBOUND);
}

/* ---- the table ---- */
static int
rank(const json_t *json)
{
	static const char *const order[] = { "tcp", "tcp6", "udp", "udp6" };
	int i = 0;

	while (i < (int)COUNT(order) && !str_equal(order[i], phrase_get(json, "protocol"))) {
		i++;
	}
	return i / 2;
}

/* listening first, then by port and address: the same order each time */
static int
compare(const void *a, const void *b)
{
	const json_t *x = *(json_t *const *)a, *y = *(json_t *const *)b;
	json_int_t left, right;
	int r = rank(x) - rank(y);

	if (r == 0) {
		left = json_integer_value(json_object_get(x, "port"));
		right = json_integer_value(json_object_get(y, "port"));
		r = (left > right) - (left < right);
	}
	if (r == 0) {
		r = (json_object_get(y, "remote_port") == json_null()) -
		    (json_object_get(x, "remote_port") == json_null());
	}
	r = r ? r : strcmp(phrase_get(x, "path"), phrase_get(y, "path"));
	r = r ? r : strcmp(phrase_get(x, "protocol"), phrase_get(y, "protocol"));
	r = r ? r : strcmp(phrase_get(x, "local"), phrase_get(y, "local"));
	if (r == 0) {
		left = json_integer_value(json_object_get(x, "inode"));
		right = json_integer_value(json_object_get(y, "inode"));
		r = (left > right) - (left < right);
	}
	return r;
}

static void
sort(json_t *array)
{
	size_t n = json_array_size(array);
	json_t **list = calloc(n + 1, sizeof(*list));

	for (size_t i = 0; list && i < n; i++) {
		list[i] = json_incref(json_array_get(array, i));
	}
	if (list) {
		qsort(list, n, sizeof(*list), compare);
		(void)json_array_clear(array);
		for (size_t i = 0; i < n; i++) {
			(void)json_array_append_new(array, list[i]);
		}
	}
	free(list);
}

static char *
address(const json_t *json, const char *host, const char *port)
{
	const json_t *number = json_object_get(json, port);
	const char *path = phrase_get(json, "path");
	const json_t *peer = json_object_get(json, "peer");

	if (json_is_object(peer) && str_equal(host, "remote")) {
		return str_format("%lld %s",
				  (long long)json_integer_value(json_object_get(peer, "pid")),
				  phrase_get(peer, "command"));
	}
	if (path[0] && str_equal(host, "local")) {
		return str_dup(path);
	}
	if (!phrase_get(json, host)[0]) {
		return str_dup("-");
	}
	return json_is_integer(number) ? str_format("%s:%lld", phrase_get(json, host),
						    (long long)json_integer_value(number))
				       : str_format("%s:*", phrase_get(json, host));
}

static char *
command(const json_t *json)
{
	size_t n = json_array_size(json_object_get(json, "processes"));
	const char *text = phrase_get(json, "command");

	if (n == 0) {
		return str_dup(!json_is_true(json_object_get(json, "known")) ? "(hidden from you)"
			       : json_integer_value(json_object_get(json, "inode")) == 0
				       ? "(nobody any more)"
				       : "(no process that is to be seen here)");
	}
	return n > 1 ? str_format("%s (and %zu more)", text, n - 1) : str_dup(text);
}

static void
put(const json_t *array, bool states)
{
	static const struct column columns[] = {
		{ .title = "PROTO" },
		{ .title = "ADDRESS", .least = 12 },
		{ .title = "STATE", .drop = 1 },
		{ .title = "OTHER END", .least = 10, .drop = 2 },
		{ .title = "USER", .drop = 3 },
		{ .title = "UNIT", .least = 8 },
		{ .title = "PID", .right = true },
		{ .title = "COMMAND", .least = 10 },
	};
	struct column shown[COUNT(columns)];
	struct table *table;
	json_t *json;
	size_t i, n = 0;

	for (i = 0; i < COUNT(columns); i++) {
		if (states || (i != 2 && i != 3)) {
			shown[n++] = columns[i];
		}
	}
	table = table_new(shown, n);
	json_array_foreach(array, i, json) {
		const json_t *pid = json_object_get(json, "pid");
		const char *unit = phrase_get(json, "unit"), *user = phrase_get(json, "user");

		table_add(table, PAINT_NONE, str_dup(phrase_get(json, "protocol")));
		table_add(table, PAINT_BOLD, address(json, "local", "port"));
		if (states) {
			table_add(table, PAINT_NONE, str_dup(phrase_get(json, "state")));
			table_add(table, PAINT_NONE, address(json, "remote", "remote_port"));
		}
		table_add(table, PAINT_NONE, str_dup(user[0] ? user : "-"));
		table_add(table, unit[0] ? PAINT_GOOD : PAINT_NONE, str_dup(unit[0] ? unit : "-"));
		table_add(table, PAINT_NONE,
			  json_is_integer(pid)
				  ? str_format("%lld", (long long)json_integer_value(pid))
				  : str_dup("-"));
		table_add(table, PAINT_DIM, command(json));
	}
	table_print(table, screen_columns());
	table = table_free(table);
}

/* ---- the answer ---- */
static void
notes(const struct ports *ports, const json_t *array)
{
	size_t unknown = 0, i;
	json_t *json;

	json_array_foreach(array, i, json) {
		unknown += !json_is_true(json_object_get(json, "known"));
	}
	if (ports->sockets.text) {
		complain(
			"sock_diag is not to be had (%s): read from /proc/net, which does not tell "
			"everything",
			strerror(ports->sockets.error));
	}
	if (unknown > 0) {
		complain("who holds %zu of these is hidden from you (%zu processes are not yours); "
			 "root may see it",
			 unknown, ports->owners.hidden);
	}
}

/* of the words, those that nothing fits: CLI_FAILED */
static int
check_found(const struct query *query, const struct ports *ports, const bool *found)
{
	int worst = CLI_DONE;

	for (size_t i = 0; query->cli->args.names[i]; i++) {
		const char *word = query->cli->args.names[i];
		unsigned kinds;
		uint16_t port;

		if (found[i]) {
			continue;
		}
		worst = MAX(worst, CLI_FAILED);
		if (ports_parse(word, &kinds, &port)) {
			complain("nobody has port %u", port);
		} else if (is_path(word)) {
			complain("nobody has a unix socket %s", word);
		} else if (!belongs_fits(ports->belongs, word)) {
			worst = complain_error(query->cli, "NoSuchUnit", word, NULL);
		} else {
			complain("%s has no sockets%s", word, query->all ? "" : " (of this kind)");
		}
	}
	return worst;
}

static json_t *
gather(const struct query *query, const struct ports *ports, bool *found)
{
	json_t *array = json_array();

	for (size_t i = 0; i < ports->sockets.count; i++) {
		const struct socket_info *socket = &ports->sockets.sockets[i];
		json_auto_t *json = NULL;
		bool fits = !query->cli->args.names[0];

		if (!fits_options(query, socket)) {
			continue;
		}
		json = ports_json(ports, socket);
		for (size_t w = 0; query->cli->args.names[w]; w++) {
			bool this_one = fits_word(socket, json, query->cli->args.names[w]);
			/* what nobody holds any more does not keep others from a port */
			found[w] |= this_one && socket->inode != 0;
			fits |= this_one;
		}
		if (fits) {
			(void)json_array_append(array, json);
		}
	}
	sort(array);
	return array;
}

static int
draw(void *context)
{
	const struct query *query = context;
	struct ports ports;
	json_auto_t *array = NULL;
	bool *found = calloc(strv_length(query->cli->args.names) + 1, sizeof(bool));
	int code = ports_open(query->cli, query->kinds, &ports);

	if (code != CLI_DONE) {
		free(found);
		return code;
	}
	array = gather(query, &ports, found);
	if (query->cli->json) {
		phrase_print(array);
	} else if (json_array_size(array) > 0) {
		put(array, query->all || query->cli->args.names[0]);
	} else if (!query->cli->args.names[0]) {
		(void)printf("nobody waits for anybody\n");
	}
	code = check_found(query, &ports, found);
	notes(&ports, array);
	ports_done(&ports);
	free(found);
	return code;
}

static int
draw_again(void *context)
{
	(void)draw(context); /* that nobody is there yet does not end it */
	return CLI_DONE;
}

int
cmd_ports(struct cli *cli)
{
	struct query query = { .cli = cli,
			       .kinds = kinds_wanted(cli),
			       .four = args_has(&cli->args, "ipv4"),
			       .six = args_has(&cli->args, "ipv6"),
			       .all = args_has(&cli->args, "all") };

	if (!check_words(cli)) {
		return CLI_USAGE;
	}
	return args_has(&cli->args, "watch") ? again_draw(WATCH_EVERY_MS, draw_again, &query)
					     : draw(&query);
}
