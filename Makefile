# Python 3.11 or newer and a package index are all that these commands need; they set up .venv themselves.

PYTHON ?= python3
DEMO ?= "$$(mktemp -d)"

READY := .venv/.ready

# The tests keep one cache folder, not two.
export HYPOTHESIS_STORAGE_DIRECTORY := .pytest_cache/hypothesis

# Assertions are rewritten and modules compiled once, not by every process and in every run.
export PYTHONDONTWRITEBYTECODE :=

# One process for each core, and one thread in each of them. A file stays in one process, so that its fixtures are made once.
# Files come in the order of the folders, the examples of src last: many short files end the run evenly, one long file does not.
PYTEST := OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 .venv/bin/python -m pytest --numprocesses auto --dist loadfile --no-loadscope-reorder

.PHONY: help demo test test-slow check

help:  ## List these commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "make %-9s %s\n", $$1, $$2}' Makefile

demo: $(READY)  ## Estimate Serbians abroad from recorded answers, and profile simulated ones, offline; into DEMO=folder
	@folder=$(DEMO) && .venv/bin/smstock run serbia --output "$$folder" && \
	  printf '\n%s\n\n' 'SIMULATED, from answers of the sandbox and not of LinkedIn: who are they?' && \
	  .venv/bin/smstock collect queries/serbia-skills.toml --replay queries/recorded/serbia-skills --output "$$folder" >/dev/null && \
	  .venv/bin/smstock skills serbia-skills --destination Ireland --output "$$folder"

test: $(READY)  ## Run the tests, without the slow ones
	@$(PYTEST)

test-slow: $(READY)  ## Run the slow tests
	@$(PYTEST) -m slow

check:  ## Run every gate of the continuous integration
	@.ci/run

# One stamp stands for the whole environment, so that it is set up again only when what it holds has changed.
$(READY): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo 'smstock needs Python 3.11 or newer, and "$(PYTHON)" is not that; name one that is: make PYTHON=python3.12' >&2; exit 1; }
	@echo 'Installing smstock and what it needs into .venv (a minute or two) ...'
	@$(PYTHON) -m venv .venv
	@{ .venv/bin/python -m pip install -r requirements.lock && \
	  .venv/bin/python -m pip install --no-deps --no-build-isolation -e . ; } >.venv/install.log 2>&1 || { \
	  cat .venv/install.log >&2; exit 1; }
	@touch $@
