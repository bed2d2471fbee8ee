# The project's commands; `make help` lists them. Everything lives below this folder: .venv, and data in var.
PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
VENV := .venv
RUN := $(VENV)/bin/python
MANAGE := $(RUN) manage.py
CASE ?= us-canada-2023
ARGS ?=
# Tests and checks run on the embedded database and broker, whatever the shell has set.
PLAIN := env -u DATABASE_URL -u BROKER_URL -u REDIS_URL -u DJANGO_SETTINGS_MODULE -u DATA_DIR

export UV_PYTHON_DOWNLOADS := never
# The certificates that this machine trusts, as pip does; the second name is for older versions.
export UV_SYSTEM_CERTS := 1
export UV_NATIVE_TLS := 1
export PIP_DISABLE_PIP_VERSION_CHECK := 1
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help setup demo serve test check bench golden messages audit requirements

help: ## this list
	@sed -nE 's/^([a-z]+):[^#]*## (.*)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 22

setup: $(VENV)/dev.stamp ## virtual environment with everything that running, tests and checks need

demo: $(VENV)/runtime.stamp ## from nothing: import the shipped case, estimate every intervention, write the report
	$(MANAGE) demo $(CASE) $(ARGS)

serve: $(VENV)/runtime.stamp ## web, worker and schedule in one process; ARGS="--port 8080" for another port
	@$(MANAGE) serve $(ARGS)

test: $(VENV)/dev.stamp ## the tests, on the embedded database; ARGS="-k name" for some of them
	$(PLAIN) $(RUN) -m pytest --numprocesses auto --maxprocesses 4 --dist loadfile $(ARGS)

check: $(VENV)/dev.stamp ## style, types, import contracts, production settings, migrations
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .
	$(PLAIN) $(VENV)/bin/mypy
	$(PLAIN) $(VENV)/bin/lint-imports --no-cache
	$(PLAIN) $(RUN) -m tests.translations --check
	@scratch=$$(mktemp -d) && trap 'rm -rf "$$scratch"' EXIT && set -x && \
	$(PLAIN) DATA_DIR="$$scratch" DJANGO_SETTINGS_MODULE=planner.config.settings.production ALLOWED_HOSTS=planner.example \
		SECRET_KEY="$$($(RUN) -c 'import secrets; print(secrets.token_urlsafe(64))')" \
		$(MANAGE) check --deploy --fail-level WARNING && \
	$(PLAIN) DATA_DIR="$$scratch" $(MANAGE) makemigrations --check --dry-run

bench: $(VENV)/dev.stamp ## speed and memory as ratios; takes minutes
	$(PLAIN) $(RUN) -m tests.benchmarks $(ARGS)

golden: $(VENV)/dev.stamp ## write the expected results of the golden tests anew; read the difference before you commit it
	$(PLAIN) $(RUN) -m pytest -m golden --rewrite-golden $(ARGS)

messages: $(VENV)/dev.stamp ## put new words of the pages into the catalogues and compile them; says what is untranslated
	$(PLAIN) $(RUN) -m tests.translations

audit: $(VENV)/dev.stamp ## known weaknesses of the pinned packages; asks a public service
	@said=$$($(VENV)/bin/pip-audit --disable-pip --require-hashes --timeout 15 -r requirements.txt 2>&1); code=$$?; \
	unknown=$$(echo "$$said" | grep -c "could not be audited"); \
	echo "$$said" | grep -v "could not be audited" | tail -n 40; \
	if [ $$unknown -gt 0 ]; then echo "not audited: $$unknown packages, which the database of weaknesses did not tell about"; fi; \
	if [ $$code -ne 0 ] && ! echo "$$said" | grep -q "known vulnerabilit"; then \
		echo "not audited: the database of weaknesses did not answer"; \
	else exit $$code; fi

requirements: ## compile requirements*.txt anew from requirements*.in; needs uv
	for name in requirements requirements-dev requirements-uv; do \
		uv pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes --no-header \
			--no-emit-index-url --no-emit-find-links $$name.in -o $$name.txt || exit 1; done

# uv is several times faster; pip comes after it for machines where uv is not to be had or cannot reach the registry.
define install
	@installer=$$(command -v uv || echo $(VENV)/bin/uv); \
	{ [ -x "$$installer" ] || $(RUN) -m pip install --quiet --require-hashes -r requirements-uv.txt; } && \
		"$$installer" pip install --quiet --python $(RUN) --require-hashes -r $(1) || \
		$(RUN) -m pip install --quiet --require-hashes -r $(1)
endef

$(RUN):
	@[ -n "$(PYTHON)" ] || { echo "Python 3.11 or newer is needed; none was found." >&2; exit 1; }
	@echo "Making the virtual environment in $(VENV)"
	@$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); uv venv --quiet --seed --python $(PYTHON) $(VENV); }

$(VENV)/runtime.stamp: requirements.txt requirements-uv.txt | $(RUN)
	@echo "Installing what the planner needs"
	$(call install,requirements.txt)
	@touch $@

$(VENV)/dev.stamp: requirements-dev.txt $(VENV)/runtime.stamp
	@echo "Installing what tests and checks need"
	$(call install,requirements-dev.txt)
	@touch $@
