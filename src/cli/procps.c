/* procps: the columns that ps prints for aux, -ef and ajx, for eyes and scripts that know them by
 * heart. Figures are ps's own: the whole life's average as %CPU, tenths cut and not rounded, memory
 * from status and not from stat (the kernel counts it there exactly).
 *
 * A cell that is wider than its column pushes the rest of the line, and the columns behind it give
 * back the blanks that they can spare: so the line is made by two positions, where a column should
 * begin and where it does. */
#include "base/check.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/str.h"
#include "base/width.h"
#include "cli/processes.h"
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <time.h>

enum { DAY_S = 24 * 3600, PID_DIGITS = 5, STAT_MAX = 16 << 20, USER_WIDTH = 8 };

struct cell_of {
	const struct look *look;
	const struct process *process;
	int64_t now;     /* wall, seconds */
	int64_t booted;  /* the same, as the kernel says it */
	uint64_t memory; /* of the machine, KiB */
};
struct procps_column {
	const char *title;
	int width; /* 0: as a pid */
	bool right;
	void (*put)(struct buf *to, const struct cell_of *cell);
};

/* ---- cells ---- */
static uint64_t
ticks_used(const struct process *process)
{
	return process->stat.utime + process->stat.stime;
}

static void
put_user(struct buf *to, const struct cell_of *cell)
{
	const char *name = users_name(cell->process->uid);

	if (width_text(name) > USER_WIDTH && (unsigned char)name[USER_WIDTH - 1] < 0x7f) {
		(void)buf_addf(to, "%.*s+", USER_WIDTH - 1, name);
	} else if (width_text(name) > USER_WIDTH) {
		(void)buf_addf(to, "%u", (unsigned)cell->process->uid);
	} else {
		(void)buf_add_str(to, name);
	}
}

#define NUMBER(id, value)                                                                          \
	static void put_##id(struct buf *to, const struct cell_of *cell)                           \
	{                                                                                          \
		(void)buf_addf(to, "%" PRId64, (int64_t)(value));                                  \
	}
NUMBER(pid, cell->process->stat.pid)
NUMBER(ppid, cell->process->stat.ppid)
NUMBER(pgid, cell->process->stat.pgid)
NUMBER(sid, cell->process->stat.sid)
NUMBER(tpgid, cell->process->stat.tpgid)
NUMBER(uid, cell->process->uid)
NUMBER(vsz, cell->process->status ? cell->process->status->size / 1024 : 0)
NUMBER(rss, cell->process->status ? cell->process->status->rss / 1024 : 0)

/* per mille of one cpu over its life */
static uint64_t
share_of_life(const struct cell_of *cell)
{
	int64_t tick = CLOCK_S / (int64_t)proc_ticks();
	int64_t life = cell->look->census.boot / tick - (int64_t)cell->process->stat.start;

	return life > 0 ? ticks_used(cell->process) * 1000 / (uint64_t)life : 0;
}

static void
put_pcpu(struct buf *to, const struct cell_of *cell)
{
	uint64_t share = share_of_life(cell);

	if (share > 999) {
		(void)buf_addf(to, "%" PRIu64, share / 10);
	} else {
		(void)buf_addf(to, "%" PRIu64 ".%" PRIu64, share / 10, share % 10);
	}
}

static void
put_c(struct buf *to, const struct cell_of *cell)
{
	(void)buf_addf(to, "%" PRIu64, MIN(share_of_life(cell) / 10, 99));
}

static void
put_pmem(struct buf *to, const struct cell_of *cell)
{
	uint64_t rss = cell->process->status ? cell->process->status->rss / 1024 : 0;
	uint64_t share = cell->memory ? MIN(rss * 1000 / cell->memory, 999) : 0;

	(void)buf_addf(to, "%" PRIu64 ".%" PRIu64, share / 10, share % 10);
}

static void
put_tty(struct buf *to, const struct cell_of *cell)
{
	char name[64];
	const char *tty = proc_tty_name(cell->process->stat.tty, name, sizeof(name));

	(void)buf_add_str(to, tty ? tty : "?");
}

static void
put_stat(struct buf *to, const struct cell_of *cell)
{
	const struct proc_stat *stat = &cell->process->stat;
	const struct process_status *status = cell->process->status;

	(void)buf_add_char(to, stat->state);
	(void)buf_add_str(to, stat->nice < 0 ? "<" : stat->nice > 0 ? "N" : "");
	(void)buf_add_str(to, status && status->locked ? "L" : "");
	(void)buf_add_str(to, stat->sid == stat->pid ? "s" : "");
	(void)buf_add_str(to, stat->threads > 1 ? "l" : "");
	(void)buf_add_str(to, stat->pgid == stat->tpgid ? "+" : "");
}

static void
put_wall(struct buf *to, const char *format, const struct tm *tm)
{
	char text[32];

	(void)strftime(text, sizeof(text), format, tm);
	(void)buf_add_str(to, text);
}

static time_t
started(const struct cell_of *cell)
{
	int64_t start = cell->booted + (int64_t)(cell->process->stat.start / proc_ticks());

	return (time_t)MIN(start, cell->now);
}

static void
put_stime(struct buf *to, const struct cell_of *cell)
{
	time_t start = started(cell), today = (time_t)cell->now;
	struct tm tm = { 0 }, now = { 0 };

	(void)localtime_r(&start, &tm);
	(void)localtime_r(&today, &now);
	put_wall(to,
		 now.tm_year != tm.tm_year   ? "%Y"
		 : now.tm_yday != tm.tm_yday ? "%b%d"
					     : "%H:%M",
		 &tm);
}

static void
put_bsd_time(struct buf *to, const struct cell_of *cell)
{
	uint64_t seconds = ticks_used(cell->process) / proc_ticks();

	(void)buf_addf(to, "%3" PRIu64 ":%02u", seconds / 60, (unsigned)(seconds % 60));
}

static void
put_time(struct buf *to, const struct cell_of *cell)
{
	uint64_t seconds = ticks_used(cell->process) / proc_ticks();

	if (seconds >= DAY_S) {
		(void)buf_addf(to, "%" PRIu64 "-", seconds / DAY_S);
	}
	(void)buf_addf(to, "%02u:%02u:%02u", (unsigned)(seconds % DAY_S / 3600),
		       (unsigned)(seconds / 60 % 60), (unsigned)(seconds % 60));
}

/* what cannot be printed is a question mark, letter for letter */
static void
put_printable(struct buf *to, const char *text, size_t n)
{
	for (size_t i = 0; i < n;) {
		int32_t code;
		size_t used = width_decode(text + i, n - i, &code);

		if (code < 0 || width_of(code) < 0) {
			(void)buf_add_char(to, '?');
		} else {
			(void)buf_add(to, text + i, used);
		}
		i += used;
	}
}

static void
put_command(struct buf *to, const struct cell_of *cell)
{
	struct buf text;

	if (cell->process->command && cell->process->command_length == 0) {
		(void)buf_add_char(to, '?'); /* an empty argument, as ps says it */
		return;
	}
	buf_init(&text, SIZE_MAX / 4);
	columns_command(&text, cell->process);
	for (size_t i = 0; i < text.length; i++) {
		text.data[i] = text.data[i] == '\n' ? ' ' : text.data[i];
	}
	put_printable(to, buf_str(&text), text.length);
	buf_done(&text);
	if (cell->process->stat.state == 'Z') {
		(void)buf_add_str(to, " <defunct>");
	}
}

/* ---- formats ---- */
static const struct procps_column aux[] = {
	{ "USER", USER_WIDTH, false, put_user },
	{ "PID", 0, true, put_pid },
	{ "%CPU", 4, true, put_pcpu },
	{ "%MEM", 4, true, put_pmem },
	{ "VSZ", 6, true, put_vsz },
	{ "RSS", 5, true, put_rss },
	{ "TTY", 8, false, put_tty },
	{ "STAT", 4, false, put_stat },
	{ "START", 5, true, put_stime },
	{ "TIME", 6, true, put_bsd_time },
	{ "COMMAND", 0, false, put_command },
};
static const struct procps_column ef[] = {
	{ "UID", USER_WIDTH, false, put_user }, { "PID", 0, true, put_pid },
	{ "PPID", 0, true, put_ppid },          { "C", 2, true, put_c },
	{ "STIME", 5, true, put_stime },        { "TTY", 8, false, put_tty },
	{ "TIME", 8, true, put_time },          { "CMD", 0, false, put_command },
};
static const struct procps_column ajx[] = {
	{ "PPID", 0, true, put_ppid },     { "PID", 0, true, put_pid },
	{ "PGID", 0, true, put_pgid },     { "SID", 0, true, put_sid },
	{ "TTY", 8, false, put_tty },      { "TPGID", 0, true, put_tpgid },
	{ "STAT", 4, false, put_stat },    { "UID", 5, true, put_uid },
	{ "TIME", 6, true, put_bsd_time }, { "COMMAND", 0, false, put_command },
};
static const struct {
	const char *name;
	const struct procps_column *columns;
	size_t count;
	unsigned want;
} formats[] = {
	[PROCPS_NONE] = { "", NULL, 0, 0 },
	[PROCPS_AUX] = { "aux", aux, COUNT(aux),
			 CENSUS_OWNER | CENSUS_STATUS | CENSUS_COMMAND | CENSUS_KERNEL },
	[PROCPS_EF] = { "ef", ef, COUNT(ef), CENSUS_OWNER | CENSUS_COMMAND | CENSUS_KERNEL },
	[PROCPS_AJX] = { "ajx", ajx, COUNT(ajx),
			 CENSUS_OWNER | CENSUS_STATUS | CENSUS_COMMAND | CENSUS_KERNEL },
};

bool
procps_parse(const char *name, enum procps_format *ret_format)
{
	name += *name == '-'; /* -ef */
	for (size_t i = 1; i < COUNT(formats); i++) {
		if (str_equal(formats[i].name, name)) {
			*ret_format = (enum procps_format)i;
			return true;
		}
	}
	return false;
}

unsigned
procps_want(enum procps_format format)
{
	return formats[format].want;
}

/* digits of the largest pid there may be */
static int
pid_width(void)
{
	autofree char *text = NULL;
	const char *at;
	int width = 0;

	if (file_read_proc(AT_FDCWD, "/proc/sys/kernel/pid_max", 64, &text, NULL) < 0) {
		return PID_DIGITS;
	}
	at = text;
	for (uint64_t most = strtoull(at, NULL, 10) - 1; most > 0; most /= 10) {
		width++;
	}
	return MAX(width, PID_DIGITS);
}

static int64_t
boot_time(void)
{
	autofree char *text = NULL;
	const char *at;

	if (file_read_proc(AT_FDCWD, "/proc/stat", STAT_MAX, &text, NULL) < 0) {
		return (clock_wall() - clock_boot()) / CLOCK_S;
	}
	at = strstr(text, "\nbtime ");
	return at ? strtoll(at + strlen("\nbtime "), NULL, 10) : 0;
}

struct line {
	struct buf text;
	size_t should, is; /* where the next column should begin, and where it does */
	bool begun;
};

static void
put_cell(struct line *line, const struct procps_column *column, size_t width, const char *text,
	 bool last)
{
	size_t amount = width_text(text);
	size_t left = column->right && amount < width ? width - amount : 0;
	size_t blanks = line->should + left > line->is ? line->should + left - line->is : 0;

	blanks = MAX(blanks, line->begun); /* at least one between two */
	(void)buf_addf(&line->text, "%*s", (int)blanks, "");
	(void)buf_add_str(&line->text, text);
	line->is += blanks + amount;
	line->should += width + !last;
	line->begun = true;
}

/* bytes of the text that are so wide and no more */
static size_t
fitting(const char *text, size_t columns)
{
	size_t n = strlen(text), at = 0, used = 0;

	while (at < n && used < columns) {
		int32_t code;
		size_t length = width_decode(text + at, n - at, &code);
		int width = width_of(code);

		used += (size_t)MAX(width, 0);
		at += used <= columns ? length : 0;
	}
	return at;
}

static void
put_line(const struct procps_column *columns, size_t count, size_t pids, const struct cell_of *cell,
	 struct line *line)
{
	struct buf text;

	buf_init(&text, SIZE_MAX / 4);
	buf_clear(&line->text);
	line->should = line->is = 0;
	line->begun = false;
	for (size_t i = 0; i < count; i++) {
		size_t width = columns[i].width ? (size_t)columns[i].width : pids;

		buf_clear(&text);
		if (cell) {
			columns[i].put(&text, cell);
		} else {
			(void)buf_add_str(&text, columns[i].title);
		}
		put_cell(line, &columns[i], width, buf_str(&text), i + 1 == count);
	}
	buf_done(&text);
	/* as ps cuts it: without a mark */
	(void)printf("%.*s\n", (int)fitting(buf_str(&line->text), screen_columns()),
		     buf_str(&line->text));
}

void
procps_print(const struct look *look, enum procps_format format)
{
	struct cell_of cell = { .look = look,
				.now = clock_wall() / CLOCK_S,
				.booted = boot_time() };
	size_t pids = (size_t)pid_width();
	struct line line;

	cell.memory = proc_memory_total() / 1024;
	buf_init(&line.text, SIZE_MAX / 4);
	put_line(formats[format].columns, formats[format].count, pids, NULL, &line);
	for (size_t i = 0; i < look->count; i++) {
		cell.process = look->list[i];
		put_line(formats[format].columns, formats[format].count, pids, &cell, &line);
	}
	buf_done(&line.text);
}
