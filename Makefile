# make demo: the service with an example, from nothing. make test: everything that must hold, from nothing.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.PHONY: help demo test lint types layers content unit test-long bench mutate lock clean

help: ## what can be made
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 12

demo: $(VENV)/.runtime ## the service with the example inventory and an attack played into it
	@exec $(BIN)/breach-service demo

test: $(VENV)/.test ## everything: style, types, layers, content, all tests on SQLite and PostgreSQL
	@.ci/components
	@$(MAKE) --no-print-directory lint types layers content unit

lint: $(VENV)/.test ## style
	@$(BIN)/ruff check --quiet .
	@$(BIN)/ruff format --quiet --check .

types: $(VENV)/.test ## types
	@$(BIN)/mypy

layers: $(VENV)/.test ## one-way imports
	@$(BIN)/lint-imports --no-cache | tail -n 3

content: $(VENV)/.test ## every rule, playbook, regime and letter
	@$(BIN)/breach-service check

unit: $(VENV)/.test ## the tests alone, two at a time
	@$(BIN)/python -m pytest -n 2 --dist worksteal

test-long: $(VENV)/.test ## what takes long: CrowdSec, Suricata, a simulated month, twenty rounds of SIGKILL amid a flood, on each database
	@.ci/components long
	@LONG=1 $(BIN)/python -m pytest tests/system/test_long_recipes.py -p no:randomly
	@LONG=1 $(BIN)/python -m pytest tests/system/test_month.py -p no:randomly --timeout 5400 -s
	@KILL_ROUNDS=20 $(BIN)/python -m pytest tests/system/test_killed.py -p no:randomly --timeout 5400 -s

mutate: $(VENV)/.test ## faults put into the assessment engine that its tests do not find; MUTANTS=PATTERN for some of them
	@nice -n 19 $(BIN)/mutmut run --max-children 1 $(MUTANTS)
	@$(BIN)/mutmut results

lock: ## write the lock files again, with hashes and without addresses
	@$(PYTHON) -m venv $(VENV) && $(BIN)/pip install --quiet uv
	@$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --no-emit-find-links --no-header \
		--python-version 3.11 pyproject.toml --extra postgres --group build -o requirements.lock
	@$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --no-emit-find-links --no-header \
		--python-version 3.11 pyproject.toml --extra postgres --group build --group test -o requirements-test.lock

$(VENV)/.runtime: requirements.lock
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes --only-binary :all: -r requirements.lock
	@$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/.test: requirements-test.lock
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes --only-binary :all: -r requirements-test.lock
	@$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

clean: ## remove what was made here, the demonstration's data included
	@rm -rf $(VENV) demo-data .pytest_cache .mypy_cache .ruff_cache .hypothesis mutants

bench: $(VENV)/.test ## how quick it is, against a bare route that stores nothing in the same run; BENCH_OUT=DIR for the JSON
	@$(BIN)/python tests/bench
