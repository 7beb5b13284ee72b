# `make` alone lists the commands. Needed: Python 3.11 to 3.13 and make; everything else is brought along.
PYTHON ?= python3
PORT ?= 8000
ROLE ?= admin
UNIT ?=
PG ?= 18
export DOSE ?= full
ONLY ?=
RUN := .venv
DEV := .venv-dev
BENCH := .venv-bench
LOOK := .venv-look
# What the first process compiled, the fifty that the tests start need not compile again.
unexport PYTHONDONTWRITEBYTECODE
# What is imported is compiled then; most of what lies in the packages never is.
PIP := -m pip --disable-pip-version-check --no-input install --quiet --no-compile

SUITE := -p no:cacheprovider -n auto --maxprocesses 4 --dist loadfile --no-loadscope-reorder

.DEFAULT_GOAL := help
.PHONY: help run reset token test check lint types guards fix lock migrate migration bench faults look docs sbom audit

help: ## list the commands
	@awk -F ':.*## ' '/^[a-z]+:.*## /{printf "make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

$(RUN)/installed: requirements-embedded.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(0 if (3,11) <= sys.version_info[:2] < (3,14) else "Python 3.11, 3.12 or 3.13 is needed: make PYTHON=python3.11 run")'
	@echo "Preparing $(RUN) (once) ..." >&2
	@$(PYTHON) -m venv $(RUN)
	@$(RUN)/bin/python $(PIP) --require-hashes --only-binary :all: -r requirements-embedded.txt
	@$(RUN)/bin/python $(PIP) --no-deps --no-build-isolation --editable .
	@touch $@

$(DEV)/installed: requirements-dev.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(0 if (3,11) <= sys.version_info[:2] < (3,14) else "Python 3.11, 3.12 or 3.13 is needed: make PYTHON=python3.11 test")'
	@echo "Preparing $(DEV) (once) ..." >&2
	@$(PYTHON) -m venv $(DEV)
	@$(DEV)/bin/python $(PIP) --require-hashes --only-binary :all: -r requirements-dev.txt
	@$(DEV)/bin/python $(PIP) --no-deps --no-build-isolation --editable .
	@touch $@

$(BENCH)/installed: requirements-bench.txt pyproject.toml
	@echo "Preparing $(BENCH) (once) ..." >&2
	@$(PYTHON) -m venv $(BENCH)
	@$(BENCH)/bin/python $(PIP) --require-hashes --only-binary :all: -r requirements-bench.txt
	@$(BENCH)/bin/python $(PIP) --no-deps --no-build-isolation --editable .
	@touch $@

$(LOOK)/installed: requirements-look.txt pyproject.toml
	@echo "Preparing $(LOOK) (once) ..." >&2
	@$(PYTHON) -m venv $(LOOK)
	@$(LOOK)/bin/python $(PIP) --require-hashes --only-binary :all: -r requirements-look.txt
	@$(LOOK)/bin/python $(PIP) --no-deps --no-build-isolation --editable .
	@touch $@

run: $(RUN)/installed ## serve everything on http://127.0.0.1:$(PORT) with Dorset's framework and real figures
	@exec $(RUN)/bin/qapf run --port $(PORT)

reset: ## forget everything `make run` stored
	@if [ -x $(RUN)/bin/qapf ]; then $(RUN)/bin/qapf reset; else echo "Nothing to reset."; fi

token: $(RUN)/installed ## a bearer token of the local issuer: ROLE=analyst, UNIT=code for one unit's scope
	@$(RUN)/bin/qapf token --role $(ROLE) $(if $(UNIT),--unit $(UNIT))

test: $(DEV)/installed ## the suite but for the guards, a PostgreSQL of its own for each core: PG=16 for the oldest supported
	@QAPF_TEST_PG=$(PG) $(DEV)/bin/python -m pytest $(SUITE) --ignore tests/architecture $(ARGS)

check: $(DEV)/installed ## ruff, mypy, import contracts, guards
	@$(MAKE) --no-print-directory -j 2 lint types guards

lint:
	@$(DEV)/bin/ruff check .
	@$(DEV)/bin/ruff format --check .
	@$(DEV)/bin/lint-imports

types:
	@$(DEV)/bin/mypy

# In one process: the other core is at the types.
guards:
	@$(DEV)/bin/python -m pytest -p no:cacheprovider -q tests/architecture

fix: $(DEV)/installed ## format, and mend what ruff can
	@$(DEV)/bin/ruff check --fix -q . ; $(DEV)/bin/ruff format -q .

lock: ## pin the requirements anew, with hashes
	@$(DEV)/bin/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --no-annotate pyproject.toml -o requirements.txt
	@$(DEV)/bin/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --no-annotate -c requirements.txt --extra embedded pyproject.toml -o requirements-embedded.txt
	@$(DEV)/bin/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --no-annotate -c requirements.txt --extra embedded --extra dev pyproject.toml -o requirements-dev.txt
	@$(DEV)/bin/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --no-annotate -c requirements.txt --extra embedded --extra bench pyproject.toml -o requirements-bench.txt
	@$(DEV)/bin/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --no-annotate -c requirements-dev.txt --extra look pyproject.toml -o requirements-look.txt

sbom: $(DEV)/installed ## what the image is made of, from the lock, as CycloneDX in sbom.cdx.json
	@$(DEV)/bin/python deploy/make_sbom.py > sbom.cdx.json

audit: $(DEV)/installed ## known weaknesses of what is locked (asks the advisory database over the network)
	@$(DEV)/bin/pip-audit --strict --require-hashes --disable-pip --progress-spinner off -r requirements.txt

migrate: $(RUN)/installed ## bring the four databases to the newest migration
	@$(RUN)/bin/qapf migrate

migration: $(DEV)/installed ## a new migration from the models: SERVICE=audit M="what it does"
	@$(DEV)/bin/qapf migration $(SERVICE) "$(M)"

bench: $(BENCH)/installed ## the benchmarks, one JSON line each
	@for program in benchmarks/*.py; do $(BENCH)/bin/python $$program || exit 1; done

faults: $(DEV)/installed ## the faults, one JSON line each: DOSE=small, full or a part such as 0.1; ONLY=kills for one, ONLY=soak for two hours
	@worst=0; for program in $(if $(ONLY),$(ONLY:%=faults/%.py),$(filter-out faults/soak.py,$(wildcard faults/*.py))); do $(DEV)/bin/python $$program || worst=1; done; exit $$worst

look: $(LOOK)/installed ## every form of a report, and a running `make run`, seen in the system's Chromium and tried by axe
	@$(LOOK)/bin/python tests/look/forms.py
	@$(LOOK)/bin/python tests/look/screenshots.py http://127.0.0.1:$(PORT)

docs: $(DEV)/installed ## write docs/problems.md and the OpenAPI snapshots anew
	@$(DEV)/bin/python -m services.documentation
