# The front door. `make help` lists what there is. Needs Python 3.11 or newer and nothing else.

SHELL := /bin/bash
.DEFAULT_GOAL := help
PYTHON ?= $(shell for p in python3.11 python3.12 python3.13 python3 python; do \
	command -v $$p >/dev/null && $$p -c 'import sys, venv, ensurepip; sys.exit(not (3, 11) <= sys.version_info < (4, 0))' 2>/dev/null \
	&& { command -v $$p; break; }; done)
VENV ?= .venv
BIN := $(VENV)/bin
ARGS ?=
JOBS ?= 2
INSTALLED := $(VENV)/.installed
DEVELOPED := $(VENV)/.developed

.PHONY: help demo test quick lint types bench lock clean

help: ## Show this
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-8s %s\n", $$1, $$2}'

demo: $(INSTALLED) ## Watch a morning at a shop: service, worker and WhatsApp's double (ARGS=--exit ends it)
	@$(BIN)/relevo demo $(ARGS)

test: $(DEVELOPED) ## Run all tests
	$(BIN)/python -m pytest -n $(JOBS) $(ARGS)

quick: $(DEVELOPED) ## Run the tests that take seconds
	$(BIN)/python -m pytest -n $(JOBS) -m "not slow" $(ARGS)

lint: $(DEVELOPED) ## Check style, format and which room imports which
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports

types: $(DEVELOPED) ## Check types, tests included
	$(BIN)/pyright

bench: $(DEVELOPED) ## Measure against the floor, side by side
	$(BIN)/python bench/run.py $(ARGS)

lock: $(DEVELOPED) ## Choose the newest versions pyproject.toml allows, and write them down
	$(BIN)/pip-compile -q -U $(COMPILE) -o requirements.lock pyproject.toml
	$(BIN)/python -c 'import tomllib; print("\n".join(tomllib.load(open("pyproject.toml", "rb"))["dependency-groups"]["dev"]))' \
		| $(BIN)/pip-compile -q -U $(COMPILE) -c requirements.lock -o requirements-dev.lock -

COMPILE := --strip-extras --no-annotate --no-header --no-emit-index-url --no-emit-find-links --no-emit-trusted-host

clean: ## Remove the environment and caches; data stays
	rm -rf $(VENV) .pytest_cache .ruff_cache .hypothesis .import_linter_cache

$(VENV)/bin/python:
	@test -n "$(PYTHON)" || { echo "Relevo needs Python 3.11 or newer, with venv (on Debian: apt install python3-venv)."; exit 1; }
	@$(PYTHON) -m venv $(VENV)

$(INSTALLED): $(VENV)/bin/python requirements.lock pyproject.toml
	@echo "Installing Relevo into $(VENV) …"
	@$(BIN)/python -m pip install -q --disable-pip-version-check -r requirements.lock
	@$(BIN)/python -m pip install -q --disable-pip-version-check --no-deps -e .
	@touch $@

$(DEVELOPED): $(INSTALLED) requirements-dev.lock
	@echo "Installing the developers' tools …"
	@$(BIN)/python -m pip install -q --disable-pip-version-check -r requirements.lock -r requirements-dev.lock
	@touch $@
