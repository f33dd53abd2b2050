# The course's commands. `make` lists them; README.md has the same without make.

VENV := .venv
BIN := $(VENV)/bin
RUN := $(BIN)/python
CANDIDATES := $(if $(PYTHON),"$(PYTHON)",python3 python3.13 python3.12 python3.11 python)
FITS := import ensurepip, sys, venv; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))
TEXT ?= The birch canoe slid on the smooth planks.
WORKERS ?= auto

# A copy of the pyproject.toml that .venv was installed from. As long as the two are the same, no
# command calls pip, so after one set-up everything works with the network cut off.
INSTALLED := $(VENV)/installed-pyproject.toml

# uv shows what it downloads. On Linux it takes the torch that fits the computer, from PyTorch's own
# index: without an NVIDIA GPU that is one without CUDA. CPU=1 asks for that one, CPU=0 for CUDA's.
EVERYTHING := '.[lab,eval,export,dev]'
UV := $(RUN) -m uv pip install --python $(RUN)
BACKEND := $(if $(filter Linux,$(shell uname -s)),$(if $(filter 0,$(CPU)),,--torch-backend=$(if \
	$(filter 1,$(CPU)),cpu,auto)))

# Handed on through the environment, so that quotes and dollars in a text reach it unharmed.
export SPOKEN := $(value TEXT)

.DEFAULT_GOAL := help
.PHONY: help setup install lab test test-browser lint speak voice course site bench clean

help:  ## list the commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-13s%s\n", $$1, $$2 }' Makefile

setup:  ## make .venv and install everything in it, once (PYTHON=python3.12 to choose one)
	@cmp -s pyproject.toml $(INSTALLED) && $(RUN) -c "" 2>/dev/null || $(MAKE) --no-print-directory install

# A .venv that works is kept, with what is in it (a CPU-only torch, say).
install:
	@$(RUN) -c "" 2>/dev/null || for python in $(CANDIDATES); do \
		if "$$python" -c '$(FITS)' >/dev/null 2>&1; then \
			echo "Making .venv with $$python"; \
			exec "$$python" -m venv --clear $(VENV); \
		fi; \
	done
	@$(RUN) -c '$(FITS)' 2>/dev/null || { echo "ttslib needs Python 3.11 to 3.13 with venv: install one" \
		"and name it, as in make setup PYTHON=python3.12 (and remove a .venv of another)" >&2; exit 1; }
	@$(RUN) -m uv --version >/dev/null 2>&1 || $(RUN) -m pip install --quiet \
		--disable-pip-version-check uv
	@echo "Installing ttslib and its packages into .venv: about 2 GB on the disk, 5 GB with CUDA"
	@backend="$(BACKEND)"; if test -n "$$backend" && \
		! $(UV) --quiet --dry-run --upgrade --no-deps $$backend torch 2>/dev/null; then \
			echo "PyTorch's own index can't be reached: taking torch from the package index" >&2; \
			backend=; \
		fi; $(UV) $$backend --editable $(EVERYTHING)
	@$(RUN) -m ttslib.audio.compiled  # once, so that no two processes compile it together later
	@cp pyproject.toml $(INSTALLED)

lab: setup  ## open JupyterLab on the first notebook (LAB_ARGS="--no-browser" hands on options)
	@$(RUN) -m jupyterlab $(LAB_ARGS) "$$(ls notebooks/*.ipynb | head -n 1)"

# Each worker is one process with one thread; a file's tests, and a notebook's cells, stay together.
# The mini corpus is made first, with all cores, so that no two workers set out to make it.
test: setup  ## run every test and every notebook, with tiny trainings
	@$(RUN) -c "from ttslib.corpora.mini.corpus import mini_libritts; mini_libritts()"
	@OMP_NUM_THREADS=1 $(RUN) -m pytest --numprocesses $(WORKERS) --maxprocesses 4 --dist loadfile \
		--nbval-lax --nbval-current-env --nbval-cell-timeout 300 tests notebooks

# make site first, and the site is tested, too. TTSLIB_PATIENCE=1200 waits longer on a slow computer.
test-browser: setup  ## test widgets, the listening page and the site in chromium, where there is one
	@TTSLIB_BROWSER=1 OMP_NUM_THREADS=1 $(RUN) -m pytest tests/browser

lint: setup  ## check the style of code and notebooks, and the types
	@$(RUN) -m ruff check .
	@$(RUN) -m ruff format --check .
	@$(RUN) -m mypy

speak: setup  ## TEXT="..." speaks it into a WAV file
	@$(BIN)/ttslib speak -- "$$SPOKEN"

# Each stage resumes where it stopped and is skipped when it is done; Ctrl-C saves.
KATHLEEN := data/kathleen/train-kathleen
STAGES := data/runs/kathleen
voice: setup  ## train the human voice from scratch: one download, hours of training
	@$(BIN)/ttslib corpus download kathleen
	@$(BIN)/ttslib train matcha --corpus $(KATHLEEN) --out $(STAGES)/matcha --resume
	@$(BIN)/ttslib train distill $(STAGES)/matcha/best.safetensors --corpus $(KATHLEEN) \
		--out $(STAGES)/distilled --resume
	@$(BIN)/ttslib train vocos --preset source --corpus $(KATHLEEN) --out $(STAGES)/vocos --resume \
		--steps 30000
	@$(BIN)/ttslib train vocos --preset source --corpus $(KATHLEEN) --out $(STAGES)/tuned --resume \
		--gta $(STAGES)/distilled/best.safetensors --start $(STAGES)/vocos/last.safetensors \
		--steps 4000 --set adversarial_from=0 --set pitch_until=0
	@test -d data/voices/my-kathleen || $(BIN)/ttslib keep $(STAGES)/distilled/best.safetensors \
		my-kathleen --vocoder $(STAGES)/tuned/last.safetensors --half
	@$(BIN)/ttslib speak --voice my-kathleen -- "$$SPOKEN"

course: setup  ## run every notebook in full; copies and pages land in build/course/
	@$(RUN) benchmarks/run_notebooks.py

# A broken link is an error. What the site needs beside the course's packages is installed first.
site: setup  ## make a web site of the course, in build/site/, to read without a network
	@$(RUN) -c "import myst_nb, sphinx_book_theme" 2>/dev/null || $(UV) --editable '.[site]'
	@$(RUN) -m sphinx --quiet --fail-on-warning --keep-going --conf-dir docs . build/site
	@echo "Open build/site/index.html in a browser"

bench: setup  ## measure speeds beside a peer's; benchmarks/RESULTS.md tells what came of it
	@for script in benchmarks/bench_*.py; do $(RUN) "$$script" || exit 1; done

clean:  ## remove what was built; corpora in data/ stay, and so does .venv
	@rm -rf build dist docs/api .pytest_cache .ruff_cache .mypy_cache
