/* The head of the executable: what kind of program it is, and whether the kernel may move it.
 * Opened through /proc/PID/exe, which is the very file that was started, also when it has been
 * deleted or replaced since. What a file claims is believed only within its first bytes and
 * within bounds: it may be anything by now. */
#include "base/check.h"
#include "base/fd.h"
#include "procfs/detail.h"
#include "procfs/proc.h"
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { HEADERS_MAX = 512, DYNAMIC_MAX = 4096 };

struct headers {
	bool wide; /* 64 bits */
	bool dynamic;
	uint64_t type, phoff, phnum, phentsize;
	uint64_t dynamic_at, dynamic_size, interpreter_at, interpreter_size;
};

static bool
parse_head(const unsigned char *bytes, size_t n, struct headers *headers, struct proc_elf *elf)
{
	const Elf64_Ehdr *wide = (const void *)bytes;
	const Elf32_Ehdr *narrow = (const void *)bytes;

	if (n < sizeof(*narrow) || memcmp(bytes, ELFMAG, SELFMAG) != 0 ||
	    bytes[EI_DATA] != ELFDATA2LSB) {
		return false;
	}
	headers->wide = bytes[EI_CLASS] == ELFCLASS64;
	if (headers->wide && n < sizeof(*wide)) {
		return false;
	}
	elf->bits = headers->wide ? 64 : 32;
	elf->machine = narrow->e_machine;
	headers->type = narrow->e_type;
	elf->entry = headers->wide ? wide->e_entry : narrow->e_entry;
	headers->phoff = headers->wide ? wide->e_phoff : narrow->e_phoff;
	headers->phnum = headers->wide ? wide->e_phnum : narrow->e_phnum;
	headers->phentsize = headers->wide ? sizeof(Elf64_Phdr) : sizeof(Elf32_Phdr);
	headers->phnum = MIN(headers->phnum, HEADERS_MAX);
	return true;
}

static void
parse_segments(int fd, struct headers *headers)
{
	union {
		Elf64_Phdr wide;
		Elf32_Phdr narrow;
	} segment;

	for (uint64_t i = 0; i < headers->phnum; i++) {
		uint64_t type, at, size;

		if (pread(fd, &segment, headers->phentsize,
			  (off_t)(headers->phoff + i * headers->phentsize)) !=
		    (ssize_t)headers->phentsize) {
			return;
		}
		type = headers->wide ? segment.wide.p_type : segment.narrow.p_type;
		at = headers->wide ? segment.wide.p_offset : segment.narrow.p_offset;
		size = headers->wide ? segment.wide.p_filesz : segment.narrow.p_filesz;
		if (type == PT_INTERP) {
			headers->interpreter_at = at;
			headers->interpreter_size = size;
		} else if (type == PT_DYNAMIC) {
			headers->dynamic = true;
			headers->dynamic_at = at;
			headers->dynamic_size = size;
		}
	}
}

/* DF_1_PIE is what the linker wrote for -pie and -static-pie */
static bool
says_pie(int fd, const struct headers *headers)
{
	size_t size = headers->wide ? sizeof(Elf64_Dyn) : sizeof(Elf32_Dyn);
	uint64_t count = MIN(headers->dynamic_size / size, DYNAMIC_MAX);

	for (uint64_t i = 0; i < count; i++) {
		union {
			Elf64_Dyn wide;
			Elf32_Dyn narrow;
		} entry;
		if (pread(fd, &entry, size, (off_t)(headers->dynamic_at + i * size)) !=
		    (ssize_t)size) {
			return false;
		}
		if ((headers->wide ? entry.wide.d_tag : entry.narrow.d_tag) == DT_FLAGS_1) {
			return ((headers->wide ? entry.wide.d_un.d_val : entry.narrow.d_un.d_val) &
				DF_1_PIE) != 0;
		}
	}
	return false;
}

static char *
read_interpreter(int fd, const struct headers *headers)
{
	char path[PATH_MAX];
	ssize_t n;

	if (headers->interpreter_size == 0 || headers->interpreter_size > sizeof(path)) {
		return NULL;
	}
	n = pread(fd, path, headers->interpreter_size, (off_t)headers->interpreter_at);
	return n > 0 ? str_dup_n(path, strnlen(path, (size_t)n)) : NULL;
}

int
proc_elf(pid_t pid, struct proc_elf *ret_elf)
{
	autoclose int fd = proc_open(pid, "exe", O_RDONLY | O_NONBLOCK);
	union {
		unsigned char bytes[sizeof(Elf64_Ehdr)];
		Elf64_Ehdr aligned;
	} head;
	struct headers headers = { 0 };
	struct proc_elf elf = { 0 };
	ssize_t n;

	if (!fd_is_open(fd)) {
		return fd;
	}
	n = pread(fd, head.bytes, sizeof(head), 0);
	if (n > 0 && parse_head(head.bytes, (size_t)n, &headers, &elf)) {
		parse_segments(fd, &headers);
		elf.is_elf = true;
		elf.interpreter = read_interpreter(fd, &headers);
		elf.dynamic = elf.interpreter != NULL;
		elf.pie = headers.type == ET_DYN && (elf.dynamic || says_pie(fd, &headers));
	}
	*ret_elf = elf;
	return 0;
}

void
proc_elf_done(struct proc_elf *elf)
{
	free(elf->interpreter);
	*elf = (struct proc_elf){ 0 };
}

const char *
proc_elf_machine(unsigned machine)
{
	static char other[32];

	switch (machine) {
	case EM_X86_64: return "x86-64";
	case EM_386: return "i386";
	case EM_AARCH64: return "arm64";
	case EM_ARM: return "arm";
	case EM_RISCV: return "riscv";
	case EM_PPC64: return "ppc64";
	case EM_S390: return "s390";
	case EM_MIPS: return "mips";
	default: (void)snprintf(other, sizeof(other), "machine %u", machine); return other;
	}
}

bool
proc_auxv(pid_t pid, uint64_t type, uint64_t *ret_value)
{
	unsigned long words[128];
	autoclose int fd = proc_open(pid, "auxv", O_RDONLY);
	ssize_t n = fd_is_open(fd) ? read(fd, words, sizeof(words)) : -1;

	for (size_t i = 0; n > 0 && (i + 2) * sizeof(words[0]) <= (size_t)n; i += 2) {
		if (words[i] == type && type != AT_NULL) {
			*ret_value = words[i + 1];
			return true;
		}
	}
	return false;
}
