PYTHON ?= python3
VENV   ?= .venv
ifeq ($(OS),Windows_NT)
BIN := $(VENV)/Scripts
else
BIN := $(VENV)/bin
endif
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check

# Of parts that run side by side each is shown when it is over; an old make (macOS) mixes their lines.
GROUPED := $(if $(filter output-sync,$(.FEATURES)),--output-sync=line)

.PHONY: run test check style units browser bench bench-smoke screenshots lock clean

run: $(VENV)/.app          ## open the app
	@$(BIN)/python -m explorer.summaries
	@$(BIN)/streamlit run app.py

# Two parts at a time, the longest beside all others in turn: a browser and a training worker wait as much as they work.
test: $(VENV)/.dev         ## everything CI runs
	@$(BIN)/python -m explorer.summaries
	@echo "Each part is shown when it is over; all of them take about forty minutes on two cores."
	@$(MAKE) --no-print-directory --jobs=2 $(GROUPED) units style browser bench-smoke

check: $(VENV)/.dev        ## style, types, room contracts, unit and page tests
	@$(BIN)/python -m explorer.summaries
	@$(MAKE) --no-print-directory style units

style: $(VENV)/.dev        ## style, types, room contracts
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

units: $(VENV)/.dev        ## unit and page tests
	$(BIN)/pytest -n 2 --dist worksteal --ignore tests/browser --ignore tests/benchmarks

browser: $(VENV)/.dev      ## the main paths in a real Chromium; skipped with one line where there is none
	$(BIN)/pytest tests/browser

bench: $(VENV)/.dev        ## each benchmark prints one ratio
	@for name in tracing first_paint cold_links switching touching degradation first_points lenet resnet20 beside_training looking transfer augmentation batched visitors memory on_gpu; do $(BIN)/python -m benchmarks.$$name || exit 1; done

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
