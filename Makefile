# The verbs of this project. Needs make and Python 3.11+ (with venv), nothing else.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS += --no-print-directory

VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check install --quiet
COMPILE := build/lock/bin/uv pip compile --quiet --universal --python-version 3.11 \
	--generate-hashes --no-emit-index-url --custom-compile-command "make lock" $(UPGRADE)
PEERS := bench/peers

.PHONY: help
help: ## list the verbs
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

.PHONY: setup
setup: $(VENV)/.runtime ## make .venv from the hash-pinned lock; .venv/bin/batchwright is then the command
	@:

.PHONY: setup-dev
setup-dev: $(VENV)/.dev ## the same, with what tests and checks need
	@:

.PHONY: serve
serve: setup ## start the server with demo data, print what to do next
	@exec $(BIN)/batchwright serve --demo

.PHONY: test
test: setup-dev lint ## run every check but the audit, and every test (ARGS="-k name" goes to pytest)
	@$(BIN)/python -m pytest -n auto -q $(ARGS)

.PHONY: check
check: lint ## lint, formatting, types, import layers; known vulnerabilities, where the index is reachable
	@$(BIN)/python -m checks.audit

.PHONY: lint
lint: setup-dev
	@$(BIN)/ruff check
	@$(BIN)/ruff format --check --quiet
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-logo

.PHONY: bench
bench: setup-dev ## measure on this machine, results beside goals (ARGS=--help tells what can be chosen)
	@$(BIN)/python -m bench $(ARGS)

.PHONY: torture
torture: setup-dev ## kill, starve and crowd the server, tell what was lost; under five minutes (ARGS="--seed 2")
	@$(BIN)/python -m torture $(ARGS)

.PHONY: fuzz
fuzz: setup-dev ## send the server 100,000 hostile requests, tell what broke (ARGS="--seed 7 --requests 5000")
	@$(BIN)/python -m fuzz $(ARGS)

.PHONY: format
format: setup-dev ## put the formatting right
	@$(BIN)/ruff check --fix --quiet || true
	@$(BIN)/ruff format

.PHONY: lock
lock: build/lock/bin/uv ## write the locks anew after a change of pyproject.toml (UPGRADE=--upgrade: newest releases)
	@$(COMPILE) pyproject.toml --group build --output-file requirements.lock
	@$(COMPILE) pyproject.toml --group build --group dev --constraint requirements.lock --output-file requirements-dev.lock
	@$(COMPILE) pyproject.toml --extra telemetry --constraint requirements-dev.lock --output-file requirements-telemetry.lock
	@for peer in fastapi django; do \
		$(COMPILE) $(PEERS)/$$peer/requirements.in --output-file $(PEERS)/$$peer/requirements.lock; done
	@$(COMPILE) bench/py-spy.in --output-file bench/py-spy.lock

.PHONY: clean
clean: ## remove what the other verbs made
	@rm -rf $(VENV) build dist .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis
	@find src tests -name __pycache__ -prune -exec rm -rf {} +

# A name can be on the path and not start (a version manager's shim), so each one is asked.
define new-venv
	for python in "$${PYTHON:-}" python3 python3.13 python3.12 python3.11; do \
		if [ -n "$$python" ] && "$$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; \
		then exec "$$python" -m venv $(1); fi; \
	done; \
	echo "Python 3.11 or newer is needed; set PYTHON to one." >&2; exit 1
endef

$(BIN)/python:
	@$(call new-venv,$(VENV))

$(VENV)/.runtime: requirements.lock pyproject.toml | $(BIN)/python
	@echo "setting up $(VENV)" >&2
	@$(PIP) --require-hashes -r requirements.lock
	@$(PIP) --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/.dev: requirements-dev.lock $(VENV)/.runtime
	@echo "setting up $(VENV) for tests and checks" >&2
	@$(PIP) --require-hashes -r requirements-dev.lock
	@touch $@

build/lock/bin/uv:
	@$(call new-venv,build/lock)
	@build/lock/bin/python -m pip --disable-pip-version-check install --quiet uv==0.13.9
