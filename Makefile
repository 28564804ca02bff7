# Each target does its own set-up; the first one takes a minute, the next ones a second.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
TOPOLOGY ?= topologies/beauvelo.yml

.PHONY: up down test oracle fast check lint images golden docs lock bench clean

up: $(VENV)/user
	@$(BIN)/labctl up $(TOPOLOGY)

down: $(VENV)/user
	@$(BIN)/labctl down --all

# Everything that this machine can run; what it cannot is listed at the end, with the reason.
# JOBS=4 runs modules side by side, on a machine that has the processors.
test: $(VENV)/developer
	@$(BIN)/pytest -m "not oracle" -rfs --durations=20 $(if $(JOBS),-n $(JOBS) --dist loadgroup)

# Sessions recorded with genuine Postfix and UW-IMAP, played against the image of a node, and
# genuine mail clients at work with it.
oracle: images $(VENV)/developer
	@$(BIN)/pytest -m oracle tests/oracle tests/clients -rfs -q

fast: $(VENV)/developer
	@$(BIN)/pytest

check: lint fast

lint: $(VENV)/developer
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

images: $(VENV)/user
	@$(BIN)/labctl images build

# Write the golden files anew; a person reads the difference.
golden: $(VENV)/developer
	@$(BIN)/pytest tests/golden --rewrite-golden

# Write docs/reference/ from the tables of the code.
docs: $(VENV)/developer
	@$(BIN)/python docs/generate.py

lock: $(VENV)/developer
	@$(BIN)/pip freeze --exclude-editable > requirements.lock

bench: $(VENV)/developer
	@$(BIN)/python -m benchmarks.labs
	@$(BIN)/python -m benchmarks.mta $(if $(POSTFIX_IMAGE),--against $(POSTFIX_IMAGE))
	@$(BIN)/python -m benchmarks.reading

clean: down
	rm -rf $(VENV)

$(VENV)/bin/pip:
	@$(PYTHON) -m venv $(VENV) || { echo "make: $(PYTHON) cannot make a virtual environment;" \
	  "on Debian and Ubuntu: apt-get install python3-venv" >&2; exit 3; }

$(VENV)/user: pyproject.toml requirements.lock | $(VENV)/bin/pip
	@echo "installing labctl into $(VENV)" >&2
	@$(BIN)/pip install --quiet --disable-pip-version-check -c requirements.lock -e .
	@touch $@

$(VENV)/developer: $(VENV)/user
	@$(BIN)/pip install --quiet --disable-pip-version-check -c requirements.lock -e '.[dev]'
	@touch $@
