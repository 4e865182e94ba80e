/* A log of any bytes with an index of any records, sound ones and damaged ones, is read in every
 * way: each byte is given exactly once, and nothing that the index says leads astray. */
#include "base/check.h"
#include "base/fd.h"
#include "base/file.h"
#include "base/str.h"
#include "store/store.h"
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static char directory[] = "/dev/shm/tend-fuzz-index-XXXXXX";
static int dirfd = -1;

static void
remove_directory(void)
{
	(void)file_remove_tree(AT_FDCWD, directory);
}

static void
put(const char *name, const void *bytes, size_t n)
{
	int fd = openat(dirfd, name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	CHECK(fd >= 0 && fd_write_all(fd, bytes, n) == 0);
	(void)fd_close(fd);
}

/* The input: a byte for the share of the log, a byte that says which records get a good check and
 * small numbers, then the bytes of log and index. */
static size_t
make_log(const uint8_t *data, size_t size)
{
	size_t log = (size - 2) * data[0] / 255, index = size - 2 - log;
	uint8_t how = data[1];
	char *records = malloc(index + 1);

	CHECK(records != NULL);
	memcpy(records, data + 2 + log, index);
	for (size_t i = 0; i + sizeof(struct store_record) <= index;
	     i += sizeof(struct store_record)) {
		struct store_record record;

		memcpy(&record, records + i, sizeof(record));
		if (how & 1) {
			record.offset %= log + 3;
			record.kind = record.kind % 8;
			record.stream &= 1;
		}
		if ((how >> 1 & 3) != 3 || record.time & 1) {
			store_seal(&record);
		}
		memcpy(records + i, &record, sizeof(record));
	}
	put("current", data + 2, log);
	put("current.idx", records, index);
	free(records);
	return log;
}

/* the bytes that were given */
static size_t
read_all(struct reader *reader, size_t most_items)
{
	struct reader_item item;
	size_t bytes = 0;

	while (reader_next(reader, true, &item) != READER_END) {
		CHECK(most_items-- > 0);
		if (item.result == READER_LINE) {
			CHECK(!memchr(item.line, '\n', item.length));
			bytes += item.length + (item.whole ? 1 : 0);
		}
	}
	return bytes;
}

/* newest first; what the index says wrong can tear or repeat lines then, but it comes to an end */
static void
read_back(struct reader *reader, size_t most_items)
{
	struct reader_item item;

	while (reader_previous(reader, &item) != READER_END) {
		CHECK(most_items-- > 0);
		if (item.result == READER_LINE) {
			CHECK(!memchr(item.line, '\n', item.length));
		}
	}
}

/* one way of beginning elsewhere */
static void
ask(struct reader *reader, unsigned way, uint8_t number)
{
	if (way < 10) {
		reader_seek_tail(reader, way);
	} else if (way < 20) {
		reader_seek_time(reader, (int64_t)number << (way % 10 * 6));
	} else if (way < 30) {
		(void)reader_seek_run(reader, (int64_t)number << (way % 10 * 6));
	} else {
		reader_seek_start(reader);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct reader *reader;
	size_t log, most = 2 * size + 16;

	if (dirfd < 0) {
		if (!mkdtemp(directory)) { /* no memory file system: slower */
			(void)snprintf(directory, sizeof(directory), "/tmp/tend-fuzz-XXXXXX");
			CHECK(mkdtemp(directory) != NULL);
		}
		CHECK(atexit(remove_directory) == 0);
		dirfd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		CHECK(dirfd >= 0);
	}
	if (size < 2) {
		return 0;
	}
	log = make_log(data, size);
	reader = reader_open(directory, NULL);
	CHECK(reader != NULL);
	CHECK(read_all(reader, most) == log);
	ask(reader, data[1] >> 3, data[0]);
	CHECK(read_all(reader, most) <= log);
	reader_seek_end(reader);
	CHECK(read_all(reader, most) == 0);
	reader_seek_end(reader);
	read_back(reader, most * 4);
	reader_seek_until(reader, (int64_t)((uint64_t)data[0] << (data[1] >> 2) & INT64_MAX));
	read_back(reader, most * 4);
	reader_free(reader);
	if (data[1] >> 3 == 31) {
		strv_free(store_tail(directory, data[0]));
	}
	return 0;
}
