# The commands of the course. `make` alone lists them; each line below with `##` is one.

# Which Python makes .venv: `make lab PYTHON=python3.13` decides; otherwise the first that is new enough.
PYTHON ?= $(shell for python in python3 python3.14 python3.13 python3.12 python3.11 python; do \
	if $$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then echo $$python; exit; fi; \
	done; echo python3)
VENV := .venv/bin
INNER := not stack and not browser and not faults and not slow
# Unit tests need nothing of each other and share the cores; what starts servers has the machine for itself.
ON_ALL_CORES := --numprocesses auto --maxprocesses 4 --dist loadfile

.DEFAULT_GOAL := help
.PHONY: help lab test check build up down register-schemas faults bench clean lock setup setup-dev

help: ## List these commands
	@echo "Schemas in Motion: start with \`make lab\`."
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1|\2/p' $(MAKEFILE_LIST) | awk -F'|' '{ printf "%-24s %s\n", $$1, $$2 }'

lab: setup ## Set up what is missing, start Kafka and open JupyterLab on the start page
	@$(VENV)/streamlab lab

test: setup-dev ## Run every check of the project on a live stack (about half an hour)
	$(VENV)/ruff check
	$(VENV)/ruff format --check
	$(VENV)/mypy
	$(VENV)/streamlab build --check
	$(VENV)/pytest

check: setup-dev ## The inner loop: style, types, derived notebooks, unit tests (no stack)
	$(VENV)/ruff check
	$(VENV)/ruff format --check
	$(VENV)/mypy
	$(VENV)/streamlab build --check
	$(VENV)/pytest -q $(ON_ALL_CORES) -m "$(INNER)"

build: setup-dev ## Derive and execute the notebooks from chapters/
	@$(VENV)/streamlab build

up: setup ## Start Kafka and the registry in the background
	@$(VENV)/streamlab up

down: setup ## Stop them
	@$(VENV)/streamlab down

register-schemas: setup ## Register the contracts of schemas/ in the running registry
	@$(VENV)/streamlab schemas register --apply

faults: setup-dev ## The long form of the fault tests: kills by the dozen (about half an hour)
	STREAMLAB_LONG_FAULTS=1 $(VENV)/pytest -m faults

bench: setup-dev ## Measure beside other engines, registries and codecs; write benchmarks/RESULTS.md
	@$(VENV)/python -m benchmarks --write

clean: ## Stop the stack; remove .venv, caches and the stack's data (your labs and progress stay)
	@$(PYTHON) bootstrap.py --clean

# Exact versions and hashes of what pyproject.toml names, kept as they are where they still fit
# (`make lock LOCK_FLAGS=--upgrade` takes the newest). Works for every system and for Python 3.11 and newer.
LOCK := $(VENV)/uv pip compile pyproject.toml --quiet --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-emit-find-links --custom-compile-command "make lock" $(LOCK_FLAGS)
lock: setup-dev
	$(LOCK) --output-file requirements.lock
	$(LOCK) --output-file requirements-dev.lock --group dev --constraint requirements.lock

setup:
	@$(PYTHON) bootstrap.py --quiet

setup-dev:
	@$(PYTHON) bootstrap.py --quiet --dev
