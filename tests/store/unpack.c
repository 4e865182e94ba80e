/* unpack: any place of a packed segment, with a sound seek table, a damaged one, a lying one, none;
 * with frames that are damaged, cut off, too large; and what is no zstd at all. */
#include "logdir.h"
#include "store/unpack.h"

enum { LENGTH = 1000000, FRAME = 30000 };

struct rig {
	struct logdir d;
	char *bytes;
	int fd;
	struct unpack *unpack;
};

static void
rig_make(struct rig *rig, size_t frame, bool table)
{
	logdir_make(&rig->d);
	rig->bytes = malloc(LENGTH + 1);
	for (int i = 0; i < LENGTH; i++) {
		rig->bytes[i] = (char)(i % 100 == 99 ? '\n' : 'a' + i * 7919LL / 13 % 26);
	}
	rig->bytes[LENGTH] = '\0';
	logdir_append(&rig->d, "7.log", rig->bytes, LENGTH);
	logdir_pack(&rig->d, 7, frame, table);
	rig->fd = openat(rig->d.fd, "7.log.zst", O_RDWR | O_CLOEXEC);
	assert_true(rig->fd >= 0);
	rig->unpack = NULL;
}

static void
rig_open(struct rig *rig)
{
	rig->unpack = unpack_free(rig->unpack);
	rig->unpack = unpack_new(rig->fd);
}

static void
rig_remove(struct rig *rig)
{
	unpack_free(rig->unpack);
	(void)fd_close(rig->fd);
	free(rig->bytes);
	logdir_remove(&rig->d);
}

/* bytes that can be read, all of them right; the rest is holes */
static size_t
readable(struct rig *rig)
{
	size_t sum = 0;

	for (uint64_t at = 0; at < rig->unpack->size;) {
		const char *bytes = NULL;
		uint64_t start;
		size_t length;
		int r = unpack_load(rig->unpack, at, &bytes, &start, &length);

		assert_true(start <= at && start + length > at);
		if (r == 0) {
			assert_true(start + length <= LENGTH);
			assert_memory_equal(bytes, rig->bytes + start, length);
			sum += length;
		} else {
			assert_int_equal(r, -EBADMSG);
		}
		at = start + length;
	}
	return sum;
}

static void
garble(const struct rig *rig, off_t at, size_t n)
{
	char rubbish[64];

	memset(rubbish, 0x5a, sizeof(rubbish));
	assert_int_equal(pwrite(rig->fd, rubbish, n, at), n);
}

static off_t
length_of(const struct rig *rig)
{
	struct stat st;

	assert_int_equal(fstat(rig->fd, &st), 0);
	return st.st_size;
}

static void
any_place_is_read(void **state)
{
	struct rig rig;

	(void)state;
	rig_make(&rig, FRAME, true);
	rig_open(&rig);
	assert_int_equal(rig.unpack->size, LENGTH);
	assert_false(rig.unpack->walked);
	assert_int_equal(rig.unpack->count, 34);
	for (uint64_t at = LENGTH; at-- > 0; at -= MIN(at, 777)) {
		const char *bytes;
		uint64_t start;
		size_t length;

		assert_int_equal(unpack_load(rig.unpack, at, &bytes, &start, &length), 0);
		assert_int_equal(bytes[at - start], rig.bytes[at]);
	}
	assert_int_equal(readable(&rig), LENGTH);
	rig_remove(&rig);
}

static void
without_a_table_all_is_read(void **state)
{
	struct rig rig;

	(void)state;
	rig_make(&rig, FRAME, false);
	rig_open(&rig);
	assert_true(rig.unpack->walked);
	assert_int_equal(rig.unpack->size, LENGTH);
	assert_int_equal(readable(&rig), LENGTH);
	assert_string_equal(rig.unpack->trouble, "");
	rig_remove(&rig);
	rig_make(&rig, FRAME, true);
	for (int byte = 1; byte < 34 * STORE_SEEK_ENTRY + STORE_SEEK_FOOTER + 8;
	     byte += 7) { /* of footer, entries, head */
		char kept;
		off_t at = length_of(&rig) - byte;

		assert_int_equal(pread(rig.fd, &kept, 1, at), 1);
		kept ^= 0x40;
		assert_int_equal(pwrite(rig.fd, &kept, 1, at), 1);
		rig_open(&rig);
		assert_int_equal(readable(&rig), LENGTH);
		kept ^= 0x40;
		assert_int_equal(pwrite(rig.fd, &kept, 1, at), 1);
	}
	rig_remove(&rig);
}

/* two entries changed so that their sums still fit */
static void
a_lying_table_is_found_out(void **state)
{
	struct rig rig;
	uint32_t entries[4];
	off_t at;

	(void)state;
	rig_make(&rig, FRAME, true);
	at = length_of(&rig) - STORE_SEEK_FOOTER - 20L * STORE_SEEK_ENTRY;
	assert_int_equal(pread(rig.fd, entries, sizeof(entries), at), sizeof(entries));
	entries[0] += 100;
	entries[2] -= 100;
	assert_int_equal(pwrite(rig.fd, entries, sizeof(entries), at), sizeof(entries));
	rig_open(&rig);
	assert_int_equal(readable(&rig), LENGTH);
	assert_true(rig.unpack->walked);
	rig_remove(&rig);
}

static void
a_damaged_frame_costs_itself_only(void **state)
{
	struct rig rig;

	(void)state;
	for (int table = 0; table < 2; table++) {
		rig_make(&rig, STORE_FRAME, table);
		rig_open(&rig);
		/* its head, so that its length is not known either */
		garble(&rig, (off_t)rig.unpack->frames[1].at, 64);
		rig_open(&rig);
		assert_int_equal(rig.unpack->size, LENGTH);
		assert_int_equal(readable(&rig), LENGTH - STORE_FRAME);
		rig_remove(&rig);
		rig_make(&rig, STORE_FRAME, table);
		rig_open(&rig);
		garble(&rig, (off_t)rig.unpack->frames[1].at + 5000, 64);
		rig_open(&rig);
		assert_in_range(readable(&rig), LENGTH - STORE_FRAME, LENGTH - 1);
		rig_remove(&rig);
	}
}

static void
what_was_cut_off_is_said(void **state)
{
	struct rig rig;

	(void)state;
	rig_make(&rig, FRAME, true);
	rig_open(&rig);
	assert_int_equal(ftruncate(rig.fd, (off_t)rig.unpack->frames[10].at + 50), 0);
	rig_open(&rig);
	assert_int_equal(rig.unpack->size, 10 * FRAME);
	assert_int_equal(readable(&rig), 10 * FRAME);
	assert_non_null(strstr(rig.unpack->trouble, "50 of its"));
	assert_int_equal(ftruncate(rig.fd, 0), 0);
	rig_open(&rig);
	assert_int_equal(rig.unpack->size, 0);
	rig_remove(&rig);
}

static void
rubbish_is_nothing(void **state)
{
	struct rig rig;
	char *text = malloc(200000);

	(void)state;
	rig_make(&rig, FRAME, true);
	assert_int_equal(ftruncate(rig.fd, 0), 0);
	for (int i = 0; i < 200000; i++) {
		text[i] = (char)(i * 31 + i / 7);
	}
	assert_int_equal(pwrite(rig.fd, text, 200000, 0), 200000);
	rig_open(&rig);
	assert_int_equal(rig.unpack->size, 0);
	assert_non_null(strstr(rig.unpack->trouble, "cannot be read"));
	free(text);
	rig_remove(&rig);
}

static size_t
without_size(char *out, size_t room, const char *text, size_t length)
{
	ZSTD_CCtx *context = ZSTD_createCCtx();
	size_t n;

	assert_non_null(context);
	(void)ZSTD_CCtx_setParameter(context, ZSTD_c_contentSizeFlag, 0);
	n = ZSTD_compress2(context, out, room, text, length);
	assert_false(ZSTD_isError(n));
	(void)ZSTD_freeCCtx(context);
	return n;
}

/* as `zstd FILE` makes it: one frame, whatever its length */
static void
one_large_frame(void **state)
{
	struct rig rig;
	size_t room = ZSTD_compressBound(UNPACK_FRAME_MAX + 1), n;
	char *text = calloc(1, UNPACK_FRAME_MAX + 1), *out = malloc(room);

	(void)state;
	rig_make(&rig, FRAME, true);
	assert_int_equal(ftruncate(rig.fd, 0), 0);
	n = ZSTD_compress(out, room, rig.bytes, LENGTH, 1);
	assert_int_equal(pwrite(rig.fd, out, n, 0), n);
	rig_open(&rig);
	assert_int_equal(readable(&rig), LENGTH);
	n = without_size(out, room, rig.bytes, LENGTH); /* as it comes from a pipe */
	assert_int_equal(pwrite(rig.fd, out, n, 0), n);
	assert_int_equal(ftruncate(rig.fd, (off_t)n), 0);
	rig_open(&rig);
	assert_int_equal(readable(&rig), LENGTH);
	n = without_size(out, room, text, UNPACK_FRAME_MAX + 1);
	assert_int_equal(pwrite(rig.fd, out, n, 0), n);
	assert_int_equal(ftruncate(rig.fd, (off_t)n), 0);
	rig_open(&rig);
	assert_non_null(strstr(rig.unpack->trouble, "zstd -d"));
	n = ZSTD_compress(out, room, text, UNPACK_FRAME_MAX + 1, 1);
	assert_int_equal(pwrite(rig.fd, out, n, 0), n);
	assert_int_equal(ftruncate(rig.fd, (off_t)n), 0);
	rig_open(&rig);
	assert_int_equal(rig.unpack->size, 0);
	assert_non_null(strstr(rig.unpack->trouble, "zstd -d"));
	free(text);
	free(out);
	rig_remove(&rig);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(any_place_is_read),
		cmocka_unit_test(without_a_table_all_is_read),
		cmocka_unit_test(a_lying_table_is_found_out),
		cmocka_unit_test(a_damaged_frame_costs_itself_only),
		cmocka_unit_test(what_was_cut_off_is_said),
		cmocka_unit_test(rubbish_is_nothing),
		cmocka_unit_test(one_large_frame),
	};

	return cmocka_run_group_tests_name("unpack", tests, NULL, NULL);
}
