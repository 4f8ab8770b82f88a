# Two commands do all on a fresh machine: `make hunt` and `make test`. Each makes its own .venv.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.PHONY: hunt test lint bench score nightly clean

hunt: $(VENV)/ready
	$(BIN)/raft-oracle hunt pysyncobj --seed 2 --budget 60s --set compaction_entries=6 \
		--set batch_bytes=64 --set snapshot_chunk_bytes=64; test $$? -le 1

test: $(VENV)/ready
	$(BIN)/pytest -n auto

lint: $(VENV)/ready
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	.ci/lint-foreign

bench: $(VENV)/ready
	$(BIN)/python -m bench

score: $(VENV)/ready
	$(BIN)/raft-oracle mutants --score

nightly: $(VENV)/ready
	RAFT_ORACLE_PROFILE=nightly $(BIN)/pytest -n auto tests/model/drivers/test_rule_machine.py

$(VENV)/ready: pyproject.toml hatch_build.py model/explorer/engines/kernel.c
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --upgrade pip
	$(BIN)/pip install --quiet --editable '.[dev]'
	touch $@

clean:
	rm -rf $(VENV) model/explorer/engines/_kernel.so .raft-oracle .hypothesis .pytest_cache .mypy_cache .ruff_cache
