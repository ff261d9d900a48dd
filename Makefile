# Baton: `make help` lists the words.
PYTHON ?= python3
VENV ?= .venv
# Two for each processor: many tests wait for a lab, a worker or a browser, and with one more than there are processors
# a third of their time was idle.
JOBS ?= $(shell n=$$(getconf _NPROCESSORS_ONLN 2>/dev/null || echo 2); [ $$n -gt 4 ] && n=4; echo $$((2 * n)))
BIN := $(VENV)/bin
# Compiling what is installed costs a third of the time, and most of it is never imported.
PIP := $(BIN)/python -m pip --disable-pip-version-check install --quiet --no-compile
# Compiled once, then kept: where the environment forbids bytecode beside the sources (containers like to), each of some
# hundred processes would compile Django anew, several seconds each.
export PYTHONPYCACHEPREFIX ?= $(abspath $(VENV))/bytecode
unexport PYTHONDONTWRITEBYTECODE
OLDEST := 3.11

.DEFAULT_GOAL := help
.PHONY: help demo test postgresql faults bench catalogue check fmt shots clean chromium

help:  ## these words
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 10

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < tuple(map(int, "$(OLDEST)".split("."))))' || \
	  { echo "baton: Python $(OLDEST) or newer is needed; say which with make PYTHON=/path/to/python3 …"; exit 1; }
	@$(PYTHON) -m venv $(VENV) || \
	  { echo "baton: no virtual environment could be made; on Debian: apt-get install python3-venv"; exit 1; }

# Stamps: a list of requirements is installed again only when it has changed.
$(VENV)/.runs: requirements.txt | $(BIN)/python
	@echo "baton: installing requirements.txt into $(VENV)"
	@$(PIP) -r requirements.txt
	@touch $@

$(VENV)/.checks: requirements-dev.txt requirements.txt | $(BIN)/python
	@echo "baton: installing requirements-dev.txt into $(VENV)"
	@$(PIP) -r requirements-dev.txt
	@touch $@ $(VENV)/.runs

demo: $(VENV)/.runs  ## the console beside a lab to break (PORT, DATA_DIR, SCENARIO, SPEED)
	@exec $(BIN)/python -m deploy.tether $$PPID $(BIN)/python -m deploy.demo

# What writes from several sides at once is tried on both databases each time; pages that only read, on request.
BOTH := tests/workflows/engine tests/workflows/running tests/faults tests/pools tests/dashboard/notices \
  tests/dashboard/test_settings_database.py --ignore tests/pools/pages --ignore tests/pools/probing \
  --ignore tests/dashboard/notices/test_pages.py

test: $(VENV)/.checks chromium  ## every test on SQLite, then what the engine and the watch write on PostgreSQL
	$(BIN)/python -m pytest -q -n $(JOBS) --dist worksteal
	TEST_DATABASE=postgresql $(BIN)/python -m pytest -q -n $(JOBS) --dist worksteal $(BOTH)

postgresql: $(VENV)/.checks  ## every test that touches a database, on PostgreSQL (minutes)
	TEST_DATABASE=postgresql $(BIN)/python -m pytest -q -n $(JOBS) --dist worksteal

faults: $(VENV)/.checks  ## every workflow, step and point: workers killed, clocks set, the broker gone (ONLY=enable-ha, RESUME=1; an hour)
	@ONLY=$(ONLY) RESUME=$(RESUME) $(BIN)/python -m tests.faults

bench: $(VENV)/.checks  ## speed and size, a line each: name value unit goal met|short (ONLY="lab …" for some)
	$(BIN)/python -m bench $(ONLY)

catalogue: $(VENV)/.checks  ## every workflow: each refusal, change, abort and release; all killed at once (half an hour)
	$(BIN)/python -m pytest -q -n $(JOBS) --dist worksteal $(addprefix tests/workflows/catalogue/, \
	  refused.py matrix.py adding.py dialects.py)
	$(BIN)/python -m pytest -q tests/workflows/catalogue/everything.py

check: export DATA_DIR := $(abspath $(VENV))/check
check: export SECRET_KEY := $(shell head -c 48 /dev/urandom | base64 | tr -d '\n')
check: export BEHIND_TLS := true
check: export ALLOWED_HOSTS := baton.example.org
check: export CSRF_TRUSTED_ORIGINS := https://baton.example.org
check: $(VENV)/.checks  ## lint, format, types, import contracts, migrations, deployment checks
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy .
	$(BIN)/lint-imports
	$(BIN)/python manage.py makemigrations --check --dry-run
	$(BIN)/python manage.py check --deploy --fail-level WARNING

fmt: $(VENV)/.checks  ## format, and mend what a linter can mend
	$(BIN)/ruff check --fix-only .
	$(BIN)/ruff format .

shots: $(VENV)/.checks chromium  ## the documentation's screenshots, taken by the main story's test
	SHOTS=docs/images $(BIN)/python -m pytest -q tests/browser/test_main_story.py

chromium:
	@command -v chromium chromium-browser google-chrome $(CHROMIUM) >/dev/null || \
	  { [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null && echo "baton: installing the distribution's Chromium" && \
	    apt-get update -qq && apt-get install -y -qq --no-install-recommends chromium >/dev/null; } || \
	  echo "baton: no Chromium, so the browser tests are skipped; install it (apt-get install chromium) or set CHROMIUM"

clean:  ## remove the virtual environment and the caches; data in var/ stays
	rm -rf $(VENV) .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis test-results
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
