PYTHON ?= python3
VENV   ?= .venv
ifeq ($(OS),Windows_NT)
BIN := $(VENV)/Scripts
else
BIN := $(VENV)/bin
endif
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check

.PHONY: run test check browser bench bench-smoke screenshots lock clean

run: $(VENV)/.app          ## open the app
	@$(BIN)/python -m explorer.summaries
	@$(BIN)/streamlit run app.py

test: check browser bench-smoke  ## everything CI runs

check: $(VENV)/.dev        ## style, types, room contracts, unit and page tests
	@$(BIN)/python -m explorer.summaries
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/pytest -n 2 --dist worksteal --ignore tests/browser --ignore tests/benchmarks

browser: $(VENV)/.dev      ## the main paths in a real Chromium; skipped with one line where there is none
	$(BIN)/pytest tests/browser

bench: $(VENV)/.dev        ## each benchmark prints one ratio
	@for name in tracing first_paint switching degradation lenet resnet20 beside_training looking; do $(BIN)/python -m benchmarks.$$name || exit 1; done

bench-smoke: $(VENV)/.dev  ## every benchmark once, in its smallest size: that it still runs
	$(BIN)/pytest tests/benchmarks

screenshots: $(VENV)/.dev  ## the README's pictures, from the running app
	@$(BIN)/python -m docs.screenshots

lock: $(VENV)/.dev         ## write constraints.txt from what is installed
	@$(BIN)/python -m pip freeze --exclude-editable > constraints.txt

$(VENV)/bin/python $(VENV)/Scripts/python.exe:
	@$(PYTHON) -m venv $(VENV)

$(VENV)/.app: requirements.txt constraints.txt | $(BIN)/python
	@echo "Installing (about 3 GB the first time, most of it PyTorch) ..."
	@$(PIP) -r requirements.txt -c constraints.txt
	@touch $@

$(VENV)/.dev: requirements-dev.txt requirements.txt constraints.txt | $(BIN)/python
	@echo "Installing (about 3 GB the first time, most of it PyTorch) ..."
	@$(PIP) -r requirements-dev.txt -c constraints.txt
	@touch $@ $(VENV)/.app

clean:                     ## remove the environment and all caches
	@rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .import_linter_cache
