# Everything a developer types; `make` alone lists it.
# scripts/dev.sh finds a Python (PYTHON= names one) and keeps .venv as the requirements say.

python := .venv/bin/python
# The checks read the settings, not a database: those of development, and nothing left lying about.
checking := DEBUG=1 DATABASE_URL=sqlite://:memory:

# All cores, or as many processes as PYTEST_XDIST_AUTO_NUM_WORKERS says; `-n` in ARGS wins. Each takes
# neighbouring tests, so that most modules fill their database in one process only.
parallel := -n logical --dist worksteal

# Those with examples of their own, without the shared catalogue.
fast := not (hypothesis or catalogue or browser or clients or deploy)

# The import contracts keep the database out of these folders.
pure := --ignore=tests/domain --ignore=tests/formats

# The Nu Html Checker, from npm.
vnu := 26.9.27

.DEFAULT_GOAL := help
.PHONY: help run install test test-browser test-clients test-postgres test-deploy test-heroku test-newest test-another-day bench bench-page pictures lint format typecheck migrations check clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-17s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: ## serve the site on http://127.0.0.1:8000 (PORT= for another port), with the catalogue imported
	@sh scripts/dev.sh run

install: ## bring .venv to what developing needs (the targets below do it too)
	@sh scripts/dev.sh install

test: install ## the tests, but for those below, on all cores (ARGS= for pytest, as in ARGS="-n 1 -k admin")
	@$(python) -m pytest $(parallel) $(ARGS)

test-browser: install .tools/vnu-$(vnu) ## the tests in a real browser (needs Chromium; npm and Java for the Nu checker)
	@$(python) -m pytest -m browser $(ARGS)

.tools/vnu-$(vnu):
	@npm install --silent --no-save --prefix .tools vnu-jar@$(vnu)
	@touch $@

test-postgres: install ## the tests that may use a database once more, on a PostgreSQL server started for them
	@$(python) scripts/postgres.py -- $(python) -m pytest $(parallel) $(pure) $(ARGS)

test-clients: install ## published clients and generators of clients, installed and run (needs npm and a network)
	@$(python) -m pytest -m clients $(ARGS)

test-deploy: install ## make run on a machine that has never seen the project, and what breaks in production
	@$(python) -m pytest -m deploy --ignore=tests/deploy/test_heroku.py $(ARGS)

test-heroku: install ## build, release and serve from a fresh clone, as Heroku does it
	@$(python) -m pytest -m deploy tests/deploy/test_heroku.py $(ARGS)

test-newest: install ## the fast tests once more, on the newest Django and Python (3.12 or newer has to be at hand)
	@$(python) -m scripts.newest $(parallel) -m "$(fast)" $(ARGS)

test-another-day: install ## the fast tests once more, with the clock set to 28 Feb 2031, 23:30, in Auckland
	@$(python) -m pytest $(parallel) --another-day -m "$(fast)" $(ARGS)

bench: install ## production beside a bare view, growth, imports (needs wrk; ARGS="load growth import" or some of them)
	@$(python) -m scripts.bench $(ARGS)

bench-page: install ## what the first page weighs and costs, against its limits (needs Chromium; ARGS=--profile)
	@$(python) -m scripts.bench_page $(ARGS)

pictures: install ## take the pictures of docs/editing.md anew (needs Chromium)
	@$(python) -m scripts.pictures $(ARGS)

lint: install ## ruff, and who imports whom
	@$(python) -m ruff check
	@$(python) -m ruff format --check
	@.venv/bin/lint-imports --no-logo

format: install ## let ruff mend and format
	@$(python) -m ruff check --fix
	@$(python) -m ruff format

typecheck: install ## mypy
	@$(checking) $(python) -m mypy

migrations: install ## Django's own checks, and that every change of a model has its migration
	@$(checking) $(python) manage.py check
	@$(checking) $(python) manage.py makemigrations --check --dry-run

check: lint typecheck migrations test ## all that a change must pass before it is proposed

clean: ## remove .venv and the caches; the database stays
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache staticfiles
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
