/* table: columns aligned by what a terminal shows, not by bytes. When the lines would be too
 * wide, what may be cut is cut down to its least, then whole columns go, the most dispensable
 * first, and the rest of the cutting is done at the end: a line never wraps. */
#include "base/check.h"
#include "base/str.h"
#include "base/width.h"
#include "cli/cli.h"
#include <string.h>

enum { TABLE_COLUMNS = 32, TABLE_GAP = 2, TABLE_PIECE = 1 << 14 };

struct cell {
	size_t at; /* in the table's text */
	size_t width;
	enum paint paint;
};
struct table {
	const struct column *columns;
	size_t count;
	struct cell *cells;
	size_t used, size;
	struct buf text; /* of all cells, each with its NUL */
	size_t width[TABLE_COLUMNS];
	bool gone[TABLE_COLUMNS];
};

struct table *
table_new(const struct column *columns, size_t count)
{
	struct table *table = calloc(1, sizeof(*table));

	CHECK(table && count <= TABLE_COLUMNS);
	table->columns = columns;
	table->count = count;
	buf_init(&table->text, SIZE_MAX / 4);
	for (size_t i = 0; i < count; i++) {
		table->width[i] = width_text(columns[i].title);
	}
	return table;
}

struct table *
table_free(struct table *table)
{
	if (!table) {
		return NULL;
	}
	buf_done(&table->text);
	free(table->cells);
	free(table);
	return NULL;
}

/* printable ASCII needs no second look, and nearly all text is that */
static bool
is_plain(const char *text, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (text[i] < 0x20 || text[i] > 0x7e) {
			return false;
		}
	}
	return true;
}

static void
add_cell(struct table *table, enum paint paint, const char *text, size_t n, size_t width)
{
	size_t column = table->used % table->count;

	if (table->used == table->size) {
		table->size = table->size ? table->size * 2 : 64;
		table->cells = realloc(table->cells, table->size * sizeof(*table->cells));
		CHECK(table->cells);
	}
	table->cells[table->used++] = (struct cell){ table->text.length, width, paint };
	(void)buf_add(&table->text, text, n + 1);
	table->width[column] = MAX(table->width[column], width);
}

void
table_put(struct table *table, enum paint paint, const char *text)
{
	size_t n = strlen(text);

	if (is_plain(text, n)) {
		add_cell(table, paint, text, n, n);
	} else {
		autofree char *harmless = width_harmless(text, n, false);

		add_cell(table, paint, harmless, strlen(harmless), width_text(harmless));
	}
}

void
table_add(struct table *table, enum paint paint, char *take_text)
{
	table_put(table, paint, take_text);
	free(take_text);
}

static size_t
whole_width(const struct table *table)
{
	size_t sum = 0;

	for (size_t i = 0; i < table->count; i++) {
		sum += table->gone[i] ? 0 : table->width[i] + (sum ? TABLE_GAP : 0);
	}
	return sum;
}

/* takes from the columns that may be cut, the last one first */
static void
shrink(struct table *table, size_t width)
{
	for (size_t i = table->count; i-- > 0;) {
		size_t now = whole_width(table), least = table->columns[i].least;
		if (now <= width) {
			return;
		}
		if (!table->gone[i] && least > 0 && table->width[i] > least) {
			table->width[i] -= MIN(now - width, table->width[i] - least);
		}
	}
}

static bool
drop_one(struct table *table)
{
	size_t worst = table->count;

	for (size_t i = 0; i < table->count; i++) {
		if (!table->gone[i] && table->columns[i].drop > 0 &&
		    (worst == table->count ||
		     table->columns[i].drop > table->columns[worst].drop)) {
			worst = i;
		}
	}
	if (worst == table->count) {
		return false;
	}
	table->gone[worst] = true;
	return true;
}

static void
fit(struct table *table, size_t width)
{
	size_t full[TABLE_COLUMNS];

	memcpy(full, table->width, sizeof(full));
	shrink(table, width);
	while (whole_width(table) > width && drop_one(table)) {
		memcpy(table->width, full, sizeof(full));
		shrink(table, width);
	}
	for (size_t i = table->count; i-- > 0;) { /* narrower than anything sensible */
		size_t now = whole_width(table);
		if (now > width && !table->gone[i]) {
			size_t over = now - width;
			table->width[i] -= MIN(over, table->width[i] > 1 ? table->width[i] - 1 : 0);
		}
	}
}

/* ---- printing: into one text, for stdio costs more than all the rest of a long table ---- */
static void
put_blanks(struct buf *out, size_t n)
{
	static const char blanks[] = "                                ";

	for (; n >= sizeof(blanks); n -= sizeof(blanks) - 1) {
		(void)buf_add_str(out, blanks);
	}
	(void)buf_add(out, blanks, n);
}

static void
put_cell(const struct table *table, size_t column, const struct cell *cell, const char *text,
	 bool last, struct buf *out)
{
	size_t room = table->width[column], pad = room > cell->width ? room - cell->width : 0;
	bool right = table->columns[column].right;
	autofree char *cut = NULL;

	if (cell->width > room) {
		cut = width_cut(text, room);
		pad = room - width_text(cut);
	}
	put_blanks(out, right ? pad : 0);
	(void)buf_add_str(out, cell->paint ? screen_paint(cell->paint) : "");
	(void)buf_add_str(out, cut ? cut : text);
	(void)buf_add_str(out, cell->paint ? screen_plain() : "");
	put_blanks(out, right || last ? 0 : pad);
}

static void
put_line(const struct table *table, const struct cell *cells, const char *text, struct buf *out)
{
	size_t last = 0;
	bool first = true;

	for (size_t i = 0; i < table->count; i++) { /* nothing, not even blanks, at the end */
		last = table->gone[i] || !text[cells[i].at] ? last : i;
	}
	for (size_t i = 0; i < table->count && i <= last; i++) {
		if (!table->gone[i]) {
			put_blanks(out, first ? 0 : TABLE_GAP);
			put_cell(table, i, &cells[i], text + cells[i].at, i == last, out);
			first = false;
		}
	}
	(void)buf_add_char(out, '\n');
}

static void
flush(struct buf *out)
{
	(void)fwrite(out->data, 1, out->length, stdout);
	out->length = 0;
}

static void
put_titles(const struct table *table, struct buf *out)
{
	struct cell cells[TABLE_COLUMNS] = { { 0 } };
	struct buf text;

	buf_init(&text, SIZE_MAX / 4);
	for (size_t i = 0; i < table->count; i++) {
		const char *title = table->columns[i].title;

		cells[i] = (struct cell){ text.length, width_text(title), PAINT_BOLD };
		(void)buf_add(&text, title, strlen(title) + 1);
	}
	put_line(table, cells, buf_str(&text), out);
	buf_done(&text);
}

void
table_print(struct table *table, size_t width)
{
	struct buf out;

	fit(table, width);
	buf_init(&out, SIZE_MAX / 4);
	put_titles(table, &out);
	for (size_t row = 0; (row + 1) * table->count <= table->used; row++) {
		put_line(table, table->cells + row * table->count, buf_str(&table->text), &out);
		if (out.length >= TABLE_PIECE) {
			flush(&out);
		}
	}
	flush(&out);
	buf_done(&out);
}
