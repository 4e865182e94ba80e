# tend. `make` builds, `make try` shows it, `make test` tests all of it, `make install` installs.
# Another directory, compiler or sanitizer: make O=build-mine CC=clang SAN=address,undefined
# See HACKING.md.

CC = gcc
CLANG = clang
SAN =
O = $(if $(SAN),build-asan,build)
PREFIX = /usr/local
DESTDIR =
FUZZ_SECONDS ?= 60
CHAOS_SECONDS ?= 600
# what clang-tidy has passed is remembered here, for all checkouts of one user; not where changes are judged
TIDY_CACHE ?= $(if $(CI),,$(HOME)/.cache/tend/tidy)
V =
Q = $(if $(V),,@)
say = @printf '  %-7s %s\n'

VERSION := $(shell sed -n 's/^.define VERSION "\(.*\)"/\1/p' src/base/version.h)
WARNINGS = -Wall -Wextra -Wswitch-enum -Wmissing-prototypes -Wvla -Wshadow -Werror
# Text that does not fit is cut on purpose (snprintf); only gcc has this warning.
GCC_ONLY = $(if $(findstring clang,$(CC)),,-Wno-format-truncation)
BASICS = -std=gnu17 -g -D_GNU_SOURCE -Isrc $(WARNINGS)
OPTIMIZE = $(if $(SAN),-O1 -fno-omit-frame-pointer,-O2)
SANITIZE = $(if $(SAN),-fsanitize=$(SAN) -fno-sanitize-recover=all)
FLAGS = $(BASICS) $(OPTIMIZE) $(SANITIZE) -fPIE $(GCC_ONLY) $(CFLAGS)
BANNED = -include src/base/banned.h
STATIC = $(if $(SAN),-pie,-static-pie)
LIBS = -ljansson -lzstd -lpcre2-8
CLIENT_LIBS = -lncursesw -ltinfo

# One folder of src is one layer (DESIGN: the tree). What is not there yet is empty here.
DAEMON_FOLDERS = base unit states launch procfs link store wire keeper manager logger roles
CLIENT_FOLDERS = base unit procfs store wire cli personality
FOLDERS = $(sort $(DAEMON_FOLDERS) $(CLIENT_FOLDERS) init)
objects = $(patsubst src/%.c,$(O)/obj/%.o,$(foreach f,$(1),$(wildcard src/$(f)/*.c)))

MAINS = $(O)/obj/roles/tendd.o $(O)/obj/personality/personality.o $(O)/obj/init/init.o
PROGRAMS = $(O)/tend $(O)/tendd $(O)/tend-init
ALL_OBJECTS = $(call objects,$(FOLDERS))
PARTS = $(filter-out $(MAINS),$(ALL_OBJECTS))

TEST_SOURCES = $(filter-out tests/fuzz/% tests/lib/%,$(wildcard tests/*/*.c))
TEST_PROGRAMS = $(patsubst %.c,$(O)/%,$(TEST_SOURCES))
TEST_HELPERS = $(patsubst %.c,$(O)/%,$(wildcard tests/lib/*.c))
FUZZERS = $(patsubst %.c,$(O)/%,$(wildcard tests/fuzz/*.c))
MAN_SOURCES = $(wildcard docs/*.1.scd docs/*.5.scd docs/*.7.scd docs/*.8.scd)
MANUALS = $(patsubst docs/%.scd,$(O)/man/%,$(MAN_SOURCES))

.DELETE_ON_ERROR:
.SECONDARY:
KERNELS ?= 5.10 6.1 6.12

.PHONY: all objects tests try test check bench chaos test-kernels fuzz fuzzers man install uninstall clean

all: $(PROGRAMS)

objects: $(ALL_OBJECTS)

$(O)/tendd: $(call objects,$(DAEMON_FOLDERS))
	@mkdir -p $(@D)
	$(say) LINK $@
	$(Q)$(CC) $(FLAGS) $(STATIC) $(LDFLAGS) -o $@ $^ $(LIBS)

$(O)/tend: $(call objects,$(CLIENT_FOLDERS))
	@mkdir -p $(@D)
	$(say) LINK $@
	$(Q)$(CC) $(FLAGS) $(STATIC) $(LDFLAGS) -o $@ $^ $(LIBS) $(CLIENT_LIBS)

# It is there as long as a container is, so what it costs counts: with musl, at a fixed address, it has 20 KiB of private
# memory, with glibc 60 and ten times the size.
INIT_SOURCES = $(wildcard src/init/*.c) $(addprefix src/base/,buf.c check.c clock.c signals.c str.c)
INIT_CC = $(if $(SAN),,$(shell command -v musl-gcc))

$(O)/tend-init: $(INIT_SOURCES) $(call objects,init)
	@mkdir -p $(@D)
	$(say) LINK $@
	$(Q)$(or $(INIT_CC),$(CC)) $(filter-out -fPIE,$(FLAGS)) $(BANNED) $(if $(SAN),-fPIE -pie,-static -no-pie) $(LDFLAGS) \
		-o $@ $(INIT_SOURCES)

$(O)/obj/%.o: src/%.c Makefile
	@mkdir -p $(@D)
	$(say) CC $@
	$(Q)$(CC) $(FLAGS) $(BANNED) -MMD -MP -c -o $@ $<

# the assembler takes the interface descriptions in, which -MMD does not see
$(O)/obj/wire/wire-interface.o $(O)/fuzz/wire/wire-interface.o: $(wildcard src/wire/*.varlink)

# Tests link what they touch out of one archive; they are dynamic, cmocka has no static library.
$(O)/libtend-all.a: $(PARTS)
	@mkdir -p $(@D)
	@rm -f $@
	$(say) AR $@
	$(Q)$(AR) rcs $@ $^

tests: $(TEST_PROGRAMS) $(TEST_HELPERS)

$(O)/tests/lib/%: tests/lib/%.c Makefile
	@mkdir -p $(@D)
	$(say) HELPER $@
	$(Q)$(CC) $(FLAGS) -pie -MMD -MP -MT $@ -MF $@.d -o $@ $<

$(O)/tests/%: tests/%.c $(O)/libtend-all.a Makefile
	@mkdir -p $(@D)
	$(say) TEST $@
	$(Q)$(CC) $(FLAGS) -pie -Itests/lib -MMD -MP -MT $@ -MF $@.d -o $@ $< $(O)/libtend-all.a -lcmocka $(LIBS)

# Fuzzers are clang's, with objects of their own in $(O)/fuzz.
FUZZ_FLAGS = $(BASICS) -O1 -fno-omit-frame-pointer -fsanitize=address,undefined -fno-sanitize-recover=all -fPIE
FUZZ_PARTS = $(patsubst $(O)/obj/%,$(O)/fuzz/%,$(PARTS))

fuzzers: $(FUZZERS)

$(O)/fuzz/%.o: src/%.c Makefile
	@mkdir -p $(@D)
	$(say) CLANG $@
	$(Q)$(CLANG) $(FUZZ_FLAGS) -fsanitize=fuzzer-no-link $(BANNED) -MMD -MP -c -o $@ $<

$(O)/libtend-fuzz.a: $(FUZZ_PARTS)
	@rm -f $@
	$(say) AR $@
	$(Q)$(AR) rcs $@ $^

$(O)/tests/fuzz/%: tests/fuzz/%.c $(O)/libtend-fuzz.a Makefile
	@mkdir -p $(@D)
	$(say) FUZZER $@
	$(Q)$(CLANG) $(FUZZ_FLAGS) -fsanitize=fuzzer -Itests/lib -MMD -MP -MT $@ -MF $@.d -o $@ $< \
		$(O)/libtend-fuzz.a $(LIBS)

fuzz: fuzzers
	FUZZ_SECONDS=$(FUZZ_SECONDS) tools/run-fuzzers $(O)/tests/fuzz

try:
	@tools/need try
	@$(MAKE) --no-print-directory all
	@tools/try $(O)

test:
	@tools/need test
	@O=$(O) FUZZ_SECONDS=$(FUZZ_SECONDS) tools/test

check:
	@O=$(O) tools/check

# A stamp for each source that clang-tidy has nothing to say about; an object is remade when a header of its source
# changes, so the stamp is too.
.PHONY: tidy
tidy: $(patsubst $(O)/obj/%.o,$(O)/tidy/%,$(ALL_OBJECTS))

$(O)/tidy/%: $(O)/obj/%.o .clang-tidy
	@mkdir -p $(@D)
	$(Q)TIDY_CACHE=$(TIDY_CACHE) tools/tidy src/$*.c $(BASICS) $(BANNED)
	@touch $@

bench: all $(O)/floor $(O)/history
	@tools/need bench
	bench/run --bin $(O)

$(O)/floor: bench/floor.c
	$(CC) -O2 -static -D_GNU_SOURCE -o $@ $<

$(O)/history: bench/history.c
	$(CC) -O2 -D_GNU_SOURCE -o $@ $< -lzstd

chaos: all
	tests/chaos/run --bin $(O) --seconds $(CHAOS_SECONDS)
	tests/chaos/logs --bin $(O) --seconds $$(($(CHAOS_SECONDS) / 4))

# the kernels that Debian has, in QEMU: not a part of `test`, it needs a download of 70 MB and a minute for each
test-kernels: all
	tests/kernels/run -O $(O) --work $(O)/kernels $(KERNELS)

man: $(MANUALS)

# the verbs and the keys in them come from tend's own tables
$(O)/man/%: docs/%.scd $(O)/tend
	@mkdir -p $(@D)
	$(say) MAN $@
	$(Q)$(O)/tend manual <$< >$@.scd && scdoc <$@.scd >$@ && rm -f $@.scd

install: all
	install -d $(DESTDIR)$(PREFIX)/bin
	install -s -m 755 $(PROGRAMS) $(DESTDIR)$(PREFIX)/bin
	@if command -v scdoc >/dev/null; then $(MAKE) --no-print-directory man install-man; \
	else echo "scdoc is not installed: no manual pages"; fi
	install -d $(DESTDIR)$(PREFIX)/share/bash-completion/completions
	$(O)/tend completion bash >$(O)/completion.bash
	install -m 644 $(O)/completion.bash $(DESTDIR)$(PREFIX)/share/bash-completion/completions/tend

.PHONY: install-man
install-man: $(MANUALS)
	@for page in $(MANUALS); do \
		folder=$(DESTDIR)$(PREFIX)/share/man/man$${page##*.}; \
		install -d $$folder && install -m 644 $$page $$folder || exit 1; \
	done

uninstall:
	rm -f $(foreach p,$(notdir $(PROGRAMS)),$(DESTDIR)$(PREFIX)/bin/$(p))
	rm -f $(DESTDIR)$(PREFIX)/share/bash-completion/completions/tend
	rm -f $(foreach m,$(notdir $(MANUALS)),$(DESTDIR)$(PREFIX)/share/man/man*/$(m))

compile_commands.json: Makefile $(foreach f,$(FOLDERS),$(wildcard src/$(f)/*.c)) $(TEST_SOURCES)
	@tools/compile-commands "$(CC) $(FLAGS)" "$(BANNED)" >$@.$$$$ && mv $@.$$$$ $@

clean:
	rm -rf $(O) $(if $(SAN),,$(O)-asan $(O)-clang)

-include $(wildcard $(O)/obj/*/*.d $(O)/fuzz/*/*.d $(O)/tests/*/*.d)
