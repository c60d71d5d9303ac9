# Commands for developers; `make` lists them.
# scripts/dev.sh finds Python (or uses PYTHON=...) and keeps .venv in line with the requirements.

python := .venv/bin/python
# Static checks need settings but no data: development settings, and a database in memory.
checking := DEBUG=1 DATABASE_URL=sqlite://:memory:

# Use all cores, or PYTEST_XDIST_AUTO_NUM_WORKERS processes; `-n` in ARGS overrides both. A process
# takes neighbouring tests, so that most modules fill their database in one process only.
parallel := -n logical --dist worksteal

# Tests that need neither generated examples nor the shared catalogue nor other programs.
fast := not (hypothesis or catalogue or browser or clients or deploy)

# Tests of layers that cannot reach the database, by the import contracts.
pure := --ignore=tests/domain --ignore=tests/formats

# On PostgreSQL, the tests that use the database: those of models and selectors, whose cases differ in
# SQL, in full; one case of each other test.
database := (django_db or catalogue) and not (browser or clients or deploy)
on_postgres := $(pure) -m "$(database)" $(addprefix --brief tests/,api delivery management services web)

# On the newest Django, one case of each fast test: it is another Django that fails, not another case.
on_newest := $(pure) -m "$(fast)" --brief tests

# The Nu Html Checker, from npm.
vnu := 26.9.27

# Lighthouse, from npm: the last version for Node.js 20.
lighthouse := 12.8.2

.DEFAULT_GOAL := help
.PHONY: help run install test test-browser test-clients test-postgres test-deploy test-heroku test-newest test-another-day bench bench-page bench-stack lighthouse pictures lint format typecheck migrations check clean

help: ## list the commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-17s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: ## serve the site at http://127.0.0.1:8000, with the bundled catalogue (PORT=8123 for another port)
	@sh scripts/dev.sh run

install: ## install the development requirements into .venv (the commands below do it, too)
	@sh scripts/dev.sh install

test: install ## run the tests, except for those below (ARGS="-n 1 -k admin" for pytest)
	@$(python) -m pytest $(parallel) $(ARGS)

test-browser: install .tools/vnu-$(vnu) ## run the tests in Chromium (needs npm and Java, too, for the Nu checker)
	@$(python) -m pytest -m browser tests/browser tests/scripts $(ARGS)

.tools/vnu-$(vnu):
	@npm install --silent --no-save --prefix .tools vnu-jar@$(vnu)
	@touch $@

test-postgres: install ## run the tests that use the database on PostgreSQL, which it starts
	@$(python) scripts/postgres.py -- $(python) -m pytest $(parallel) $(on_postgres) $(ARGS)

test-clients: install ## run published API clients and client generators against the site (needs npm and a network)
	@$(python) -m pytest -m clients tests/api tests/formats/stack $(ARGS)

test-deploy: install ## test `make run` in a clean clone, and faults in production: database, workers, restarts
	@$(python) -m pytest -m deploy tests/deploy --ignore=tests/deploy/test_heroku.py $(ARGS)

test-heroku: install ## build, release and serve a clean clone as Heroku does
	@$(python) -m pytest -m deploy tests/deploy/test_heroku.py $(ARGS)

test-newest: install ## run one case of each test that may use Django on the newest one, on that other day, too (needs Python 3.12 or newer)
	@$(python) -m scripts.newest $(parallel) $(on_newest) --another-day $(ARGS)

test-another-day: install ## run the fast tests at 23:30 on 28 February 2031, in Auckland
	@$(python) -m pytest $(parallel) --another-day -m "$(fast)" $(ARGS)

bench: install ## measure load, growth, imports, stack checks and reminders in production (needs wrk; ARGS=load for one of them)
	@$(python) -m scripts.bench $(ARGS)

bench-page: install ## measure size, layout shift, first bar and render time of the first page (needs Chromium; ARGS=--profile)
	@$(python) -m scripts.bench_page $(ARGS)

bench-stack: install ## measure the time of reading lock files of 2 MB (ARGS=--profile)
	@$(python) -m scripts.bench_stack $(ARGS)

lighthouse: install .tools/lighthouse-$(lighthouse) ## run Lighthouse on / and /django/ (needs Chromium and npm; ARGS=/python/ for another page)
	@$(python) -m scripts.lighthouse $(ARGS)

# In a folder of its own: npm would remove the Nu checker.
.tools/lighthouse-$(lighthouse):
	@npm install --silent --no-save --prefix .tools/lighthouse lighthouse@$(lighthouse)
	@touch $@

pictures: install ## take the pictures of README.md and docs/editing.md (needs Chromium)
	@$(python) -m scripts.pictures $(ARGS)

lint: install ## check style (ruff) and the import contracts
	@$(python) -m ruff check
	@$(python) -m ruff format --check
	@.venv/bin/lint-imports --no-logo

format: install ## fix and format the code (ruff)
	@$(python) -m ruff check --fix
	@$(python) -m ruff format

typecheck: install ## check types (mypy)
	@$(checking) $(python) -m mypy

migrations: install ## run Django's checks, and look for missing migrations
	@$(checking) $(python) manage.py check
	@$(checking) $(python) manage.py makemigrations --check --dry-run

check: lint typecheck migrations test ## run all that must pass before a commit

clean: ## remove .venv and caches, but not the database
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache staticfiles
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
