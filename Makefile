# divide: make compute (the main job), make test, make check. Needs Python >= 3.11, make and a package index.
PYTHON ?= python3
VENV ?= .venv
REQUIREMENTS ?= dev
BIN := $(VENV)/bin
export DIVIDE_RAW ?= $(abspath ../shared/data)

.PHONY: browser compute test check data docs site gallery env test-lowest wheel bench clean format

env: $(VENV)/.ready

$(VENV)/.ready: requirements/$(REQUIREMENTS).txt pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements/$(REQUIREMENTS).txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	$(BIN)/python -m compileall -q divide_cli || true
	touch $@

compute: env  ## the gaps that A/RES/80/173 cites, printed and written to out/
	$(BIN)/divide compute

test: env  ## all tests, on all processors
	$(BIN)/python -m pytest -n auto --dist loadfile

check: env  ## format, lint, types, imports, generated pages, links, site, schemas, translations, data package
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m scripts.docs --check
	$(BIN)/python -m scripts.site --check
	$(BIN)/python -m scripts.schemas --check
	$(BIN)/python -m scripts.translations check
	$(BIN)/frictionless validate data/datapackage.json > /dev/null

format: env
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

docs: env  ## writes the examples and generated pages of README.md and docs/, schemas/yaml/, new texts of translations
	$(BIN)/python -m scripts.docs
	$(BIN)/python -m scripts.schemas
	$(BIN)/python -m scripts.translations extract

site: env  ## builds the documentation site; open build/documentation/site/index.html
	$(BIN)/python -m scripts.site

gallery: env  ## writes the pictures of docs/gallery/ (needs the extra report)
	$(BIN)/python -m scripts.gallery

browser:  ## Chromium (apt) and axe-core (npm, pinned) for tests/browser, which skip where there is neither
	@command -v chromium > /dev/null || timeout 300 sh -c 'apt-get -qq update && apt-get -qq install -y --no-install-recommends chromium' \
	  || echo "no Chromium: tests of pages in a browser are skipped"
	@timeout 120 npm ci --prefix tests/browser --ignore-scripts --no-audit --no-fund \
	  || echo "no axe-core: its tests are skipped"

data: env  ## derives data/ from the raw files ($$DIVIDE_RAW)
	$(BIN)/python -m scripts.derive

test-lowest:  ## the tests with the oldest supported libraries
	$(MAKE) test VENV=.venv-lowest REQUIREMENTS=lowest

wheel: env
	$(BIN)/python -m build --wheel --no-isolation

bench: env  ## benchmarks, as ratios
	$(BIN)/python benchmarks/startup.py
	$(BIN)/python benchmarks/compute/run.py
	$(BIN)/python benchmarks/read/run.py
	$(BIN)/python benchmarks/reproduce.py
	$(BIN)/python benchmarks/report.py

clean:
	rm -rf $(VENV) .venv-lowest out dist build .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
