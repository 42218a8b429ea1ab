# Common Ground. `make help` lists the targets. Works with GNU make 3.81 (macOS) and newer.
.DEFAULT_GOAL := help
.PHONY: help setup run teams-package test lint types format lock clean

# Rasa and the models import thousands of modules: without Python's cache of compiled ones each start takes a minute more.
unexport PYTHONDONTWRITEBYTECODE

# An environment's own Python once it is made; before that, the best one on this machine.
PYTHON = $$(if [ -x .venv/bin/python ] && .venv/bin/python -c '' 2>/dev/null; then echo .venv/bin/python; else connectors/ops/find-python; fi)
OPS = python=$(PYTHON) && PYTHONPATH= "$$python" -m connectors.ops

help: ## List the targets
	@grep -hE '^[a-z-]+:.*## ' $(firstword $(MAKEFILE_LIST)) | sed -E 's/^([a-z-]+):.*## /\1|/' | while IFS='|' read -r name words; do printf '  make %-13s %s\n' "$$name" "$$words"; done

setup: ## Make both environments and the dialogue model (nothing is done twice)
	@$(OPS) setup

run: setup ## Set up, index the shipped corpus, start everything, print the address (Ctrl-C stops it)
	@$(OPS) corpus
	@exec .venv/bin/commonground serve

teams-package: setup ## Write the app package for Microsoft Teams (docs/teams.md)
	@.venv/bin/python -m connectors.teams.package

test: ## Everything that must hold: lint, format, types, tests
	@$(OPS) test-setup
	@$(MAKE) --no-print-directory lint types
	@.venv/bin/python -m pytest

lint: ## Check style and formatting
	@.venv/bin/ruff check .
	@.venv/bin/ruff format --check .

types: ## Check types (strict)
	@.venv/bin/mypy

format: ## Format the code and mend what can be mended
	@.venv/bin/ruff check --fix .
	@.venv/bin/ruff format .

lock: ## Write the dependency locks anew (UPGRADE=1 takes newer versions)
	@$(OPS) lock

clean: ## Remove what the build made; the data folder stays
	rm -rf .venv bot/engine/.venv bot/engine/models *.egg-info .mypy_cache .pytest_cache .ruff_cache
	find bot connectors knowledge tests benchmarks -name __pycache__ -type d -prune -exec rm -rf {} +
