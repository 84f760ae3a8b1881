# Every task of the project; `make help` lists them.

SHELL := /bin/sh
.DEFAULT_GOAL := help
VENV := .venv
BIN := $(VENV)/bin
# The locks name everything: without --no-deps a newer release of what is asked for with
# an extra would be looked at first, and refused for want of a hash.
INSTALL := -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps
PIP := $(BIN)/python $(INSTALL)
LOCK := $(BIN)/uv pip compile --quiet --universal --generate-hashes \
	--python-version 3.11 --custom-compile-command "make lock"
# Only `make lock UPGRADE=1` takes newer versions than the locks name.
UPGRADE_OPTION := $(if $(UPGRADE),--upgrade)

.PHONY: help
help: ## List the tasks.
	@sed -n 's/^\([a-z][a-z-]*\):.*## /\1	/p' Makefile | sort | \
		while IFS='	' read -r name words; do printf '%-12s %s\n' "$$name" "$$words"; done

$(BIN)/python:
	"$$(scripts/find-python)" -m venv $(VENV)

$(VENV)/.installed: requirements.lock | $(BIN)/python
	$(PIP) --requirement requirements.lock
	@touch $@

$(VENV)/.installed-dev: requirements-dev.lock | $(BIN)/python
	$(PIP) --requirement requirements-dev.lock
	@touch $(VENV)/.installed $@

.PHONY: install
install: $(VENV)/.installed ## Install what the product needs into .venv.

.PHONY: dev
dev: $(VENV)/.installed-dev ## Install what developing needs, too.

.PHONY: run
run: install ## Serve the product on http://127.0.0.1:8000 (PORT changes it).
	@scripts/serve

# What the browser tests need; pinned, and kept out of git.
build/npm/.installed: tests/browser/package.json tests/browser/package-lock.json
	@mkdir -p $(@D)
	@cp tests/browser/package.json tests/browser/package-lock.json $(@D)
	@npm ci --prefix $(@D) --ignore-scripts --no-audit --no-fund --loglevel=error
	@touch $@

# What the tests drive besides Python: a browser, the languages of the console's snippets,
# and a gateway.
PROGRAMS := chromium/chromium-browser/google-chrome npm curl openssl php:php-cli nginx

.PHONY: programs
programs:
	@scripts/ensure-programs $(PROGRAMS) || \
		echo "Programs for the tests could not be installed." >&2

.PHONY: browser-assets
browser-assets: programs ## Fetch htmx and axe-core for the browser tests.
	@$(MAKE) --no-print-directory build/npm/.installed

.PHONY: test
test: dev browser-assets ## Run every test, with coverage. ARGS go to pytest.
	@scripts/test $(ARGS)

INTEROP := build/interop

$(INTEROP)/.installed: requirements-interop.lock | $(BIN)/python
	@$(BIN)/python -m venv --clear $(INTEROP)
	@$(INTEROP)/bin/python $(INSTALL) --requirement requirements-interop.lock
	@touch $@

interop/node_modules/.installed: interop/package.json interop/package-lock.json
	@npm ci --prefix interop --ignore-scripts --no-audit --no-fund --loglevel=error
	@touch $@

.PHONY: interop
interop: $(INTEROP)/.installed programs ## Drive clients of others against the product. ARGS go to pytest.
	@scripts/ensure-interop
	@$(MAKE) --no-print-directory interop/node_modules/.installed
	$(INTEROP)/bin/python -m pytest -c interop/pytest.ini --rootdir=. interop \
		tests/functional/flows/test_real_clients_*.py $(ARGS)

.PHONY: lint
lint: dev ## Check style and templates.
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/djlint --quiet --lint app/templates

.PHONY: format
format: dev ## Write the code in the project's style.
	$(BIN)/ruff check --fix-only --quiet .
	$(BIN)/ruff format .

.PHONY: types
types: dev ## Check types.
	$(BIN)/mypy

.PHONY: contracts
contracts: dev ## Check which package imports which.
	$(BIN)/lint-imports

.PHONY: lock
lock: dev ## Write the lock files anew from pyproject.toml.
	$(LOCK) $(UPGRADE_OPTION) pyproject.toml --output-file requirements.lock
	$(LOCK) $(UPGRADE_OPTION) pyproject.toml --extra dev --output-file requirements-dev.lock
	$(LOCK) $(UPGRADE_OPTION) pyproject.toml --extra interop \
		--constraint requirements-dev.lock --output-file requirements-interop.lock

.PHONY: rules
rules: dev ## Write docs/rules.md from the tests' marks.
	$(BIN)/python -m scripts.rules

.PHONY: bench
bench: dev ## Measure requests against a bare RSA signature.
	$(BIN)/python -m bench $(ARGS)

.PHONY: bench-pages
bench-pages: dev ## Measure every page in a large database against a small one.
	$(BIN)/python -m bench.pages $(ARGS)

.PHONY: screenshots
screenshots: dev browser-assets ## Take pictures of the main pages for the documentation.
	$(BIN)/python -m scripts.screenshots $(ARGS)
