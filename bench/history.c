/* history: a closed segment of a log for bench/run, with its index.
 *     history DIRECTORY FIRST SECONDS BYTES BATCH plain|packed [LIKE]
 * FIRST: wall time of its first byte, in seconds; BYTES of lines spread over SECONDS, a record each
 * BATCH bytes (0: each line). LIKE: the log is a hard link to this segment's (the lines are the same,
 * only the times differ), so that a history of 10 GiB needs no 10 GiB. */
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zstd.h>

enum { FRAME = 256 << 10, LINE = 100 };

struct record {
	int64_t time;
	uint64_t offset;
	int64_t value, extra;
	uint16_t kind, stream;
	uint32_t check;
};

static void
seal(struct record *record)
{
	const unsigned char *bytes = (const unsigned char *)record;
	uint32_t sum = 2166136261U;

	for (size_t i = 0; i < offsetof(struct record, check); i++) {
		sum = (sum ^ bytes[i]) * 16777619U;
	}
	record->check = sum;
}

/* lines as services write them; about every hundred thousandth is the one that is looked for */
static char *
make_text(size_t size)
{
	static const char *const paths[] = { "/", "/index.html", "/api/v1/users", "/static/app.js",
					     "/api/v1/orders" };
	char *text = malloc(size + 4 * LINE), *at = text;
	unsigned seed = 42;

	for (unsigned line = 0; at < text + size; line++) {
		seed = seed * 1103515245U + 12345U;
		at += sprintf(at, "level=%s request=%08x path=%s status=%u duration=%uus %s\n",
			      seed >> 28 ? "info" : "warning", seed, paths[(seed >> 8) % 5],
			      200 + (seed >> 12) % 5 * 100, seed >> 10 & 65535,
			      line % 100003 == 77 ? "upstream refused the connection"
						  : "served from the usual place");
	}
	at = text + size - 1;
	*at++ = '\n';
	return text;
}

static void
put(FILE *file, const void *bytes, size_t n)
{
	if (fwrite(bytes, 1, n, file) != n) {
		perror("history");
		exit(1);
	}
}

static void
put_packed(FILE *file, const char *text, size_t size)
{
	size_t room = ZSTD_compressBound(FRAME), count = 0;
	uint32_t *entries = calloc(size / FRAME + 1, 8), head[2] = { 0x184D2A5E }, number;
	char *out = malloc(room);

	for (size_t at = 0; at < size; at += FRAME) {
		size_t n = size - at < FRAME ? size - at : FRAME;
		size_t packed = ZSTD_compress(out, room, text + at, n, 3);

		put(file, out, packed);
		entries[2 * count] = (uint32_t)packed;
		entries[2 * count++ + 1] = (uint32_t)n;
	}
	head[1] = (uint32_t)(count * 8 + 9);
	put(file, head, 8);
	put(file, entries, count * 8);
	number = (uint32_t)count;
	put(file, &number, 4);
	put(file, "", 1);
	number = 0x8F92EAB1;
	put(file, &number, 4);
	free(entries);
	free(out);
}

int
main(int argc, char **argv)
{
	char path[4096], name[64];
	int64_t first, span;
	size_t size, batch, step;
	int packed;
	FILE *file;
	char *text;

	if (argc < 7) {
		return 2;
	}
	first = atoll(argv[2]) * 1000000000LL;
	span = atoll(argv[3]) * 1000000000LL;
	size = strtoull(argv[4], NULL, 10);
	batch = strtoull(argv[5], NULL, 10);
	packed = strcmp(argv[6], "packed") == 0;
	text = argc > 7 && batch ? NULL : make_text(size); /* it is long to make */
	snprintf(name, sizeof(name), "%lld.log%s", (long long)first, packed ? ".zst" : "");
	snprintf(path, sizeof(path), "%s/%s", argv[1], name);
	if (argc > 7) {
		if (link(argv[7], path) < 0) {
			perror("history: link");
			return 1;
		}
	} else {
		file = fopen(path, "w");
		if (!file) {
			perror("history");
			return 1;
		}
		if (packed) {
			put_packed(file, text, size);
		} else {
			put(file, text, size);
		}
		fclose(file);
	}
	snprintf(path, sizeof(path), "%s/%lld.idx", argv[1], (long long)first);
	file = fopen(path, "w");
	for (size_t at = 0; at < size; at += step) {
		struct record record = {
			.time = first + (int64_t)((double)at / (double)size * (double)span),
			.offset = at,
			.kind = 1,
		};

		seal(&record);
		put(file, &record, sizeof(record));
		step = batch ? batch : (size_t)(strchr(text + at, '\n') - (text + at)) + 1;
	}
	fclose(file);
	free(text);
	return 0;
}
