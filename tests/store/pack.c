/* pack: a packed segment is what zstd reads, in frames that can be found; what is left by a killed
 * packer is put right. */
#include "logdir.h"
#include "base/str.h"
#include <zstd.h>

enum { BYTES = 3 * STORE_FRAME / 2 + 100 };

static char *
some_text(void)
{
	char *text = malloc(BYTES);

	assert_non_null(text);
	for (size_t i = 0; i < BYTES; i++) {
		text[i] = (char)(i % 61 == 60 ? '\n' : 'a' + i * i / 977 % 26);
	}
	return text;
}

static size_t
read_whole(const struct logdir *d, const char *name, char **ret_bytes)
{
	size_t length = 0;

	assert_int_equal(file_read(d->fd, name, 1 << 24, ret_bytes, &length), 0);
	return length;
}

static uint32_t
u32(const char *at)
{
	uint32_t value;

	memcpy(&value, at, sizeof(value));
	return value;
}

static bool
is_there(const struct logdir *d, const char *name)
{
	return faccessat(d->fd, name, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

static void
packed_reads_back(void **state)
{
	autofree char *text = some_text(), *packed = NULL, *back = malloc(BYTES);
	size_t length, at = 0;
	struct logdir d;
	struct stat st;

	(void)state;
	logdir_make(&d);
	logdir_append(&d, "5.log", text, BYTES);
	assert_int_equal(fchmodat(d.fd, "5.log", 0640, 0), 0);
	assert_int_equal(pack_segment(d.fd, "5.log"), 0);
	assert_false(is_there(&d, "5.log.zst"));
	assert_true(is_there(&d, "5.log"));
	assert_int_equal(pack_commit(d.fd, "5.log"), 0);
	assert_false(is_there(&d, "5.log"));
	assert_false(is_there(&d, "5.log.zst.new"));
	assert_int_equal(fstatat(d.fd, "5.log.zst", &st, 0), 0);
	assert_int_equal(st.st_mode & 07777, 0640);
	length = read_whole(&d, "5.log.zst", &packed);
	/* the seek table, found from the end */
	assert_int_equal(u32(packed + length - 4), STORE_SEEK_FOOT);
	assert_int_equal(packed[length - 5], 0);
	assert_int_equal(u32(packed + length - 9), 2);
	assert_int_equal(u32(packed + length - 9 - 16 - 8), STORE_SEEK_MAGIC);
	assert_int_equal(u32(packed + length - 9 - 16 - 4), 16 + 9);
	for (size_t i = 0; i < 2; i++) {
		const char *entry = packed + length - 9 - 16 + 8 * i;
		size_t want = i == 0 ? STORE_FRAME : BYTES - STORE_FRAME;

		assert_int_equal(u32(entry + 4), want);
		assert_int_equal(ZSTD_getFrameContentSize(packed + at, u32(entry)), want);
		assert_int_equal(
			ZSTD_decompress(back + i * STORE_FRAME, want, packed + at, u32(entry)),
			want);
		at += u32(entry);
	}
	assert_memory_equal(back, text, BYTES);
	logdir_remove(&d);
}

static void
empty_and_missing(void **state)
{
	struct logdir d;
	struct stat st;

	(void)state;
	logdir_make(&d);
	assert_int_equal(pack_segment(d.fd, "1.log"), -ENOENT);
	assert_int_equal(pack_commit(d.fd, "1.log"), -ENOENT);
	logdir_append(&d, "2.log", "", 0);
	assert_int_equal(pack_segment(d.fd, "2.log"), 0);
	assert_int_equal(pack_commit(d.fd, "2.log"), 0);
	assert_int_equal(fstatat(d.fd, "2.log.zst", &st, 0), 0);
	assert_int_equal(st.st_size, 8 + STORE_SEEK_FOOTER);
	/* removed while it was packed: it does not come back */
	logdir_append(&d, "3.log", "x\n", 2);
	assert_int_equal(pack_segment(d.fd, "3.log"), 0);
	assert_int_equal(unlinkat(d.fd, "3.log", 0), 0);
	assert_int_equal(pack_commit(d.fd, "3.log"), -ENOENT);
	assert_false(is_there(&d, "3.log.zst.new"));
	assert_false(is_there(&d, "3.log.zst"));
	logdir_remove(&d);
}

static void
leftovers(void **state)
{
	autofree char *text = some_text();
	struct logdir d;

	(void)state;
	logdir_make(&d);
	/* killed in the middle */
	logdir_append(&d, "1.log", text, BYTES);
	logdir_append(&d, "1.log.zst.new", "half", 4);
	/* the removal of the plain one outlived the renaming */
	logdir_append(&d, "2.log", text, BYTES);
	assert_int_equal(pack_segment(d.fd, "2.log"), 0);
	assert_int_equal(unlinkat(d.fd, "2.log", 0), 0);
	/* killed between the two steps */
	logdir_append(&d, "3.log", text, BYTES);
	assert_int_equal(pack_segment(d.fd, "3.log"), 0);
	assert_int_equal(renameat(d.fd, "3.log.zst.new", d.fd, "3.log.zst"), 0);
	/* a packed one that is not whole never replaces a plain one */
	logdir_append(&d, "4.log", text, BYTES);
	logdir_append(&d, "4.log.zst", text, BYTES);
	/* half a one without a plain one */
	logdir_append(&d, "5.log.zst.new", text, BYTES);
	logdir_append(&d, "other.log.zst.new", "x", 1);
	pack_tidy(d.fd);
	assert_true(is_there(&d, "1.log"));
	assert_false(is_there(&d, "1.log.zst.new"));
	assert_true(is_there(&d, "2.log.zst"));
	assert_false(is_there(&d, "2.log.zst.new"));
	assert_true(is_there(&d, "3.log.zst"));
	assert_false(is_there(&d, "3.log"));
	assert_true(is_there(&d, "4.log"));
	assert_false(is_there(&d, "4.log.zst"));
	assert_false(is_there(&d, "5.log.zst.new"));
	assert_false(is_there(&d, "5.log.zst"));
	assert_true(is_there(&d, "other.log.zst.new"));
	logdir_remove(&d);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(packed_reads_back),
		cmocka_unit_test(empty_and_missing),
		cmocka_unit_test(leftovers),
	};

	return cmocka_run_group_tests_name("pack", tests, NULL, NULL);
}
