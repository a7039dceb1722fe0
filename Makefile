# postern: GNU make, one file, nothing recursive. `make help` lists the targets.

PREFIX  ?= /usr/local
DESTDIR ?=
CC      ?= cc
CLANG   ?= clang

VERSION = 0.1

# Where an installed postern looks for things; POSTERN_HOME overrides all.
CONTROL = /etc/postern
QUEUE   = /var/spool/postern
SBIN    = $(PREFIX)/sbin
LIBEXEC = $(PREFIX)/libexec/postern
MAN     = $(PREFIX)/share/man
UNITS   = $(PREFIX)/lib/systemd/system
SYSUSERS = $(PREFIX)/lib/sysusers.d
TMPFILES = $(PREFIX)/lib/tmpfiles.d

# Programs an admin or a supervisor starts, and those only programs start.
SBIN_PROGRAMS    = smtpd listen send cdb sendmail
LIBEXEC_PROGRAMS = queue remote local bounce config check
LIBEXEC_PROGRAMS += list change show status metrics
# What postern-change is called by `postern`.
CHANGE_VERBS     = hold release remove retry
LIBEXEC_PROGRAMS += log explain
LIBEXEC_PROGRAMS += rewrite
LIBEXEC_PROGRAMS += oauth2
LIBEXEC_PROGRAMS += tls
LIBEXEC_PROGRAMS += auth passwd
PROGRAMS         = $(SBIN_PROGRAMS) $(LIBEXEC_PROGRAMS)

# A process per connection pays for every page: these are static, with musl
# when it is there.
STATIC_PROGRAMS = smtpd queue sendmail rewrite

LIBS_smtpd  = -lcdb
LIBS_queue  =
LIBS_rewrite = -lcdb
LIBS_listen = -lsystemd
LIBS_send   = -lcdb -lsystemd
LIBS_remote = -lidn2 -lssl -lcrypto
LIBS_local  = -lcdb
LIBS_bounce = -lcdb
LIBS_cdb    = -lcdb
LIBS_check  = -lcdb -lidn2 -lssl -lcrypto -lcrypt
LIBS_explain = -lcdb -lidn2 -lcrypt
LIBS_config = -lcdb -lidn2 -lcrypt
LIBS_list   = -lcdb -lidn2
LIBS_metrics = -lcdb -lidn2
LIBS_status = -lcdb -lidn2
LIBS_show   = -lcdb -lidn2
LIBS_change = -lcdb -lidn2
LIBS_tls    = -lcdb -lsystemd -lssl -lcrypto
LIBS_oauth2 = -lcurl -ljansson -lcrypto
LIBS_auth   = -lcdb -lcrypto -lcrypt -lsystemd
LIBS_passwd = -lcdb -lcrypto -lcrypt
TEST_LIBS   = -lcmocka -lcdb -lidn2 -lcrypto -lcrypt -lcurl -ljansson -lssl

# What `make run`, `make check` and .ci/run need, by Debian package.
PACKAGES_BUILD = gcc libc6-dev libcrypt-dev make musl-tools libcdb-dev libsystemd-dev libidn2-dev libssl-dev \
	libcurl4-openssl-dev libjansson-dev
PACKAGES_CHECK = clang libclang-rt-14-dev clang-format libcmocka-dev shunit2 tinycdb systemd \
	systemd-container swaks gsasl curl haproxy postfix nsd unbound ldnsutils iproute2 strace \
	ucspi-tcp ipsvd openbsd-inetd socat mandoc python3 xfsprogs btrfs-progs \
	dovecot-core dovecot-lmtpd cron php-cli bsd-mailx mutt git git-email \
	python3-flufl.bounce libsisimai-perl libmail-deliverystatus-bounceparser-perl

B = build
ifeq ($(VARIANT),asan)
B = build/asan
VARIANT_FLAGS = -fsanitize=address,undefined -fno-sanitize-recover=all \
	-fno-omit-frame-pointer -O1 -g
else ifeq ($(VARIANT),exploit)
# Attacks planted on purpose, for tests/proof/attack alone (lib/sys/exploit.h).
B = build/exploit
VARIANT_FLAGS = -DPOSTERN_EXPLOIT
endif

WARN = -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wmissing-prototypes \
	-Wstrict-prototypes -Wformat=2 -Wvla -Werror
# Flags that not every compiler knows, asked once.
cc-option = $(shell $(1) -Werror $(2) -c -x c /dev/null -o /dev/null 2>/dev/null && echo $(2))
HARDEN := -fstack-protector-strong -fPIE \
	$(call cc-option,$(CC),-fstack-clash-protection) \
	$(call cc-option,$(CC),-ftrivial-auto-var-init=zero) \
	$(call cc-option,$(CC),-fcf-protection)
PLACES = -DPOSTERN_CONTROL='"$(CONTROL)"' -DPOSTERN_QUEUE='"$(QUEUE)"' \
	-DPOSTERN_LIBEXEC='"$(LIBEXEC)"' -DPOSTERN_SBIN='"$(SBIN)"' \
	-DPOSTERN_VERSION='"$(VERSION)"'
CPPFLAGS += -D_GNU_SOURCE -iquote lib -iquote . -MMD -MP $(PLACES)
CFLAGS_ALL = -std=c11 -O2 -g $(WARN) $(HARDEN) $(VARIANT_FLAGS) $(CFLAGS)
LDFLAGS_ALL = -pie -Wl,-z,relro,-z,now,-z,noexecstack,--as-needed \
	$(VARIANT_FLAGS) $(LDFLAGS)
ifneq ($(VARIANT),asan)
CPPFLAGS += -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=$(if $(findstring clang,$(CC)),2,3)
endif

SOURCES := $(wildcard lib/*/*.c control/*.c queue/*.c)
# The C library's resolver, libsystemd and the scheduler stay out of the
# static programs.
STATIC_SOURCES := $(filter-out lib/net/% lib/deliver/% lib/admin/% lib/sys/notify.c lib/sys/hashing.c,$(SOURCES))

OBJECTS        := $(SOURCES:%.c=$(B)/obj/%.o)
STATIC_OBJECTS := $(STATIC_SOURCES:%.c=$(B)/static/%.o)

# Code and constants in one mapping: three page faults and two mappings less a
# start, a tenth of a session's time.
STATIC_FEW = -Wl,-z,noseparate-code

ifeq ($(VARIANT),asan)
# Sanitizers need their own dynamic C library.
STATIC_PROGRAMS =
else ifneq ($(shell command -v musl-gcc),)
STATIC_CC    = musl-gcc
STATIC_FLAGS = -isystem $(B)/include
# musl-gcc knows no -static-pie: its start files are named one by one, from
# the directory where it has them itself.
MUSL_DIR    := $(shell sed -n 's,.*"\(/.*/\)musl-gcc.specs.*,\1,p' "$$(command -v musl-gcc)")
gcc-file     = $(shell $(CC) -print-file-name=$(1))
STATIC_LINK := -static -nostartfiles -Wl,-pie,--no-dynamic-linker,-z,text \
	$(MUSL_DIR)rcrt1.o $(MUSL_DIR)crti.o $(call gcc-file,crtbeginS.o)
STATIC_END  := $(call gcc-file,crtendS.o) $(MUSL_DIR)crtn.o
else
STATIC_CC   = $(CC)
STATIC_LINK = -static-pie
# glibc finds users through libraries, and crashes over some when it is static.
STATIC_PROGRAMS := $(filter-out sendmail,$(STATIC_PROGRAMS))
endif
LIBCDB_A := $(shell $(CC) -print-file-name=libcdb.a)
DYNAMIC_PROGRAMS = $(filter-out $(STATIC_PROGRAMS),$(PROGRAMS))

# The admin's front door is `postern` itself; its verbs are in libexec.
BINARIES := $(patsubst $(B)/bin/postern-postern,$(B)/bin/postern,\
	$(patsubst bin/%.c,$(B)/bin/postern-%,$(wildcard bin/*.c)))

#: all         every program, into build/bin; what `make` alone does
all: $(BINARIES)

# V=1 shows the commands; otherwise one short line each.
Q = $(if $(V),,@echo '  $(1) $@';)

$(B)/obj/%.o: %.c
	@mkdir -p $(@D)
	$(call Q,CC)$(CC) $(CPPFLAGS) $(CFLAGS_ALL) -c $< -o $@

$(B)/static/%.o: %.c | $(B)/include/cdb.h
	@mkdir -p $(@D)
	$(call Q,CC)$(STATIC_CC) $(CPPFLAGS) $(CFLAGS_ALL) $(STATIC_FLAGS) -c $< -o $@

# home.c alone knows the places; it is made again when PREFIX changes.
$(B)/obj/lib/sys/home.o $(B)/static/lib/sys/home.o: $(B)/places
$(B)/places: FORCE
	@mkdir -p $(@D)
	@echo '$(PLACES)' | cmp -s - $@ || echo '$(PLACES)' >$@

# musl's compiler does not look where Debian keeps other libraries' headers.
$(B)/include/cdb.h:
	@mkdir -p $(@D)
	ln -sf /usr/include/cdb.h $@

$(B)/libpostern.a: $(OBJECTS)
	$(call Q,AR)$(RM) $@ && $(AR) rcs $@ $^

$(B)/libpostern-static.a: $(STATIC_OBJECTS)
	$(call Q,AR)$(RM) $@ && $(AR) rcs $@ $^

$(STATIC_PROGRAMS:%=$(B)/bin/postern-%): $(B)/bin/postern-%: $(B)/static/bin/%.o $(B)/libpostern-static.a
	@mkdir -p $(@D)
	$(call Q,LD)$(STATIC_CC) $(CFLAGS_ALL) $(STATIC_LINK) $(STATIC_FEW) -Wl,-z,relro,-z,now,-z,noexecstack $(LDFLAGS) $^ $(LIBS_$*:-lcdb=$(LIBCDB_A)) $(STATIC_END) -o $@

$(DYNAMIC_PROGRAMS:%=$(B)/bin/postern-%): $(B)/bin/postern-%: $(B)/obj/bin/%.o $(B)/libpostern.a
	@mkdir -p $(@D)
	$(call Q,LD)$(CC) $(CFLAGS_ALL) $(LDFLAGS_ALL) $^ $(LIBS_$*) -o $@

$(B)/bin/postern: $(B)/obj/bin/postern.o $(B)/libpostern.a
	@mkdir -p $(@D)
	$(call Q,LD)$(CC) $(CFLAGS_ALL) $(LDFLAGS_ALL) $^ -o $@

# --- tests ------------------------------------------------------------------

UNIT_TESTS := $(patsubst tests/unit/%.c,$(B)/tests/%,$(wildcard tests/unit/test_*.c))
TOOLS      := $(patsubst tests/wire/%.c,$(B)/tests/%,$(wildcard tests/wire/*.c))

$(UNIT_TESTS): $(B)/tests/%: tests/unit/%.c $(B)/libpostern.a
	@mkdir -p $(@D)
	$(call Q,LD)$(CC) $(CPPFLAGS) $(CFLAGS_ALL) $(LDFLAGS_ALL) $< $(B)/libpostern.a $(TEST_LIBS) -o $@

# Every system call's number beside its name.
$(B)/tests/syscalls.inc:
	@mkdir -p $(@D)
	@echo '#include <sys/syscall.h>' | $(CC) -E -dM - | \
		sed -n 's/^#define SYS_\([a-z0-9_]*\) .*/{ SYS_\1, "\1" },/p' >$@
$(B)/tests/jailtable: $(B)/tests/syscalls.inc
$(B)/tests/jailtable: CPPFLAGS += -I$(B)/tests

$(TOOLS): $(B)/tests/%: tests/wire/%.c $(B)/libpostern.a
	@mkdir -p $(@D)
	$(call Q,LD)$(CC) $(CPPFLAGS) $(CFLAGS_ALL) $(LDFLAGS_ALL) $< $(B)/libpostern.a -lcdb -lidn2 -o $@

# What strikes at system calls, and the names of those.
TOOLS += $(B)/tests/strike $(B)/tests/nomem.so

$(B)/tests/nomem.so: tests/fault/nomem.c
	@mkdir -p $(@D)
	$(call Q,LD)$(CC) $(CPPFLAGS) -std=c11 -O2 -g $(WARN) -Wno-missing-prototypes -fPIC -shared $< -o $@

$(B)/tests/callnames.h:
	@mkdir -p $(@D)
	@echo '#include <sys/syscall.h>' | $(CC) -E -dM - | \
		sed -n 's/^#define __NR_\([a-z0-9_]*\) [0-9]*$$/{ __NR_\1, "\1" },/p' >$@

$(B)/tests/strike: tests/fault/strike.c $(B)/tests/callnames.h
	@mkdir -p $(@D)
	$(call Q,LD)$(CC) $(CPPFLAGS) -I$(B)/tests $(CFLAGS_ALL) $(LDFLAGS_ALL) $< -o $@

# Stand-ins for what a session asks beyond its own lines (tests/wire/model.c).
$(B)/tests/model: LDFLAGS_ALL += $(foreach f,io_read io_write io_write_last log_write \
	inject_open inject_text inject_finish inject_abort secure_possible secure_ready \
	secure_open secure_shake secure_end sasl_open sasl_ask sasl_close,-Wl,--wrap=$(f))
$(B)/tests/model: tests/wire/smtpmodel.h

# Fuzz targets: clang with its sanitizers, in a build of their own that all
# variants share. A compiler without the fuzzer's runtime has no targets, and
# tests/fuzz/test_corpus says so. tests/proof/coverage makes them once more,
# elsewhere, with another FUZZ_WATCH.
F            = build/fuzz
FUZZ_WATCH   = -fsanitize=fuzzer-no-link,address,undefined
FUZZ_CC      = $(CLANG) $(CPPFLAGS) -std=c11 -O1 -g $(WARN) \
	-fno-sanitize-recover=all -fno-omit-frame-pointer -U_FORTIFY_SOURCE
FUZZ_OBJECTS := $(SOURCES:%.c=$(F)/obj/%.o)
ifneq ($(filter check check-build fuzz%,$(MAKECMDGOALS)),)
ifneq ($(wildcard $(shell $(CLANG) -print-runtime-dir 2>/dev/null)/*fuzzer*),)
FUZZERS := $(patsubst tests/fuzz/%.c,$(F)/%,$(wildcard tests/fuzz/fuzz_*.c))
endif
endif

$(F)/obj/%.o: %.c
	@mkdir -p $(@D)
	$(call Q,CC)$(FUZZ_CC) $(FUZZ_WATCH) -c $< -o $@

$(F)/libpostern.a: $(FUZZ_OBJECTS)
	$(call Q,AR)$(RM) $@ && $(AR) rcs $@ $^

$(F)/fuzz_%: tests/fuzz/fuzz_%.c $(F)/libpostern.a
	$(call Q,LD)$(FUZZ_CC) $(FUZZ_WATCH) -fsanitize=fuzzer $< $(F)/libpostern.a -lcdb -lidn2 -lsystemd -lcrypto -lcrypt -lcurl -ljansson -o $@

# FUZZ_SECONDS is for each target.
#: fuzz-short  every fuzz target for a minute (FUZZ_SECONDS=n)
#: fuzz        every fuzz target for an hour (FUZZ_SECONDS=n)
#: fuzz-corpus every fuzz target once over its corpus
#: fuzz-build  every fuzz target, made but not run
fuzz-short: FUZZ_SECONDS ?= 60
fuzz: FUZZ_SECONDS ?= 3600
fuzz fuzz-short: $(FUZZERS)
	@tests/fuzz/run $(FUZZ_SECONDS) $(FUZZERS)

fuzz-build: $(FUZZERS)

fuzz-corpus: $(FUZZERS)
	@tests/fuzz/test_corpus

#: check       every test; T=word runs the files whose name holds it
check: check-build
	@tests/run $(B) $(T)

#: check-build what check runs, made but not run
check-build: all $(UNIT_TESTS) $(TOOLS) $(FUZZERS) $(B)/tests/steps

# What a change must pass before it is shared: everything without root's tools.
check-quick: all $(UNIT_TESTS) $(TOOLS)
	@QUICK=1 tests/run $(B) $(T)

#: asan        the tests under AddressSanitizer and UBSan
asan:
	@$(MAKE) --no-print-directory VARIANT=asan check

#: proof       every promise of README, proved to the end, with a table of figures (T=word)
proof: check-build
	@tests/proof/run $(B) $(T)

#: soak        20 minutes of everything going wrong, then the books (SOAK_SECONDS=n)
soak: SOAK_SECONDS ?= 1200
soak: all
	@tests/soak/run $(B) $(SOAK_SECONDS)

#: authtiming  do answers of postern-auth tell by their time who is there (N=n)
authtiming: all
	@tests/timing/run $(B) $(N)

#: testssl     testssl.sh against STARTTLS; needs Debian's testssl.sh, some minutes
testssl: all
	@tests/scan/run $(B)

#: bench       postern beside Postfix: sessions, end to end, drain, memory, TLS
bench: all $(B)/tests/floor $(B)/tests/tls
	@tests/bench/run $(B) $(FIGURES)

#: instructions  instructions of a message beside tests/bench/BASELINE (NEW=new writes it)
instructions: all $(B)/tests/steps
	@tests/bench/instructions $(B) $(NEW)

$(B)/tests/steps: tests/bench/steps.c
	@mkdir -p $(@D)
	$(call Q,LD)$(CC) $(CPPFLAGS) $(CFLAGS_ALL) $(LDFLAGS_ALL) $< -o $@

$(B)/tests/floor: tests/bench/floor.c
	@mkdir -p $(@D)
	$(call Q,LD)$(CC) $(CPPFLAGS) $(CFLAGS_ALL) $(LDFLAGS_ALL) $< -o $@

$(B)/tests/tls: tests/bench/tls.c
	@mkdir -p $(@D)
	$(call Q,LD)$(CC) $(CPPFLAGS) $(CFLAGS_ALL) $(LDFLAGS_ALL) $< -lssl -lcrypto -o $@

# --- a real machine ---------------------------------------------------------

UNIT_FILES  := $(notdir $(wildcard control/systemd/*.socket control/systemd/*.service \
	control/systemd/*.path control/systemd/*.timer))
MAN_PAGES   := $(notdir $(wildcard bin/*.8))
CONTROL_DEFAULTS := $(notdir $(wildcard control/default/*) $(wildcard control/README))
INSTALL_BINARIES = $(foreach p,$(2),$(if $(wildcard bin/$(p).c),\
	install -m 755 $(B)/bin/postern-$(p) $(DESTDIR)$(1) &&)) :
# A file of control/systemd with its places filled in.
FILL = sed -e 's,@SBIN@,$(SBIN),g' -e 's,@LIBEXEC@,$(LIBEXEC),g' \
	-e 's,@QUEUE@,$(QUEUE),g' -e 's,@CONTROL@,$(CONTROL),g'

# These go through the shell, sed and units as they are: only plain ones do.
plain-paths:
	@case '$(DESTDIR)' in *[!A-Za-z0-9/._+,:=@~-]*) \
		echo 'DESTDIR=$(DESTDIR): a path with odd characters' >&2; exit 1 ;; esac
	@for p in '$(SBIN)' '$(LIBEXEC)' '$(MAN)' '$(UNITS)' '$(SYSUSERS)' \
			'$(TMPFILES)' '$(CONTROL)' '$(QUEUE)'; do \
		case $$p in /*[!A-Za-z0-9/._+~-]* | [!/]* | '') \
			echo "$$p: not a plain path from / on" >&2; exit 1 ;; esac; done

#: install     programs, man pages, units and default control files (DESTDIR, PREFIX)
install: plain-paths all
	install -d $(foreach d,$(SBIN) $(LIBEXEC) $(MAN)/man8 $(UNITS) $(SYSUSERS) \
		$(TMPFILES) $(CONTROL),$(DESTDIR)$(d))
	install -m 755 $(B)/bin/postern $(DESTDIR)$(SBIN)
	$(call INSTALL_BINARIES,$(SBIN),$(SBIN_PROGRAMS))
	$(call INSTALL_BINARIES,$(LIBEXEC),$(LIBEXEC_PROGRAMS))
	for m in $(MAN_PAGES); do \
		install -m 644 bin/$$m $(DESTDIR)$(MAN)/man8/postern-$$m || exit 1; done
	mv $(DESTDIR)$(MAN)/man8/postern-postern.8 $(DESTDIR)$(MAN)/man8/postern.8
	for v in $(CHANGE_VERBS); do \
		ln -sf postern-change.8 $(DESTDIR)$(MAN)/man8/postern-$$v.8 || exit 1; done
	for u in $(UNIT_FILES); do \
		$(FILL) control/systemd/$$u | \
		install -m 644 /dev/stdin $(DESTDIR)$(UNITS)/$$u || exit 1; done
	$(FILL) control/systemd/postern.sysusers | \
		install -m 644 /dev/stdin $(DESTDIR)$(SYSUSERS)/postern.conf
	$(FILL) control/systemd/postern.tmpfiles | \
		install -m 644 /dev/stdin $(DESTDIR)$(TMPFILES)/postern.conf
	for n in $(SENDMAIL_NAMES); do l=$(DESTDIR)$(SBIN)/$$n; \
		test -e $$l || test -L $$l || ln -s postern-sendmail $$l || exit 1; done
	for f in $(CONTROL_DEFAULTS); do \
		test -e $(DESTDIR)$(CONTROL)/$$f || \
		install -m 644 $$(ls -d control/default/$$f control/$$f 2>/dev/null | \
			head -n 1) $(DESTDIR)$(CONTROL)/$$f || exit 1; done
	@echo 'for /usr/sbin/sendmail and its like: make sendmail-links'

# The names by which programs call a sendmail: a link is made where nothing is,
# and taken away where it is ours.
SENDMAIL_NAMES = sendmail mailq newaliases
SENDMAIL_LINKS = /usr/sbin/sendmail /usr/lib/sendmail /usr/bin/mailq /usr/bin/newaliases

#: sendmail-links  /usr/sbin/sendmail, mailq and newaliases, where nobody has them
sendmail-links: plain-paths
	@left=0; for l in $(SENDMAIL_LINKS); do \
		d=$(DESTDIR)$$l; \
		test "$$(readlink $$d)" = $(SBIN)/postern-sendmail && continue; \
		if test -e $$d || test -L $$d; then \
			echo "$$d is another's (INSTALL, \"The command sendmail\")" >&2; left=1; \
		else \
			install -d $${d%/*} && ln -s $(SBIN)/postern-sendmail $$d || exit 1; \
		fi; done; exit $$left

#: uninstall   what install put there; keeps the control files and the spool
uninstall: plain-paths
	$(RM) $(DESTDIR)$(SBIN)/postern $(DESTDIR)$(MAN)/man8/postern.8
	$(RM) $(foreach v,$(CHANGE_VERBS),$(DESTDIR)$(MAN)/man8/postern-$(v).8)
	$(RM) $(foreach p,$(SBIN_PROGRAMS),$(DESTDIR)$(SBIN)/postern-$(p))
	for l in $(SENDMAIL_NAMES:%=$(SBIN)/%) $(SENDMAIL_LINKS); do \
		case "$$(readlink $(DESTDIR)$$l)" in \
		postern-sendmail | $(SBIN)/postern-sendmail) $(RM) $(DESTDIR)$$l ;; esac; done
	$(RM) $(foreach p,$(LIBEXEC_PROGRAMS),$(DESTDIR)$(LIBEXEC)/postern-$(p))
	$(RM) $(foreach m,$(MAN_PAGES),$(DESTDIR)$(MAN)/man8/postern-$(m))
	$(RM) $(foreach u,$(UNIT_FILES),$(DESTDIR)$(UNITS)/$(u))
	$(RM) $(DESTDIR)$(SYSUSERS)/postern.conf $(DESTDIR)$(TMPFILES)/postern.conf
	-rmdir $(DESTDIR)$(LIBEXEC) 2>/dev/null
	@echo 'kept: $(DESTDIR)$(CONTROL) (control files), $(DESTDIR)$(QUEUE) (mail)'
	@echo 'and the users postern, postern-in, -tls, -auth and -oauth2'

#: run         a private postern on 127.0.0.1:2525, shown at work (ONCE=1, SMARTHOST=host:port)
run:
	@tests/demo/run

#: format      clang-format over every source file
format:
	clang-format -i $(SOURCES) $(wildcard bin/*.c lib/*/*.h control/*.h queue/*.h tests/*/*.c)

#: clean       removes build/
clean:
	$(RM) -r build

#: help        this list
help:
	@sed -n 's/^#: //p' Makefile

FORCE:

.PHONY: proof instructions testssl plain-paths authtiming all bench check check-build check-quick fuzz fuzz-short fuzz-corpus fuzz-build asan format clean help install sendmail-links uninstall run packages packages-run FORCE

-include $(shell find $(B) $(F) -type f -name '*.d' 2>/dev/null)

#: packages    names the Debian packages that build and tests need
packages:
	@echo $(PACKAGES_BUILD) $(PACKAGES_CHECK)

# What `make run` needs.
packages-run:
	@echo $(PACKAGES_BUILD) systemd
