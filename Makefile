# normlab. GNU targets: all check check-heavy reproduce claims install uninstall dist clean format.
# VARIANT=release|debug|san|tsan|fuzz|coverage builds side by side; a new file in src/ or tests/ needs no edit here.
# MARCH: the processors that a release is for. native: this one; x86-64-v3: any with AVX2; empty: whatever
# the compiler takes for granted. To cross-compile: scripts/check-aarch64.sh.
# make says a line a file; V=1 shows the commands, -s nothing.

VARIANT ?= release
BUILD   ?= build
PREFIX  ?= /usr/local
MARCH   ?= native
PKG_CONFIG ?= pkg-config
PYTHON  ?= $(firstword $(wildcard /usr/bin/python3) python3)

prefix     = $(PREFIX)
bindir     = $(prefix)/bin
datadir    = $(prefix)/share
includedir = $(prefix)/include
pkgdatadir = $(datadir)/normlab
zshdir     = $(datadir)/zsh/site-functions

ifeq ($(origin CC),default)
CC := gcc
endif

# `$(call say,compile,$<)` in front of a command: a line in its place.
silent = $(findstring s,$(firstword -$(MAKEFLAGS)))
say    = $(if $(filter-out 0,$(V)),,@$(if $(silent),,echo '$(1) $(2)';))

ifeq ($(VARIANT),release)
OPTIMIZE = -O3 $(if $(MARCH),-march=$(MARCH)) -g
PROGRAM  = $(BUILD)/normlab
else ifeq ($(VARIANT),debug)
OPTIMIZE = -O1 -g3 -fno-omit-frame-pointer
else ifeq ($(VARIANT),san)
OPTIMIZE = -O1 -g3 -fno-omit-frame-pointer -fsanitize=address,undefined -fno-sanitize-recover=undefined
else ifeq ($(VARIANT),tsan)
CC       := clang
OPTIMIZE = -O1 -g3 -fno-omit-frame-pointer -fsanitize=thread
else ifeq ($(VARIANT),fuzz)
CC       := clang
WATCHED  = -O1 -g -fno-omit-frame-pointer -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=undefined
OPTIMIZE = $(WATCHED)
else ifeq ($(VARIANT),coverage)
OPTIMIZE = -O1 -g --coverage
else
$(error VARIANT is release, debug, san, tsan, fuzz or coverage, not '$(VARIANT)')
endif
PROGRAM ?= $(BUILD)/$(VARIANT)/normlab
OBJ      = $(BUILD)/$(VARIANT)/obj
TESTS    = $(BUILD)/$(VARIANT)/normlab-tests

# Fused multiply-add; no error numbers and no traps, of which nothing makes use and which keep loops
# with roots or conditions from vectorizing. Values stay exact: NaN and infinity are what they are.
# fmax and fmin stay calls: where gcc 12 for aarch64 makes vectors of their loops, it crashes.
FLOAT = -ffp-contract=fast -fno-math-errno -fno-trapping-math -fno-builtin-fmax -fno-builtin-fmin

# No warning of how vectors are passed: they never are, all functions of vectors are inlined.
WARN = -Wall -Wextra -Wshadow -Wconversion -Wstrict-prototypes -Wmissing-prototypes -Wvla -Wundef -Wno-psabi

# What only pkg-config knows is asked for when something is compiled, not by `make clean` or `make check`
# on a machine where it is still to be installed.
PACKAGES      = hdf5 yaml-0.1 jansson zlib libxxhash
PKG_CFLAGS    = $(shell $(PKG_CONFIG) --cflags $(PACKAGES))
PKG_LIBS      = $(shell $(PKG_CONFIG) --libs hdf5) -lhdf5_hl -lhdf5 -lcsv $(shell $(PKG_CONFIG) --libs yaml-0.1 jansson zlib libxxhash)

# CFLAGS and CPPFLAGS stay the caller's: a make within hands on what it finds in them, and all of it would count twice.
ALL_CPPFLAGS  = $(CPPFLAGS) -Isrc -I$(BUILD) -D_XOPEN_SOURCE=700 -MMD -MP
ALL_CFLAGS    = $(CFLAGS) -std=c17 $(WARN) $(OPTIMIZE) $(FLOAT) -fopenmp
LIBS          = $(PKG_LIBS) -lm -lpthread -ldl
# STATIC=1: of shared libraries the program needs those of the C library alone. libsz and libaec are HDF5's.
ifeq ($(STATIC),1)
LIBS = -static-libgcc -Wl,--as-needed -Wl,-Bstatic $(PKG_LIBS) -lsz -laec -lgomp -Wl,-Bdynamic -lm -lpthread -ldl
endif
# What shared objects with normalizers may call.
EXPORTS            = -Wl,--dynamic-list=src/engine/norm/plugin.symbols

SRC       = $(wildcard src/*/*.c src/*/*/*.c)
TEST_SRC  = $(filter-out tests/fuzz/%,$(wildcard tests/*.c tests/*/*.c tests/*/*/*.c))
FUZZ_SRC  = $(wildcard tests/fuzz/*.c)
LIB_OBJ   = $(patsubst src/%.c,$(OBJ)/%.o,$(filter-out src/cli/main.c,$(SRC)))
MAIN_OBJ  = $(OBJ)/cli/main.o
TEST_OBJ  = $(patsubst tests/%.c,$(OBJ)/tests/%.o,$(TEST_SRC))
FUZZ_OBJ  = $(patsubst tests/%.c,$(OBJ)/tests/%.o,$(FUZZ_SRC))

# What the author of a plugin includes, <normlab/plugin.h>: one file, made of ours.
PLUGIN_HEADER = $(BUILD)/include/normlab/plugin.h

# Pages of the manual: the program's, and one for each command.
MAN_PAGES = $(BUILD)/man/normlab.1 $(patsubst src/cli/cmd_%.c,$(BUILD)/man/normlab-%.1,$(wildcard src/cli/cmd_*.c))

.PHONY: all deps program tests check check-only reproduce parity install uninstall clean format format-check
all: program
program: $(PROGRAM) $(PLUGIN_HEADER)
tests: $(TESTS)

deps:
	@scripts/install-deps.sh

$(PROGRAM): $(LIB_OBJ) $(MAIN_OBJ) src/engine/norm/plugin.symbols
	$(call say,link,$@)$(CC) $(ALL_CFLAGS) $(LDFLAGS) $(EXPORTS) $(filter %.o,$^) $(LIBS) -o $@

$(TESTS): $(LIB_OBJ) $(TEST_OBJ) src/engine/norm/plugin.symbols
	$(call say,link,$@)$(CC) $(ALL_CFLAGS) $(LDFLAGS) $(EXPORTS) $(filter %.o,$^) -lcriterion $(LIBS) -o $@

# VARIANT=fuzz alone. Of the engine only its formats are read from files, and clang takes a quarter of an hour to instrument its vectors.
ifeq ($(VARIANT),fuzz)
$(OBJ)/engine/%.o: OPTIMIZE = -O1 -g $(if $(MARCH),-march=$(MARCH))
$(patsubst src/%.c,$(OBJ)/%.o,$(wildcard src/engine/format/*.c)) $(addprefix $(OBJ)/engine/data/,four_files.o four_arrays.o hdf5_datasets.o csv_files.o): OPTIMIZE = $(WATCHED)
endif
$(BUILD)/fuzz/normlab-fuzz: $(LIB_OBJ) $(FUZZ_OBJ) src/engine/norm/plugin.symbols
	$(call say,link,$@)$(CC) $(ALL_CFLAGS) -fsanitize=fuzzer $(LDFLAGS) $(EXPORTS) $(filter %.o,$^) $(LIBS) -o $@

$(OBJ)/%.o: src/%.c $(OBJ)/flags
	@mkdir -p $(@D)
	$(call say,compile,$<)$(CC) $(ALL_CPPFLAGS) $(PKG_CFLAGS) $(ALL_CFLAGS) -c $< -o $@

$(OBJ)/tests/%.o: tests/%.c $(OBJ)/flags
	@mkdir -p $(@D)
	$(call say,compile,$<)$(CC) $(ALL_CPPFLAGS) -I. $(PKG_CFLAGS) $(filter-out --coverage,$(ALL_CFLAGS)) -c $< -o $@

# They say that a processor is too old for the rest, so they must run on any.
$(addprefix $(OBJ)/cli/,main.o startup.o processor.o): override MARCH =

# `make install` after `make` compiles nothing, whatever its flags and whoever calls it: unless a source is newer than
# the program, neither flags nor commit are looked at again.
forced = force
ifeq ($(MAKECMDGOALS),install)
ifeq ($(shell find src -newer $(PROGRAM) 2>&1),)
forced =
endif
endif

# Which commit this was built from, for provenance; rewritten only on change.
$(OBJ)/io/version_info.o: $(BUILD)/version.h
$(OBJ)/io/version_info.o: override ALL_CPPFLAGS += -DBUILD_FLAGS='"$(OPTIMIZE) $(FLOAT)"'
$(BUILD)/version.h: $(forced)
	@scripts/version.sh $@

$(PLUGIN_HEADER): scripts/make-plugin-header.sh $(wildcard src/engine/norm/*.h src/base/*.h)
	@mkdir -p $(@D)
	$(call say,write,$@)scripts/make-plugin-header.sh >$@.new && mv $@.new $@

# Written by the program, which has the rows of options; COLUMNS: of lines that man does not break.
$(BUILD)/man/normlab%1: $(PROGRAM)
	@mkdir -p $(@D)
	$(call say,write,$@)COLUMNS=72 $(PROGRAM) help $(patsubst -%,%,$(basename $*)) --man >$@.new && mv $@.new $@

# Objects depend on the flags they were compiled with.
$(OBJ)/flags: $(forced)
	@mkdir -p $(@D)
	@echo '$(CC) $(ALL_CPPFLAGS) $(ALL_CFLAGS)' | cmp -s - $@ || echo '$(CC) $(ALL_CPPFLAGS) $(ALL_CFLAGS)' >$@
force:

# `make check` and `make reproduce` do all the set-up on a fresh Debian; the part after the set-up is a
# make of its own, so that what was just installed is found.
# check is quick (three minutes on two cores); check-heavy is everything else, see scripts/check-heavy.sh.
check: deps
	@$(MAKE) --no-print-directory $(if $(findstring -j,$(MAKEFLAGS)),,-j$(shell nproc)) check-only
check-only: program tests
	@$(MAKE) --no-print-directory layers
	@scripts/run-tests.sh $(TESTS)

.PHONY: check-heavy
check-heavy:
	@scripts/install-deps.sh --ci
	@scripts/check-heavy.sh

# `normlab submit` on a real Slurm of two nodes, and sweeps on several hosts, all here; started and stopped by the checks.
.PHONY: check-slurm
check-slurm: deps
	@scripts/install-deps.sh --cluster
	@$(MAKE) --no-print-directory program
	scripts/check-slurm.sh $(PROGRAM)
	scripts/check-hosts.sh $(PROGRAM)

# Breaks sweeps in every way that scripts/break.py knows, and looks whether anything is lost or wrong.
.PHONY: break fail_nth
break: deps
	@$(MAKE) --no-print-directory program fail_nth
	$(PYTHON) scripts/break.py --all --program $(PROGRAM) --library $(BUILD)/fail_nth.so
fail_nth: $(BUILD)/fail_nth.so
$(BUILD)/fail_nth.so: scripts/breaking/fail_nth.c
	@mkdir -p $(@D)
	$(CC) -O1 -g -Wall -Wextra -shared -fPIC $< -o $@

# What reads files and command lines is given inputs that a machine thinks up: FUZZ_SECONDS for each target.
FUZZ_SECONDS ?= 600
.PHONY: fuzz
fuzz:
	@scripts/fuzz.sh --seconds $(FUZZ_SECONDS)

# The rules of src/.
.PHONY: layers
layers:
	@scripts/check-layers.sh

reproduce: deps
	@$(MAKE) --no-print-directory reproduce-only
.PHONY: reproduce-only
reproduce-only: program
	$(PROGRAM) run experiments/small_batch.yaml
	$(PROGRAM) plot results/small_batch.h5 --out results/figures

# What follows from the tables of keys and fields.
.PHONY: pages
pages: program
	COLUMNS=80 $(PROGRAM) describe file >docs/experiment-file.md
	$(PROGRAM) describe --schema >experiments/schema.json

# Claims and papers, quickly (a quarter of an hour), in full (three hours) or in the papers' own sizes (days).
.PHONY: claims claims-full papers-full claims-quick-only claims-full-only claims-papers-only
claims: deps
	@$(MAKE) --no-print-directory claims-quick-only
claims-full: deps
	@$(MAKE) --no-print-directory claims-full-only
papers-full: deps
	@$(MAKE) --no-print-directory claims-papers-only
claims-quick-only claims-full-only claims-papers-only: claims-%-only: program
	NORMLAB=$(PROGRAM) scripts/claims.sh $*

# Speed, beside the limits of the machine; libopenblas0-serial and libdnnl2 are what sets those.
.PHONY: bench
bench: program
	$(PROGRAM) bench --sizes 784-100-100-100-10,784-1000-1000-10 --norm none,batch,layer \
	    --batch 2,4,16,64,256,1024

# A figure: the share of the processor's peak that a step reaches, against mini-batch size.
.PHONY: bench-share
bench-share: program
	mkdir -p results/bench
	$(PROGRAM) bench --sizes 784-100-100-100-10,784-1000-1000-10 --norm batch \
	    --batch 2,4,8,16,32,64,128,256,512,1024 --tsv >results/bench/share_of_peak.tsv
	gnuplot -c scripts/bench/share_of_peak.gp results/bench/share_of_peak.svg results/bench/share_of_peak.tsv

# Steps a second with every normalizer.
.PHONY: bench-normalizers
bench-normalizers: program
	$(PROGRAM) bench --sizes 784-100-100-100-10 --batch 4,64,256 \
	    --norm $$($(PROGRAM) list normalizers | awk 'NR > 1 { print $$1 }' | paste -sd ,)

# Steps a second by the number of threads, on whatever machine this is.
CORES = $(shell nproc)
.PHONY: bench-scaling
bench-scaling: program
	$(PROGRAM) bench --sizes 784-100-100-100-10,784-1000-1000-10 --norm batch --batch 2,64,256,1024 \
	    --threads $(shell for t in 1 2 4 8 16 32 64; do [ $$t -gt $(CORES) ] || printf "$${s}$$t"; s=,; done) --seconds 2

# A sweep at 1, 2, 4, ... runs at a time.
.PHONY: bench-jobs
bench-jobs: program
	$(PYTHON) scripts/bench_jobs.py --program $(PROGRAM) $(BENCH_OPTIONS)

# The same cells with PyTorch, in turns: about half an hour. BENCH_OPTIONS=--quick for a glance; --help tells more.
.PHONY: bench-torch
bench-torch: program
	$(PYTHON) scripts/bench_torch.py --program $(PROGRAM) $(BENCH_OPTIONS)

# The main job, cell by cell in turns with PyTorch: one ratio. Twenty minutes.
.PHONY: bench-job
bench-job: program
	$(PYTHON) scripts/bench_job.py --program $(PROGRAM) $(BENCH_OPTIONS)

# Many networks side by side as one batched product of PyTorch. BENCH_OPTIONS='--device cuda' on a GPU.
.PHONY: bench-batched
bench-batched: program
	$(PYTHON) scripts/bench_batched.py --program $(PROGRAM) $(BENCH_OPTIONS)

parity: deps
	@$(MAKE) --no-print-directory program
	scripts/parity.sh $(PROGRAM)

# `$(call files,FOLDER,FILES)`
files = $(call say,install,$(DESTDIR)$(1))install -D -m 644 -t $(DESTDIR)$(1) $(2)
install: program $(MAN_PAGES)
	$(call say,install,$(DESTDIR)$(bindir)/normlab)install -D -m 755 $(PROGRAM) $(DESTDIR)$(bindir)/normlab
	$(call files,$(pkgdatadir)/figures,$(wildcard scripts/figures/*))
	$(call files,$(pkgdatadir)/report,$(wildcard share/report/*))
	$(call files,$(pkgdatadir)/init,share/init/experiment.yaml)
	$(call files,$(pkgdatadir)/data,share/data/mlbench.R)
	$(call files,$(pkgdatadir)/slurm,$(wildcard share/slurm/*))
	$(call files,$(pkgdatadir)/completion/bash,share/completion/bash/normlab)
	$(call files,$(pkgdatadir)/completion/zsh,share/completion/zsh/_normlab)
	$(call files,$(pkgdatadir)/completion/fish,share/completion/fish/normlab.fish)
	$(call files,$(datadir)/bash-completion/completions,share/completion/bash/normlab)
	$(call files,$(zshdir),share/completion/zsh/_normlab)
	$(call files,$(datadir)/fish/vendor_completions.d,share/completion/fish/normlab.fish)
	$(call files,$(pkgdatadir)/python,share/python/normlab.py)
	$(call files,$(pkgdatadir)/schema,share/schema/output.json)
	$(call files,$(pkgdatadir)/experiments,$(wildcard experiments/*.yaml) experiments/schema.json)
	$(call files,$(pkgdatadir)/experiments/claims,$(wildcard experiments/claims/*.yaml))
	$(call files,$(pkgdatadir)/experiments/papers,$(wildcard experiments/papers/*.yaml))
	$(call files,$(datadir)/man/man1,$(MAN_PAGES))
	$(call files,$(includedir)/normlab,$(PLUGIN_HEADER))
uninstall:
	rm -f $(DESTDIR)$(bindir)/normlab $(DESTDIR)$(datadir)/bash-completion/completions/normlab \
	    $(DESTDIR)$(zshdir)/_normlab $(DESTDIR)$(datadir)/fish/vendor_completions.d/normlab.fish \
	    $(addprefix $(DESTDIR)$(datadir)/man/man1/,$(notdir $(MAN_PAGES)))
	rm -rf $(DESTDIR)$(pkgdatadir) $(DESTDIR)$(includedir)/normlab

# ---- what is given away ----

VERSION = $(shell scripts/version.sh)
NAME    = normlab-$(VERSION)

# The source of the commit that is checked out: the same bytes, whoever makes it.
.PHONY: dist
dist: $(BUILD)/$(NAME).tar.gz
$(BUILD)/$(NAME).tar.gz: force
	@mkdir -p $(@D)
	@git diff --quiet HEAD || echo 'make dist: what is not committed is left out' >&2
	$(call say,write,$@)git -c tar.umask=0022 archive --format=tar --prefix=$(NAME)/ -o $(@:.gz=) HEAD && gzip -9nf $(@:.gz=)

# A Debian package of it, in build/deb, as dpkg-buildpackage makes it: DEB_BUILD_OPTIONS=nocheck leaves out the tests.
.PHONY: deb
deb: dist
	rm -rf $(BUILD)/deb
	mkdir -p $(BUILD)/deb
	cp $(BUILD)/$(NAME).tar.gz $(BUILD)/deb/normlab_$(VERSION).orig.tar.gz
	tar -C $(BUILD)/deb -xzf $(BUILD)/$(NAME).tar.gz
	cp -r $(BUILD)/deb/$(NAME)/packaging/debian $(BUILD)/deb/$(NAME)/debian
	cd $(BUILD)/deb/$(NAME) && env -u MAKEFLAGS -u MFLAGS -u CC -u CFLAGS dpkg-buildpackage -us -uc

# The program for machines without root or Debian: a folder that may be moved, with all libraries but the C library's.
.PHONY: dist-binary
dist-binary:
	@MARCH=$(if $(filter native,$(MARCH)),,$(MARCH)) BUILD=$(BUILD) scripts/dist-binary.sh $(NAME)

# Source, package and binary, installed and run where nothing else is; as root.
.PHONY: check-package
check-package:
	@scripts/check-package.sh

clean:
	rm -rf $(BUILD)

FORMATTED = $(wildcard src/*/*.[ch] src/*/*/*.[ch] tests/*.[ch] tests/*/*.[ch] tests/*/*/*.[ch])
format:
	clang-format -i $(FORMATTED)
format-check:
	clang-format --dry-run -Werror $(FORMATTED)

-include $(wildcard $(OBJ)/*/*.d $(OBJ)/*/*/*.d $(OBJ)/tests/*/*/*.d)
