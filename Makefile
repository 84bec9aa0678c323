# Everything happens in .venv; `make demo` and `make test` need nothing but Python 3.11+ and make.
PYTHON ?= python3
BIN := .venv/bin
# A changed pyproject.toml installs anew; -e keeps the checkout's rules and code live.
QUIET := --quiet --disable-pip-version-check

.PHONY: demo test check rules lexicons golden docs bench bench-audit clean

demo: .venv/.installed
	@$(BIN)/policylint check --config examples/team/policylint.yaml examples/; status=$$?; [ $$status -le 1 ] || exit $$status

test: .venv/.dev
	$(BIN)/pytest -n auto

check: .venv/.dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy

rules: .venv/.dev
	$(BIN)/python -m policylint.rulebook

# Fits the lexicons to the labelled messages beside the checkout, measures them, and compiles the rules anew.
lexicons: .venv/.dev
	$(BIN)/python -m tests.fitting.fit
	$(BIN)/python -m policylint.rulebook

golden: .venv/.dev
	POLICYLINT_GOLDEN=write $(BIN)/pytest tests/golden

docs: .venv/.dev
	$(BIN)/python docs/generate.py

# Wording and `check`; the audit of millions of records takes minutes, and is bench-audit.
bench: .venv/.dev
	$(BIN)/python tests/benchmarks/score_wording.py
	$(BIN)/python tests/benchmarks/check_speed.py

# Makes logs of 1 and 5 million records (1.5 GB); FLAGS='--large --cache DIR' adds 20 million and keeps them.
bench-audit: .venv/.dev
	$(BIN)/python tests/benchmarks/audit_speed.py --profile $(FLAGS)

clean:
	rm -rf .venv build dist .tools

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "policylint needs Python 3.11 or newer; name one with make PYTHON=python3.12")'
	@$(PYTHON) -m venv .venv

.venv/.installed: .venv/bin/python pyproject.toml
	@echo "Installing policylint into .venv ..."
	@$(BIN)/python -m pip install $(QUIET) -e .
	@touch $@

.venv/.dev: .venv/bin/python pyproject.toml
	@echo "Installing policylint and its development tools into .venv ..."
	@$(BIN)/python -m pip install $(QUIET) -e '.[dev]'
	@touch $@ .venv/.installed
