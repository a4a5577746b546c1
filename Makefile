# SPDX-License-Identifier: AGPL-3.0-or-later
# GNU make. `make help` lists what can be asked. Sources are found by place: adding a file never needs a change here.
#   src/**/x.c         the library, one archive       src/main/*.c         the program beffroi
#   src/**/x_test.c    one test program each (tests/**/x_test.c too)
#   tests/support/*.c  what tests share               tests/fuzz/fuzz_x.c  one fuzzer each
#   src/**/x.sql, **/x.html, **/x.kind.yaml, po/*/*.po, web/*   turned into C under build/gen by the host tools tools/mk*.c
MAKEFLAGS += --no-builtin-rules --no-print-directory
.SUFFIXES:
.DELETE_ON_ERROR:
.DEFAULT_GOAL := debug
V ?= debug
B := build/$(V)
Q := $(if $(VERBOSE),,@)

# ---- sources ----------------------------------------------------------------------------------------------------
ALL_C    := $(sort $(shell find src -name '*.c'))
TEST_C   := $(filter %_test.c,$(ALL_C)) $(sort $(shell find tests -name '*_test.c' 2>/dev/null))
MAIN_C   := $(if $(ONLY),,$(wildcard src/main/*.c))
LIB_C    := $(filter-out $(TEST_C) $(MAIN_C),$(ALL_C))
ifdef ONLY # while another floor does not build: make t N=store/db ONLY="base store"
LIB_C    := $(filter $(foreach d,$(ONLY),src/$(d)/%),$(LIB_C))
endif
SUPPORT_C := $(wildcard tests/support/*.c)
FUZZ_C   := $(wildcard tests/fuzz/fuzz_*.c)
MAKER_C  := $(wildcard tests/generate/*.c)
TOOL_C   := $(wildcard tools/*.c)
SQL      := $(sort $(shell find src -name '*.sql' ! -path '*/migrations/*'))
MIGRATIONS := $(sort $(shell find src -path '*/migrations/*.sql'))
HTML     := $(sort $(shell find src -name '*.html'))
KINDS    := $(sort $(shell find src towns -name '*.kind.yaml' -o -name '*.list.yaml' -o -path 'src/core/asks.yaml'))
PO       := $(sort $(wildcard po/fr/*.po po/en/*.po))
LEAFLET  := /usr/share/javascript/leaflet
ASSETS   := $(shell find web -type f ! -name '.*' ! -name '*.md' 2>/dev/null | LC_ALL=C sort)
LEAFLET_FILES := $(wildcard $(LEAFLET)/leaflet.min.js $(LEAFLET)/leaflet.css $(LEAFLET)/images/*.png)

# ---- compilers and flags ----------------------------------------------------------------------------------------
CCACHE   := $(shell command -v ccache)
GCC      ?= gcc
CLANG    ?= clang
COMPILER := $(if $(filter fuzz clang,$(V)),$(CLANG),$(GCC))
CC       := $(CCACHE) $(COMPILER)
WARN := -Wall -Wextra -Wshadow -Wconversion -Wvla -Wformat=2 -Wstrict-prototypes -Wmissing-prototypes -Wpointer-arith \
        -Wno-unused-parameter -Wno-missing-field-initializers -Werror
PKGS := libmicrohttpd sqlite3 libpq jansson yaml-0.1 md4c md4c-html gumbo libsodium libcurl icu-i18n icu-uc libseccomp \
        zlib libbrotlienc libbrotlidec vips libmagic libzip libxml-2.0 pangocairo fontconfig libqrencode
# Asked once, kept until packages change.
-include build/packages.mk
build/packages.mk: packages.txt Makefile
	$(Q)mkdir -p $(@D); for p in $(PKGS); do pkg-config --exists $$p && l="$$l $$p" || echo "missing: $$p" >&2; done; \
	  { echo "PKGS_CFLAGS := $$(pkg-config --cflags $$l | sed "s, -I, -isystem ,g")"; echo "PKGS_LIBS := $$(pkg-config --libs $$l)"; } > $@

SAN_debug   := -fsanitize=address,undefined -fno-sanitize-recover=undefined
SAN_clang   := $(SAN_debug)
SAN_tsan    := -fsanitize=thread
SAN_fuzz    := -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=undefined
SAN         := $(SAN_$(V))
OPT_debug   := -O1 -g -fno-omit-frame-pointer -DBEFFROI_DEBUG
OPT_clang   := $(OPT_debug)
OPT_tsan    := -O1 -g -fno-omit-frame-pointer -DBEFFROI_DEBUG
OPT_fuzz    := -O1 -g -fno-omit-frame-pointer -DBEFFROI_DEBUG -DBEFFROI_FUZZ
OPT_release := -O3 -g1 -D_FORTIFY_SOURCE=2 -fstack-protector-strong -fstack-clash-protection -fcf-protection -fno-plt
HARDEN      := -fPIE
LINK        := -pie -Wl,--as-needed -Wl,-z,relro,-z,now -Wl,-z,noexecstack $(SAN)
BASE_FLAGS  := -std=gnu11 -ffp-contract=off -D_GNU_SOURCE -Isrc -Ibuild/gen -include base/banned.h $(WARN)
CFLAGS      := $(BASE_FLAGS) $(OPT_$(V)) $(SAN) $(HARDEN) $(PKGS_CFLAGS)
LIBS        := $(PKGS_LIBS) -lcsv -lm -lpthread

# ---- generated code: a tool that is not there yet skips its step ------------------------------------------------
has       = $(if $(wildcard tools/$(1).c),$(2))
G         := build/gen/gen
SQL_C     := $(call has,mksql,$(SQL:src/%=$(G)/sql/%.c))
MIGR_C    := $(call has,mksql,$(G)/migrations.c)
HTML_C    := $(call has,mktpl,$(HTML:src/%=$(G)/html/%.c))
WORDS_C   := $(call has,mkwords,$(if $(PO),$(G)/words.c))
KINDS_C   := $(call has,mkkind,$(G)/kinds.c)
ASSETS_C  := $(call has,mkassets,$(G)/assets.c)
GEN_C     := $(SQL_C) $(MIGR_C) $(HTML_C) $(WORDS_C) $(KINDS_C) $(ASSETS_C)
T         := build/tools

$(G)/sql/%.sql.c: src/%.sql $(T)/mksql
	$(Q)mkdir -p $(@D); echo "  SQL    $<"; $(T)/mksql $< $(@:.c=.h) $@
$(G)/migrations.c: $(MIGRATIONS) $(SQL) $(T)/mksql
	$(Q)mkdir -p $(@D); echo "  SQL    $@"; $(T)/mksql -m $@ $(MIGRATIONS) -- $(SQL)
$(G)/html/%.html.c: src/%.html $(T)/mktpl
	$(Q)mkdir -p $(@D); echo "  HTML   $<"; $(T)/mktpl $< $(@:.c=.h) $@
$(G)/words.c: $(PO) $(T)/mkwords $(ALL_C) tools/mktpl.c $(HTML)
	$(Q)mkdir -p $(@D); echo "  WORDS  $@"; $(T)/mkwords $@.new $(PO) -- $(ALL_C) tools/mktpl.c $(HTML) && \
	  if cmp -s $@.new $@; then rm $@.new; touch $@; else mv $@.new $@; fi
$(G)/kinds.c: $(KINDS) $(T)/mkkind
	$(Q)mkdir -p $(@D); echo "  KINDS  $@"; $(T)/mkkind $@ $(@:.c=.h) $(KINDS)
$(G)/assets.c: $(ASSETS) $(LEAFLET_FILES) $(T)/mkassets
	$(Q)mkdir -p $(@D); echo "  ASSETS $@"; $(T)/mkassets $@ $(foreach f,$(ASSETS),$(f:web/%=%)=$(f)) $(foreach f,$(LEAFLET_FILES),$(f:$(LEAFLET)/%=leaflet/%)=$(f))

# The source that the program hands out (AGPL §13): the repository, without what is built, installed or filled in it.
SOURCE_TREE := $(wildcard src tools web po towns tests bench docs debian LICENSES .ci .clang-format .clang-tidy .gitignore Makefile README.md REUSE.toml check run packages.txt)
SOURCE_FILES = $(shell find $(SOURCE_TREE) \( -name node_modules -o -name .lock -o -path tests/output \) -prune -o -type f -print | LC_ALL=C sort)
$(G)/source.tar.gz: $(SOURCE_FILES)
	$(Q)mkdir -p $(@D); echo "  TAR    $@"; tar --mtime=@0 --owner=0 --group=0 --numeric-owner --transform 's,^,beffroi/,' -cf - $(SOURCE_FILES) | gzip -9n > $@
$(B)/obj/src/site/source.o build/lint/src/site/source.clang build/lint/src/site/source.tidy: $(G)/source.tar.gz

# A header is made with its .c.
$(G)/%.h: $(G)/%.c ;

# Host tools: plain programs with base linked in, no sanitizers, so that they start fast. A change of base alone does not remake them.
TOOL_BASE := $(filter-out src/base/words.c src/base/said.c src/base/quantity.c %_test.c,$(wildcard src/base/*.c))
tool_pkgs = $(shell pkg-config --cflags --libs libsodium sqlite3 yaml-0.1 zlib libbrotlienc jansson 2>/dev/null)
$(T)/mksql: $(wildcard tools/mksql/*)
$(T)/mktpl: $(wildcard tools/mktpl/*)
$(T)/mkkind: src/formats/yaml.c src/formats/json.c src/formats/json_write.c src/formats/marks.c
$(T)/%: tools/%.c $(wildcard tools/*.h) | $(TOOL_BASE)
	$(Q)mkdir -p $(@D); echo "  TOOL   $<"; $(CCACHE) $(GCC) $(BASE_FLAGS) -Itools -O1 -g -o $@ $< $(filter tools/$*/%.c src/formats/%.c,$^) $(TOOL_BASE) -Wl,--as-needed $(tool_pkgs) -lgettextpo -lm -lpthread

# ---- objects, library, programs ---------------------------------------------------------------------------------
space := $(subst ,, )
obj = $(patsubst %.c,$(B)/obj/%.o,$(1))
LIB      := $(B)/libbeffroi$(subst $(space),-,$(ONLY)).a
SUPPORT  := $(if $(SUPPORT_C),$(B)/libsupport.a)
TESTS    := $(patsubst src/%_test.c,$(B)/tests/%,$(filter src/%,$(TEST_C))) $(patsubst tests/%_test.c,$(B)/tests/%,$(filter tests/%,$(TEST_C)))
BENCHES  := $(patsubst bench/%_bench.c,$(B)/bench/%,$(wildcard bench/*_bench.c))
MAKERS   := $(MAKER_C:tests/generate/%.c=$(B)/generate/%)
FUZZERS  := $(FUZZ_C:tests/fuzz/fuzz_%.c=$(B)/fuzz/%)
PROGRAMS := $(if $(MAIN_C),$(B)/beffroi)

# Recompiles when the flags change.
$(B)/flags: FORCE
	$(Q)mkdir -p $(@D); echo '$(subst ','\'',$(CC) $(CFLAGS))' | cmp -s - $@ || echo '$(subst ','\'',$(CC) $(CFLAGS))' > $@
# Only tests know where the sources are: the rest compiles alike in every checkout.
SOURCE_DIR := -DBEFFROI_SOURCE_DIR='"$(CURDIR)"'
$(call obj,$(TEST_C) $(SUPPORT_C) $(MAKER_C) $(wildcard bench/*_bench.c)): private CFLAGS += -Itests/support $(SOURCE_DIR)
$(B)/obj/%.o: %.c $(B)/flags | $(GEN_C)
	$(Q)mkdir -p $(@D); echo "  CC     $<"; $(CC) $(CFLAGS) -MMD -MP -c -o $@ $<
$(LIB): $(call obj,$(LIB_C) $(GEN_C))
	$(Q)rm -f $@; ar rcs $@ $^
$(SUPPORT): $(call obj,$(SUPPORT_C))
	$(Q)rm -f $@; ar rcs $@ $^
$(B)/beffroi: $(call obj,$(MAIN_C)) $(LIB)
	$(Q)echo "  LINK   $@"; $(CC) -o $@ $^ $(LINK) $(LIBS)
$(B)/tests/%: $(B)/obj/src/%_test.o $(SUPPORT) $(LIB)
	$(Q)mkdir -p $(@D); echo "  LINK   $@"; $(CC) -o $@ $^ $(LIB) $(LINK) $(LIBS) -lcmocka
$(B)/tests/%: $(B)/obj/tests/%_test.o $(SUPPORT) $(LIB)
	$(Q)mkdir -p $(@D); echo "  LINK   $@"; $(CC) -o $@ $^ $(LIB) $(LINK) $(LIBS) -lcmocka
$(B)/bench/%: $(B)/obj/bench/%_bench.o $(SUPPORT) $(LIB)
	$(Q)mkdir -p $(@D); echo "  LINK   $@"; $(CC) -o $@ $^ $(LIB) $(LINK) $(LIBS) -lcmocka
$(B)/generate/%: $(B)/obj/tests/generate/%.o $(SUPPORT) $(LIB)
	$(Q)mkdir -p $(@D); echo "  LINK   $@"; $(CC) -o $@ $^ $(LIB) $(LINK) $(LIBS) -lcmocka
$(B)/fuzz/%: $(B)/obj/tests/fuzz/fuzz_%.o $(LIB)
	$(Q)mkdir -p $(@D); echo "  LINK   $@"; $(CC) -o $@ $^ $(LINK) -fsanitize=fuzzer $(LIBS)
-include $(shell find $(B)/obj -name '*.d' 2>/dev/null)

# ---- what can be asked ------------------------------------------------------------------------------------------
.PHONY: FORCE help territory debug release makers tests test test-release t clean gen
PROCESS_TESTS = $(basename $(notdir $(patsubst %_test.c,%.c,$(wildcard src/process/*_test.c))))
.SECONDARY:
all: $(LIB) $(PROGRAMS)
debug: ## build/debug/beffroi, with address and undefined-behaviour sanitizers (the default)
	$(Q)$(MAKE) V=debug all
release: ## build/release/beffroi, optimised and hardened
	$(Q)$(MAKE) V=release all
gen: $(GEN_C) ## only the generated C under build/gen
makers: $(MAKERS) ## programs that make test data: build/debug/generate/descriptors --seed 1 --count 500 -o DIR
tests: all $(TESTS) $(BENCHES) ## build every test program, and those of the bench
test: tests ## run every test (SQLite; PostgreSQL too when BEFFROI_TEST_PG is set)
	$(Q)tools/run-tests $(B) $(TESTS)
test-release: ## what only counts without sanitizers: the sandbox and the processes in it
	$(Q)$(MAKE) V=release all $(addprefix build/release/tests/process/,$(PROCESS_TESTS)) && tools/run-tests build/release $(addprefix build/release/tests/process/,$(PROCESS_TESTS))
t: all $(B)/tests/$(N) ## one test program: make t N=core/record
	$(Q)$(B)/tests/$(N)
territory: ## the data package of the territory (communes, EPCI; OUTLINES=DIR of GeoJSON files adds outlines), in build/territory
	$(Q)tools/territory/make build/territory
clean: ## remove build/
	rm -rf build
help: ## this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 16

# ---- rules of the house, linters, long tests -------------------------------------------------------------------
.PHONY: rules-differential descriptors-api faults floors sizes banned licence house lint lint-short tsan fuzz fuzz-all bench tenants-bench crash deb deb-test fresh format
floors: $(T)/check_house ## includes go down, services never meet
	$(Q)$(T)/check_house floors
sizes: $(T)/check_house ## files, functions and headers that are too long; prints the longest
	$(Q)$(T)/check_house sizes
house: $(T)/check_house ## floors, sizes, banned calls, licence lines
	$(Q)$(T)/check_house all

# Each linter leaves a mark by file, so that only what changed is read again.
LINT_C  := $(filter-out %_test.c,$(ALL_C))
LINT_FLAGS = $(BASE_FLAGS) $(SOURCE_DIR) -O1 -g -DBEFFROI_DEBUG $(PKGS_CFLAGS) -Itests/support
build/lint/%.clang: %.c | $(GEN_C)
	$(Q)mkdir -p $(@D); echo "  CLANG  $<"; $(CLANG) $(LINT_FLAGS) -fsyntax-only -MMD -MT $@ -MF $@.d $< && touch $@
build/lint/%.tidy: %.c .clang-tidy | $(GEN_C)
	$(Q)mkdir -p $(@D); echo "  TIDY   $<"; out=$$(clang-tidy --quiet $< -- $(LINT_FLAGS) 2>/dev/null) && touch $@ || { echo "$$out"; exit 1; }
build/lint/cppcheck: $(LINT_C) $(wildcard src/*/*.h src/*/*/*.h)
	$(Q)mkdir -p build/lint/cppcheck-work; echo "  CPPCHECK"; cppcheck -j2 --quiet --std=c11 --enable=warning,performance,portability --inline-suppr \
	  --error-exitcode=1 --cppcheck-build-dir=build/lint/cppcheck-work --suppress=missingInclude --suppress=unknownMacro \
	  --suppress=nullPointerRedundantCheck --suppress=normalCheckLevelMaxBranches --suppress=varFuncNullUB --suppress=overlappingWriteUnion --suppress=returnDanglingLifetime --suppress=ctuuninitvar --suppress=internalAstError --suppress=autoVariables --suppress=nullPointerArithmeticRedundantCheck -Isrc -Ibuild/gen -D__GNUC__=12 -DBEFFROI_SOURCE_DIR='""' $(LINT_C) && touch $@
-include $(shell find build/lint -name '*.d' 2>/dev/null)
lint-short: $(patsubst %.c,build/lint/%.clang,$(ALL_C) $(SUPPORT_C) $(TOOL_C)) build/lint/cppcheck ## clang's warnings as errors, cppcheck
lint: lint-short $(patsubst %.c,build/lint/%.tidy,$(LINT_C)) ## and gcc's on the optimised build, clang-tidy
	$(Q)$(MAKE) V=release tests
tsan: ## every test under the thread sanitizer, and a whole server under load
	$(Q)$(MAKE) V=tsan test && BUILDS=tsan tests/scripts/parent_test.sh
fuzz: ## one fuzzer: make fuzz P=csv SECONDS=600 (CORPUS="folders" of other inputs to begin with)
	$(Q)$(MAKE) V=fuzz build/fuzz/fuzz/$(P) && CORPUS="$(CORPUS)" tools/run-fuzz $(or $(SECONDS),60) build/fuzz/fuzz/$(P)
fuzz-all: ## every fuzzer, SECONDS (60) each
	$(Q)$(MAKE) V=fuzz $(FUZZ_C:tests/fuzz/fuzz_%.c=build/fuzz/fuzz/%) && tools/run-fuzz $(or $(SECONDS),60) $(FUZZ_C:tests/fuzz/fuzz_%.c=build/fuzz/fuzz/%)
bench: release ## the figures, printed and written to build/bench.json
	$(Q)bench/run
rules-differential: release ## the rule engine beside the reference (npm) on COUNT (1000) random bases, SEED printed
	$(Q)tests/rules/install && node tests/rules/differential.mjs build/release/beffroi --count $(or $(COUNT),1000) $(if $(SEED),--seed $(SEED)) tests/rules/cases/*.yaml
tenants-bench: release ## one town of 300 restored while the others are served: how long, and what the others wait (TENANTS=, DOSSIERS=)
	$(Q)bench/run bench/tenants.part
crash: release ## kill -9 under load, TIMES (200) times on SQLite, a quarter on PostgreSQL, which crashes too: nothing acknowledged is lost
	$(Q)tests/crash/run $(or $(TIMES),200)
faults: release ## full disk, read-only database, PostgreSQL away, through pages under load (root)
	$(Q)tests/crash/faults
descriptors-api: release makers ## 500 made-up procedures imported, published, and filed by API from their schema alone (COUNT=, SEED=)
	$(Q)ONLY_DESCRIPTORS=1 BIN=build/release/beffroi COUNT=$(or $(COUNT),500) SEED=$(or $(SEED),1) tests/scripts/api_test.sh
deb: build/deb/stamp ## build/deb/beffroi_VERSION_ARCH.deb, built by debhelper from a copy of the source
build/deb/stamp: $(G)/source.tar.gz $(wildcard build/territory)
	$(Q)debian/build build/deb && touch $@
deb-test: ## that package in a minimal Debian 12 with systemd: install, upgrade, roll back, purge, first procedure (root)
	$(Q)tests/package && tests/first-hour
fresh: ## ./run then ./check in a minimal Debian 12 of its own (root)
	$(Q)tests/fresh
format: ## clang-format on the C files changed since origin/main
	$(Q)git diff --name-only --diff-filter=d origin/main -- '*.c' '*.h' | xargs -r clang-format -i
