# Everything a newcomer needs: `make demo`, `make test`. Everything a developer needs beside that: `make lint`, `make lock`.
PYTHON ?= python3
BIN := .venv/bin
ARGS ?=
FILES ?=
COVERAGE ?= $(if $(CI),yes,no)
SEEDS ?=
SEED ?=
DATABASE ?=
BENCH ?= deliveries
# So many processes run the tests, some of which mostly wait: see tests/support/turns.py.
WORKERS ?= 4
PYTEST = -m pytest -n $(WORKERS) --dist loadfile

.DEFAULT_GOAL := help
.PHONY: help setup demo test check chaos bench mutants contract lint format dist image docs lock audit pictures clean

help:
	@echo "make demo             the bot against stand-ins for Slack and the tenant: http://127.0.0.1:8420"
	@echo "make demo ARGS=--tour the main job by itself, step by step"
	@echo "make setup            only the environment, for .venv/bin/portcullis"
	@echo "make test             set-up, every test, and how much of the code they run; ARGS='tests/unit -k card' for some"
	@echo "make check            while at work: lint, types, unit tests"
	@echo "make chaos            people at work while everything fails: SEEDS=n trials, of DATABASE=sqlite or postgresql"
	@echo "make bench            what a command costs, against the least that it could cost: BENCH=name for other measurements"
	@echo "make mutants          which faults in the code would no test notice? FILES=... for other files than usual"
	@echo "make contract         what the tenant's service does, held against the stand-in, or against a real tenant"
	@echo "make lint             formatting, lint, types, import contracts, the lock file"
	@echo "make audit            known vulnerabilities of the locked dependencies"
	@echo "make pictures         take the pictures of the README anew (needs Chromium)"
	@echo "make dist             build what is handed out, and try it: wheel, source archive, list of parts; ARGS=--short"
	@echo "make image            the container image of that wheel, built and used; needs Podman or Docker"
	@echo "make docs             the documentation as a site, in site/"
	@echo "make lock             resolve what changed in the dependencies; ARGS=--upgrade moves all to their newest"

.venv/ready: requirements.lock pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit(0 if (3, 11) <= sys.version_info[:2] <= (3, 13) else "Portcullis needs Python 3.11 to 3.13; set PYTHON=/path/to/one")'
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

setup: .venv/ready

demo: setup
	$(BIN)/portcullis demo $(ARGS)

# Under CI=true, or with COVERAGE=yes, the whole suite is measured, and fails below the coverage that pyproject.toml names.
# To measure takes half as much computing again, in the unit tests twice as much.
test: setup
ifeq ($(strip $(COVERAGE) $(ARGS)),yes)
	$(BIN)/coverage erase
	$(BIN)/coverage run $(PYTEST)
	$(BIN)/coverage combine --quiet
	$(BIN)/coverage report
else
	$(BIN)/python $(PYTEST) $(ARGS)
endif

# A quarter of the examples that properties are held against: see tests/conftest.py.
check: WORKERS = 2
check: lint
	$(BIN)/python $(PYTEST) tests/unit -q --hypothesis-profile=at-work $(ARGS)

# Half a minute for a trial. The seeds are printed, and SEED=s runs one again. See tests/chaos/__main__.py.
chaos: setup
	$(BIN)/python -m tests.chaos $(if $(SEEDS),--seeds $(SEEDS)) $(if $(SEED),--seed $(SEED)) $(if $(DATABASE),--database $(DATABASE)) $(ARGS)

# What a delivery costs, against the least that it could cost here. Others: BENCH=silences, by their names in tests/bench.
bench: setup
	$(BIN)/python -m tests.bench.$(BENCH) $(ARGS)

# Some minutes. Other files and tests: FILES=bot/workflow/x.py ARGS='--tests tests/unit/workflow'. See tests/mutants.py.
mutants: setup
	$(BIN)/python -m tests.mutants $(FILES) $(ARGS)

# Against the stand-in, unless PORTCULLIS_CONTRACT_TENANT is set: see tests/contract/conftest.py.
contract: setup
	$(BIN)/python -m pytest tests/contract $(ARGS)

lint: setup
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	@! grep -n '://' requirements.lock runtime.lock || { echo "A lock file names an address"; exit 1; }

format: setup
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

# What was found is on its standard output, and fails. Nothing there: it could ask nobody, which says nothing of us.
audit: setup
	@found=$$($(BIN)/pip-audit --disable-pip --require-hashes -r requirements.lock --progress-spinner off) && said=0 || said=$$?; \
	if [ -n "$$found" ]; then echo "$$found"; exit $$said; fi; \
	[ $$said = 0 ] || echo "The advisories could not be asked for: nothing is known of the locked dependencies." >&2

pictures: setup
	$(BIN)/python docs/pictures/take.py

# The documentation as a site, in site/: `python3 -m http.server --directory site` shows it, search included.
docs: setup
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict --quiet $(ARGS)

# Wheel, source archive and list of parts in dist/, made twice and tried where nothing else is installed: tests/distribution.py.
dist: setup
	$(BIN)/python -m tests.distribution $(ARGS)

# The image of the wheel in dist/, built and used as it is run for real: tests/image.py.
image: setup
	$(BIN)/python -m tests.image $(ARGS)

# What is pinned already stays as it is where it can: with ARGS=--upgrade all moves. `runtime.lock` is the part of it that runs.
LOCK := pip compile --quiet pyproject.toml --universal --generate-hashes --no-emit-index-url --no-header --no-annotate
lock: setup
	$(BIN)/uv $(LOCK) --all-extras --group dev $(ARGS) -o requirements.lock
	$(BIN)/uv $(LOCK) --constraints requirements.lock -o runtime.lock

clean:
	rm -rf .venv .coverage .coverage.* .mutants .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
