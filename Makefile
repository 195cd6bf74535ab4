# `make help` explains every target. Each sets up what it needs by itself.

PYTHON ?= $(shell command -v python3.11 || command -v python3)
BIN := .venv/bin

.DEFAULT_GOAL := help
.PHONY: help run test check bench bench-live soak schema lock clean

help: ## Explain every target
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)
	@echo
	@echo "  PORT, HOST, WORKERS, DATABASE_URL, REDIS_URL and more are set in the environment"
	@echo "  or in .env; .env.example explains each."

run: .venv/.runtime ## Start everything: servers, demo data, API and worker. Ctrl-C stops it all
	@$(BIN)/haat dev

test: check ## Check everything: style, types, imports, schema, and the tests on real servers
	@tests/browser/ensure_chromium
	$(BIN)/pytest -n 2 --dist loadgroup

check: .venv/.dev ## Check style, types, imports and the committed schema; no servers needed
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy .
	$(BIN)/lint-imports
	$(BIN)/haat schema | diff -u schema/schema.graphql - || \
		(echo "schema/schema.graphql is not what the code says: run 'make schema'" && false)

bench: .venv/.dev ## Measure lists, claims and redemptions, compared with pgbench
	$(BIN)/python -m benchmarks

soak: .venv/.dev ## Chat for three minutes while servers, Redis and PostgreSQL end and come back
	$(BIN)/python -m tests.soak

bench-live: .venv/.dev ## Measure thousands of subscribers, compared with a Node server
	$(BIN)/python -m benchmarks.live

schema: .venv/.dev ## Write schema/schema.graphql and the documents made from it anew
	$(BIN)/haat schema --write
	$(BIN)/haat docs

lock: .venv/.dev ## Pin every dependency anew, with hashes
	$(BIN)/pip-compile $(PIN) -o requirements.lock pyproject.toml
	$(BIN)/pip-compile $(PIN) --extra dev -c requirements.lock -o requirements-dev.lock pyproject.toml

clean: ## Forget the environment and the data of `make run`
	rm -rf .venv .haat

PIN := -q --generate-hashes --allow-unsafe --strip-extras --no-emit-index-url --no-emit-trusted-host --no-emit-find-links --no-header

.venv/.runtime: requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Haat needs Python 3.11 or newer.")'
	@echo "Building .venv ..."
	@test -d .venv || $(PYTHON) -m venv .venv
	@$(BIN)/pip install -q --disable-pip-version-check --require-hashes -r requirements.lock
	@$(BIN)/pip install -q --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

.venv/.dev: .venv/.runtime requirements-dev.lock
	@$(BIN)/pip install -q --disable-pip-version-check --require-hashes -r requirements-dev.lock
	@touch $@
