# Every target sets up what it needs: system packages (.ci/setup), a virtual environment in
# $(VENV) with the pinned tools of tests/requirements.txt, and the project installed into it.

PYTHON ?= python3
VENV ?= .venv
BUILD ?= build
FUZZ_SECONDS ?= 60
ARCHITECTURES ?=
SEED ?=
SIGNATURES ?= 20000
COUNT ?= 900
RECORDS ?= 100000
# Tests run side by side; -n 0 runs them one after the other.
PYTEST_ARGS ?= -n logical --dist worksteal

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.NOTPARALLEL:
.PHONY: help setup build demo test test-c test-python test-package mutate bench lint format sanitize fuzz valgrind \
        torture cross test-peers wheel clean distclean

pyver := $(shell $(PYTHON) -c 'import sys; print("%d.%d" % sys.version_info[:2])' 2>/dev/null)
venv := $(abspath $(VENV))
build := $(abspath $(BUILD))
in_venv := env PATH="$(venv)/bin:$$PATH" PIP_DISABLE_PIP_VERSION_CHECK=1

# Stamps: the machine is fit, the environment is complete, the project is installed in it.
system := $(build)/.system-$(pyver)
environment := $(venv)/.environment-$(pyver)
installed := $(venv)/.installed-$(pyver)

sources := meson.build meson.options pyproject.toml $(shell find libcore bridge python \
    -type f -not -name '*.py[cod]' -not -path '*/tests/*' -not -path '*/fuzz/*' 2>/dev/null)
wheel_tree := $(build)/wheel-$(pyver)

# tree DIRECTORY,OPTIONS: configure a build directory once; ninja keeps it current after that
tree = test -f $(1)/build.ninja || $(in_venv) meson setup $(1) $(2)

help: ## show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' Makefile
	@echo "Variables: PYTHON=$(PYTHON) VENV=$(VENV) BUILD=$(BUILD) FUZZ_SECONDS=$(FUZZ_SECONDS) PYTEST_ARGS="

setup: $(environment) ## install what is missing on the machine and in $(VENV)

build: $(installed) ## build everything and install it into $(VENV)

demo: $(installed) ## run the tour of the features
	@$(in_venv) python examples/tour.py

test: test-c test-python ## run every test, C and Python

test-c: $(environment) ## run the C tests, and libcore's again, built alone with meson and with make
	$(call tree,$(build)/c,-Dpython=disabled)
	$(in_venv) meson test -C $(build)/c --print-errorlogs
	$(call tree,$(build)/libcore,libcore)
	$(in_venv) meson test -C $(build)/libcore --print-errorlogs
	$(MAKE) --silent --no-print-directory -C libcore BUILD=$(build)/libcore-make check

test-python: $(installed) ## run the Python tests
	$(in_venv) python -m pytest $(PYTEST_ARGS)

test-peers: $(installed) ## run the test suites of cffi, and of packages that use it, against symbridge.cffi
	.ci/setup $(PYTHON) build peers
	$(in_venv) python -m pip install --quiet -r tests/peers/requirements.txt
	$(in_venv) python tests/peers/run.py --directory $(build)/peers-$(pyver)

test-package: $(installed) ## build one wheel of examples/package and use it in every CPython found here
	.ci/setup $(PYTHON) build tools
	$(in_venv) python -m tests.interpreters $(build)/wheels
	$(in_venv) SYMBRIDGE_WHEELS=$(build)/wheels python -m pytest $(PYTEST_ARGS) \
	    tests/test_build_backend.py

mutate: $(installed) ## change descriptions, one thing at a time, COUNT times: check must see it
	.ci/setup $(PYTHON) build tools
	$(in_venv) python -m tests.mutate --count $(COUNT) $(if $(SEED),--seed $(SEED))

bench: $(installed) ## measure against a hand-written extension, cffi and ctypes
	$(in_venv) python bench/run.py
	$(in_venv) python bench/load.py
	.ci/setup $(PYTHON) build tools
	$(in_venv) python bench/tools.py

lint: $(environment) ## warnings as errors under gcc and clang, clang-tidy, ruff, mypy
	.ci/setup $(PYTHON) build lint
	$(call tree,$(build)/lint-gcc-$(pyver),-Dwerror=true)
	$(in_venv) meson compile -C $(build)/lint-gcc-$(pyver)
	export CC=clang; $(call tree,$(build)/lint-clang-$(pyver),-Dwerror=true)
	$(in_venv) meson compile -C $(build)/lint-clang-$(pyver)
	find libcore/src bridge/engine bridge/cpython -name '*.c' -not -path '*/tests/*' \
	    -not -path '*/fuzz/*' -print0 | \
	    xargs -0 -n 1 -P "$$(nproc)" clang-tidy --quiet -p $(build)/lint-clang-$(pyver)
	$(in_venv) ruff check
	$(in_venv) ruff format --check
	$(in_venv) mypy

format: $(environment) ## format the Python sources
	$(in_venv) ruff check --fix
	$(in_venv) ruff format

sanitizers := -Db_sanitize=address,undefined -Db_lundef=false \
    -Dc_args='-fno-sanitize-recover=undefined -fno-omit-frame-pointer'
sanitize_tree := $(build)/sanitize-$(pyver)
sanitize_site := $(sanitize_tree)/site
# pytest captures what an aborting process says last; a file keeps it.
sanitize_report := $(sanitize_tree)/report

sanitize: $(environment) ## run the C and Python tests under ASan and UBSan
	.ci/setup $(PYTHON) build sanitize
	$(call tree,$(sanitize_tree),$(sanitizers) -Dpython=enabled \
	    -Dpython.platlibdir=$(sanitize_site) -Dpython.purelibdir=$(sanitize_site))
	$(in_venv) UBSAN_OPTIONS=print_stacktrace=1 meson test -C $(sanitize_tree) --print-errorlogs
	$(in_venv) meson install -C $(sanitize_tree) --quiet --tags python-runtime
	rm -f $(sanitize_report).*
	$(in_venv) PYTHONPATH=$(sanitize_site) PYTHONMALLOC=malloc SB_SANITIZED=1 \
	    UBSAN_OPTIONS=print_stacktrace=1:log_path=$(sanitize_report) \
	    ASAN_OPTIONS=detect_leaks=0:allocator_may_return_null=1:quarantine_size_mb=16:log_path=$(sanitize_report) \
	    LD_PRELOAD="$$($${CC:-cc} -print-file-name=libasan.so) $$($${CC:-cc} -print-file-name=libstdc++.so.6)" \
	    python -m pytest $(PYTEST_ARGS) || { cat $(sanitize_report).* 2>/dev/null; exit 1; }

fuzz: $(environment) ## run each fuzz target for FUZZ_SECONDS
	.ci/setup $(PYTHON) build fuzz
	export CC=clang; $(call tree,$(build)/fuzz,-Dfuzz=true -Dpython=disabled -Dtests=false $(sanitizers))
	$(in_venv) meson compile -C $(build)/fuzz
	set -e; for source in bridge/engine/fuzz/*.c; do \
	    name=$$(basename $$source .c); \
	    corpus=corpus/$${name#fuzz_}; \
	    grown=$(build)/fuzz/$$corpus; \
	    mkdir -p $$grown; \
	    echo "fuzzing $$name for $(FUZZ_SECONDS) s"; \
	    $(build)/fuzz/bridge/engine/fuzz/$$name -max_total_time=$(FUZZ_SECONDS) -timeout=10 \
	        -rss_limit_mb=2048 -verbosity=0 -print_final_stats=1 \
	        -artifact_prefix=$(build)/fuzz/ $$grown bridge/engine/fuzz/$$corpus; \
	done

torture: $(environment) ## SIGNATURES random function types and RECORDS structs against gcc and clang
	.ci/setup $(PYTHON) build torture
	$(call tree,$(build)/c,-Dpython=disabled)
	$(in_venv) meson compile -C $(build)/c torture_calls torture_layouts
	$(in_venv) python -m tests.torture run --drivers $(build)/c/bridge/engine/torture \
	    --signatures $(SIGNATURES) --records $(RECORDS) $(if $(SEED),--seed $(SEED))

cross: $(environment) ## run the C and torture tests on other ARCHITECTURES, under qemu
	ARCHITECTURES="$(ARCHITECTURES)" .ci/setup $(PYTHON) build cross
	$(in_venv) .ci/cross $(build)/cross $(ARCHITECTURES)

valgrind: $(environment) ## run the C tests under valgrind
	.ci/setup $(PYTHON) build valgrind
	$(call tree,$(build)/c,-Dpython=disabled)
	$(in_venv) meson test -C $(build)/c --print-errorlogs --timeout-multiplier 20 \
	    --wrap 'valgrind --quiet --leak-check=full --error-exitcode=1'

wheel: $(environment) ## build a wheel into dist/
	$(in_venv) pip wheel --no-build-isolation --no-deps --wheel-dir dist \
	    --config-settings=build-dir=$(wheel_tree) .

clean: ## remove what was built
	rm -rf $(build) dist .mypy_cache .ruff_cache .pytest_cache .hypothesis
	rm -f $(venv)/.installed-*

distclean: clean ## remove the virtual environment too
	test ! -f $(venv)/pyvenv.cfg || rm -rf $(venv)

$(system): .ci/setup
	@.ci/setup $(PYTHON) build
	@mkdir -p $(@D) && touch $@

# An environment made with another Python version is made anew; anything else is left alone.
$(environment): tests/requirements.txt | $(system)
	@if [ -e $(venv) ] && [ ! -f $(venv)/pyvenv.cfg ]; then \
	    echo "symbridge: $(venv) is not a virtual environment" >&2; exit 1; \
	fi
	@test -x $(venv)/bin/python$(pyver) -a -x $(venv)/bin/pip || $(PYTHON) -m venv --clear $(venv)
	$(in_venv) python -m pip install --quiet -r tests/requirements.txt
	@touch $@

$(installed): $(environment) $(sources)
	$(in_venv) python -m pip install --quiet --no-build-isolation --no-deps --force-reinstall \
	    --config-settings=build-dir=$(wheel_tree) .
	@touch $@
