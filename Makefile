# All the project's tasks. `make` lists them.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

# The build folder, the time limit of the tests, and the options of the benchmark.
SCRATCH ?= .build
TEST_SECONDS_MAX ?= 2400
BENCH_OPTIONS ?=
# address or thread; needs a SCRATCH of its own, as `make sanitize` sets it.
SANITIZER ?=

# The default linker warns about each of the address sanitizer's symbols.
SANITIZED := $(if $(SANITIZER),--sanitize=$(SANITIZER) -Xswiftc -use-ld=lld)
SWIFT_BUILD := swift build --scratch-path $(SCRATCH) $(SANITIZED)
SWIFT_TEST := swift test --scratch-path $(SCRATCH) $(SANITIZED)
FORMATTED := Package.swift Sources Tests Benchmarks Examples
BUILD_PACKAGES := pkg-config librdkafka-dev libssl-dev libcurl4-openssl-dev libyaml-dev libjemalloc-dev libsqlite3-dev
BENCH_PACKAGES := nginx wrk openssl
TEST_PACKAGES := haproxy nginx openssl python3-venv zsh fish man-db groff
# Other implementations of HTTP, signed webhooks, CloudEvents and JSON Schema, in Python, that ours are compared with, and
# what the Python consumer in Examples needs.
READERS := h11==0.16.0 httptools==0.9.0 standardwebhooks==1.1.0 cloudevents==2.2.0 \
  $(shell cat Examples/PythonConsumer/requirements.txt)
PYTHON := $(abspath $(SCRATCH))/python/bin/python
# The site of docs/ and the Python environment that builds it.
SITE := $(abspath $(SCRATCH))/site
SITE_PYTHON := $(abspath $(SCRATCH))/site-python
SECONDS ?= 60

# $(call need,PACKAGES): installs the Debian packages that are missing. It does nothing when none is missing, and nothing on
# systems other than Debian. Servers among them are not started: Debian asks policy-rc.d first.
define need
	@command -v dpkg-query >/dev/null || exit 0; \
	missing=''; for name in $(1); do \
	  dpkg-query -W -f '$${Status}\n' $$name 2>/dev/null | grep -q 'ok installed' || missing+=" $$name"; \
	done; \
	[ -n "$$missing" ] || exit 0; \
	command -v apt-get >/dev/null || { echo "make: please install what Debian calls$$missing" >&2; exit 1; }; \
	echo "make: installing$$missing" >&2; \
	as_root=''; [ "$$(id -u)" = 0 ] || as_root=sudo; policy=/usr/sbin/policy-rc.d; \
	[ -e $$policy ] || { printf '#!/bin/sh\nexit 101\n' | $$as_root install -m 755 /dev/stdin $$policy && \
	  trap "$$as_root rm -f $$policy" EXIT; }; \
	{ $$as_root apt-get update -qq && \
	  $$as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $$missing >/dev/null; } || \
	  { echo "make: apt-get could not install$$missing" >&2; exit 1; }
endef

.PHONY: help
help:  ## Lists the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-15s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: demo
demo: packages  ## Shows everything on an embedded cluster, and ends by itself
	@$(SWIFT_BUILD) --product notion-relay
	@$(SCRATCH)/debug/notion-relay demo

.PHONY: run
run: packages  ## Runs an edge on an embedded cluster until Ctrl-C
	@$(SWIFT_BUILD) --product notion-relay
	@$(SCRATCH)/debug/notion-relay dev

.PHONY: build
build: packages  ## Builds everything, tests included, for debugging
	@$(SWIFT_BUILD) --build-tests

# A build folder of its own: the flag would make the benchmark's build start from scratch, and vice versa.
.PHONY: release
release: packages  ## Builds the program for release: optimized, Swift's libraries linked statically
	@swift build --scratch-path $(SCRATCH)/shipped -c release --static-swift-stdlib --product notion-relay
	@ls -lh $(SCRATCH)/shipped/release/notion-relay

# $(call run_tests,OPTIONS,LOG): a run that hangs is ended, and reported as such.
define run_tests
	@status=0; timeout --foreground --signal=INT --kill-after=10 $(TEST_SECONDS_MAX) $(SWIFT_TEST) $(1) 2>&1 | tee $(2) | .ci/progress || status=$$?; \
	.ci/summary $(2); \
	[ $$status != 124 ] || echo "make: the tests were ended after $(TEST_SECONDS_MAX) s" >&2; \
	[ $$status = 0 ] || echo "make: the whole output is in $(2)" >&2; \
	exit $$status
endef

# The tests that start brokers and programs run alone, one after the other, so that they do not disturb the timing of
# others. Those of the edge, which mostly wait, do not run beside those that use the CPU; and those that mostly wait for
# compilers and Python run by themselves.
.PHONY: test
test: build python  ## Runs all tests; those that need Apache Kafka want KAFKA_HOME
ifdef FILTER
	$(call run_tests,--parallel --filter '$(FILTER)',$(SCRATCH)/test.log)
else
	$(call run_tests,--parallel --skip 'IntegrationTests|^(Receiver|Products|Schemas)Tests\.',$(SCRATCH)/test.log)
	$(call run_tests,--parallel --filter '^ReceiverTests\.',$(SCRATCH)/receiver.log)
	$(call run_tests,--parallel --filter '^(Products|Schemas)Tests\.',$(SCRATCH)/contract.log)
	$(call run_tests,--no-parallel --filter IntegrationTests,$(SCRATCH)/integration.log)
endif

# What the HTTP parser accepts and refuses, compared with other parsers; a difference is printed with its seed.
.PHONY: fuzz
fuzz: build python  ## Compares how we and other parsers read strange requests, for SECONDS=60
	@$(SWIFT_TEST) --filter DifferenceTests

fuzz: export NOTION_RELAY_FUZZ_SECONDS = $(SECONDS)
test fuzz: export NOTION_RELAY_TEST_PYTHON = $(PYTHON)

# $(call schemas,COMMAND): compares the schemas with those of the last release, in the tests' Python.
define schemas
	@[ -x $(PYTHON) ] || { echo "make: $@ needs Python with jsonschema, which could not be installed" >&2; exit 1; }; \
	$(PYTHON) -B -E -s Tests/SchemasTests/compatibility.py $(1) schemas
endef

.PHONY: schemas-check
schemas-check: python  ## Fails when a schema breaks what was released; schemas/README.md has the rules
	$(call schemas,check)

.PHONY: schemas-release
schemas-release: python  ## Makes the current schemas and examples those that later ones are compared with
	$(call schemas,release)

# For code that reads untrusted bytes or is shared between threads. A finding fails the run: the address sanitizer stops
# at its first, leaks included, and the thread sanitizer sets the exit status.
sanitize: export LSAN_OPTIONS := suppressions=$(abspath .ci/leaks.txt):print_suppressions=0
.PHONY: sanitize
sanitize: packages  ## Runs the HTTP server's tests under the address and the thread sanitizer
	@for sanitizer in address thread; do \
	  echo "== $$sanitizer sanitizer"; \
	  $(MAKE) test SANITIZER=$$sanitizer SCRATCH=$(SCRATCH)/sanitize-$$sanitizer FILTER='^HTTP(Framing|Server)Tests\.'; \
	done

.PHONY: soak
soak: build  ## Runs the long tests too: faults and stops under load, on the optimized program
	@$(SWIFT_BUILD) -c release --product notion-relay
	$(call run_tests,--no-parallel --filter IntegrationTests --filter DrainPropertyTests,$(SCRATCH)/soak.log)

soak: export NOTION_RELAY_TEST_SOAK := 1
soak: export NOTION_RELAY_BINARY = $(abspath $(SCRATCH))/release/notion-relay

.PHONY: bench
bench: packages  ## Measures the edge against nginx and real Kafka (KAFKA_HOME); BENCH_OPTIONS='--help' lists options
	$(call need,$(BENCH_PACKAGES))
	@$(SWIFT_BUILD) -c release --product notion-relay
	@$(SWIFT_BUILD) -c release --product relay-bench
	@$(SCRATCH)/release/relay-bench $(BENCH_OPTIONS)

.PHONY: format
format:  ## Formats the Swift files in place
	@swift format --configuration .swift-format --in-place --parallel --recursive $(FORMATTED)

.PHONY: lint
lint:  ## Checks the format and the formatter's rules
	@swift format lint --strict --configuration .swift-format --parallel --recursive $(FORMATTED)

docs: export NO_MKDOCS_2_WARNING = 1
.PHONY: docs
docs:  ## Builds the site of docs/; a broken link or a page that is not in the navigation fails
	$(call need,python3-venv)
	@cmp -s docs/requirements.txt $(SITE_PYTHON)/requirements.txt || { \
	  rm -rf $(SITE_PYTHON) && python3 -m venv $(SITE_PYTHON) && \
	  $(SITE_PYTHON)/bin/python -m pip install --quiet --disable-pip-version-check --requirement docs/requirements.txt && \
	  cp docs/requirements.txt $(SITE_PYTHON)/; } || { \
	  rm -rf $(SITE_PYTHON); \
	  echo "make: the packages of docs/requirements.txt could not be installed from PyPI" >&2; exit 1; }
	@$(SITE_PYTHON)/bin/python -B -m mkdocs build --strict --site-dir $(SITE)
	@echo "make: the site begins at $(SITE)/index.html"

.PHONY: man
man: packages  ## Writes the manual page notion-relay.1 into the scratch folder
	@$(SWIFT_BUILD) --product notion-relay
	@$(SCRATCH)/debug/notion-relay man >$(SCRATCH)/notion-relay.1
	@echo "man -l $(SCRATCH)/notion-relay.1"

.PHONY: completions
completions: packages  ## Writes the completions of bash, zsh and fish into the scratch folder
	@$(SWIFT_BUILD) --product notion-relay
	@mkdir -p $(SCRATCH)/completions
	@for shell in bash zsh fish; do $(SCRATCH)/debug/notion-relay completions $$shell >$(SCRATCH)/completions/notion-relay.$$shell; done
	@ls $(SCRATCH)/completions/*

.PHONY: hooks
hooks:  ## Makes git check format and house rules before each commit
	@git config core.hooksPath .ci/hooks
	@echo "commits are checked by .ci/hooks/pre-commit"

.PHONY: image
image:  ## Builds the container image notion-relay:latest
	@command -v docker >/dev/null || { echo "make: there is no docker on PATH" >&2; exit 1; }
	@docker info >/dev/null 2>&1 || { echo "make: docker is installed, but its engine does not answer" >&2; exit 1; }
	@docker build --file deploy/Dockerfile --tag notion-relay:latest .

.PHONY: clean
clean:  ## Removes the build folder
	@rm -rf $(SCRATCH)

.PHONY: packages
packages:
	$(call need,$(BUILD_PACKAGES))

# Where it cannot be created, the tests that need it say so and are skipped.
.PHONY: python
python:
	$(call need,$(TEST_PACKAGES))
	@[ "$$(cat $(SCRATCH)/python/readers 2>/dev/null)" != "$(READERS)" ] || exit 0; \
	rm -rf $(SCRATCH)/python; \
	{ python3 -m venv $(SCRATCH)/python && \
	  $(PYTHON) -m pip install --quiet --disable-pip-version-check $(READERS) && \
	  echo "$(READERS)" >$(SCRATCH)/python/readers; } || \
	  { rm -rf $(SCRATCH)/python; echo "make: $(READERS) could not be installed" >&2; }

.PHONY: java
java:
	$(call need,openjdk-17-jre-headless)
