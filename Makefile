# `make help` lists the targets. Each one installs what it needs.

PYTHON ?= $(shell command -v python3.11 || command -v python3)
BIN := .venv/bin
# Tests wait for servers, browsers and clients, so three workers are what keeps two cores busy.
PYTEST = $(BIN)/pytest -n 3 --dist loadscope
# Apart from the others, which fill connections and caches and so change its counts.
SMOKE = $(BIN)/pytest -n 1 tests/smoke
# The tests start hundreds of processes, and each would compile all of Haat again.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help run test test-quick test-all test-live check types style programs audit bench bench-bookings bench-events bench-live bench-log-ins bench-offers bench-peers bench-smoke soak town schema matrix lock clean

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)
	@echo
	@echo "  PORT, HOST, WORKERS, DATABASE_URL, REDIS_URL and more are set in the environment"
	@echo "  or in .env; .env.example describes each."

run: .venv/.runtime ## Run everything: servers, demo data, API and worker. Ctrl-C stops it
	@$(BIN)/haat dev

test: .venv/.dev ## Run all checks and all tests, on real servers
	@$(MAKE) --no-print-directory --jobs=2 --output-sync=target types programs style
	$(SMOKE)
	$(PYTEST) --ignore=tests/smoke

test-quick: .venv/.dev ## Run the tests of one domain, without checks: make test-quick DOMAIN=chat
	@test -n "$(DOMAIN)" || (echo "Name a domain: make test-quick DOMAIN=chat" && false)
	$(PYTEST) --domain=$(DOMAIN)

test-all: test audit ## Run `make test`, then the audit and the long forms: fuzzing, the soak and the attacks
	FUZZ_EXAMPLES=10000 SCHEMATHESIS_EXAMPLES=2000 REFRESH_ROUNDS=200 ORDER_MACHINE_EXAMPLES=500 \
		TICKET_MACHINE_EXAMPLES=300 VOUCHER_MACHINE_EXAMPLES=300 OFFER_RUSHES=100 \
		$(PYTEST) --timeout=3600 \
		tests/hostile/test_fuzz.py tests/hostile/test_schemathesis.py tests/engine/execution \
		tests/races/identity/test_refresh.py tests/services/orders/machine \
		tests/services/events/machine tests/services/redemptions/machine \
		tests/races/offers/test_rushes.py
	DOOR_ROUNDS=25 CHAOS_PAYMENTS=1000 $(BIN)/pytest -n 0 --timeout=7200 \
		tests/outages/payments tests/jobs/payments/test_doors.py
	$(BIN)/python -m tests.soak
	$(BIN)/python -m tests.hostile.town

test-live: .venv/.dev ## Test the gateways with the test mode of Stripe and Paystack themselves
	LIVE_PAYMENTS=1 $(BIN)/pytest -n 0 --timeout=300 tests/gateways/payments/test_contract.py

check: style types ## Check style, language, types, imports and the committed schema, without servers

types: .venv/.dev
	$(BIN)/mypy .

style: .venv/.dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/python -m tools.language
	$(BIN)/lint-imports
	$(BIN)/haat schema | diff -u schema/schema.graphql - || \
		(echo "schema/schema.graphql is out of date: run 'make schema'" && false)

# What the tests run beside Haat. It is installed while mypy keeps one core busy; the checks of
# style follow.
programs: .venv/.dev
	@tests/browser/ensure_chromium
	@$(BIN)/python -m tests.npm

audit: .venv/.dev ## Look for known vulnerabilities in the locked dependencies
	@$(BIN)/python -m tools.audit || { status=$$?; \
		test $$status = 2 && echo "WARNING: the registries cannot be asked, so dependencies are NOT AUDITED." && \
		test "$$AUDIT" != required; }

bench: .venv/.dev ## Measure lists, claims, redemptions, bookings and events, most beside pgbench
	$(BIN)/python -m benchmarks
	$(BIN)/python -m benchmarks --offers 1000000
	$(BIN)/python -m benchmarks.bookings
	$(BIN)/python -m benchmarks.events

bench-smoke: .venv/.dev ## Count the round trips, tasks, plans and memory of five requests
	$(SMOKE)

town: .venv/.dev ## Measure what each attack does to other callers, among 200,000 offers
	$(BIN)/python -m tests.hostile.town

soak: .venv/.dev ## Chat and shop for three minutes while servers, Redis and PostgreSQL restart or hang
	$(BIN)/python -m tests.soak

bench-bookings: .venv/.dev ## Measure slots and holds of a clinic with 50 staff, and rushes on one slot
	$(BIN)/python -m benchmarks.bookings

bench-events: .venv/.dev ## Measure sales of tickets and seats, check-ins and followers of a queue
	$(BIN)/python -m benchmarks.events

bench-live: .venv/.dev ## Measure thousands of subscribers, compared with a Node server
	$(BIN)/python -m benchmarks.live

bench-log-ins: .venv/.dev ## Measure log-ins, refreshes and notices, and what others wait meanwhile
	$(BIN)/python -m benchmarks.log_ins

bench-offers: .venv/.dev ## Measure lists, searches, claims and redemptions among 1,000,000 offers
	$(BIN)/python -m benchmarks --offers 1000000
	$(BIN)/python -m benchmarks.offers 10000 100000 1000000 --plans

bench-peers: .venv/.dev ## Measure lists beside Yoga, Apollo, Mercurius, PostGraphile and others
	$(BIN)/python -m benchmarks.peers

schema: .venv/.dev ## Regenerate schema/schema.graphql and the documents made from the code
	$(BIN)/haat schema --write
	$(BIN)/haat docs

matrix: .venv/.dev ## Record in docs/permission_matrix.md how the server answers each caller
	WRITE_MATRIX=1 $(BIN)/pytest -n 0 tests/matrix

lock: .venv/.dev ## Pin every dependency again, with hashes
	$(BIN)/pip-compile $(PIN) -o requirements.lock pyproject.toml
	$(BIN)/pip-compile $(PIN) --extra dev-servers -c requirements.lock -o requirements-run.lock pyproject.toml
	$(BIN)/pip-compile $(PIN) --extra dev-servers --extra dev -c requirements-run.lock -o requirements-dev.lock pyproject.toml

clean: ## Remove the virtual environment and the data of `make run`
	rm -rf .venv .haat

PIN := -q --generate-hashes --allow-unsafe --strip-extras --no-emit-index-url --no-emit-trusted-host --no-emit-find-links --no-header

.venv/.runtime: requirements-run.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Haat needs Python 3.11 or newer.")'
	@echo "Building .venv: downloading and installing about 100 packages. This takes a minute or several."
	@test -d .venv || $(PYTHON) -m venv .venv
	@$(BIN)/pip install -q --disable-pip-version-check --require-hashes -r requirements-run.lock
	@$(BIN)/pip install -q --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

.venv/.dev: .venv/.runtime requirements-dev.lock
	@echo "Installing the packages of the tests. This takes a minute or several."
	@$(BIN)/pip install -q --disable-pip-version-check --require-hashes -r requirements-dev.lock
	@touch $@
