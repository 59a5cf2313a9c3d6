# The commands of this project. Nothing has to be prepared: each finds, or says, what it needs.
SHELL := /bin/bash
# Tests provoke errors on purpose: capturing a backtrace for each is slow.
export RUST_LIB_BACKTRACE ?= 0

CARGO := .ci/with_cargo.sh cargo
TARGET := $(if $(CARGO_TARGET_DIR),$(CARGO_TARGET_DIR),target)
SAMPLE := $(firstword $(wildcard ../shared/data/online-retail/*.csv.zst))

.PHONY: help demo test build check fmt toolchain

help: ## Show this list.
	@sed -n 's/^\([a-z]*\):.*## /\1\t/p' Makefile | column -t -s "$$(printf '\t')" 2>/dev/null || grep '##' Makefile

demo: toolchain ## Start the whole system on a private Postgres, sell something, show how to call it. Ctrl-C ends it.
	@bin="$$(.ci/postgres.sh)" && \
	$(CARGO) build --release -p purser && \
	PURSER_POSTGRES_BIN="$$bin" exec $(TARGET)/release/purser demo --data-dir target/demo $(if $(SAMPLE),--sample $(SAMPLE))

test: toolchain ## Run every test on a private Postgres; TESTS="place_order" runs those with that name.
	@bin="$$(.ci/postgres.sh)" && \
	$(CARGO) build --workspace --bins --tests && \
	PURSER_POSTGRES_BIN="$$bin" .ci/with_cargo.sh $(TARGET)/debug/testkit run $(TESTS)

build: toolchain ## Build everything.
	@$(CARGO) build --workspace --all-targets

check: toolchain ## Formatting, lints, the contract's lint, licences and bans: what .ci/run checks besides tests.
	@.ci/check.sh

fmt: toolchain ## Format the sources.
	@$(CARGO) fmt --all

toolchain:
	@$(CARGO) --version >/dev/null
