# Two commands do all on a fresh machine: `make hunt` and `make test`. Each makes its own .venv.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# LOCKED=yes installs the versions that requirements/ lists for this Python, as CI does; without it,
# or for a Python that has no list, the newest within the ranges of pyproject.toml.
LOCKED ?=
LOCK = requirements/$(shell $(PYTHON) -c 'import sys; print("python%d.%d" % sys.version_info[:2])').txt

.PHONY: hunt test fuzz kills lint museum bench score shapes nightly labs determinism ablation lock clean

hunt: $(VENV)/ready
	$(BIN)/raft-oracle hunt pysyncobj --seed 2 --budget 60s --set compaction_entries=6 \
		--set batch_bytes=64 --set snapshot_chunk_bytes=64; test $$? -le 1

test: $(VENV)/ready
	$(BIN)/pytest -n auto

# Feeds every reader of files ever new ones for an hour; what breaks one is kept in tests/data/corpus.
fuzz: $(VENV)/ready
	RAFT_ORACLE_FUZZ=$${RAFT_ORACLE_FUZZ:-3600} $(BIN)/pytest -n auto -p no:randomly tests/fuzz

# Kills two hundred commands, or one of their processes each, at random moments: nothing is lost or left.
kills: $(VENV)/ready
	RAFT_ORACLE_KILLS=$${RAFT_ORACLE_KILLS:-200} $(BIN)/pytest -n auto -p no:randomly tests/kills

lint: $(VENV)/ready
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	.ci/lint-foreign

# Every finding with its run, and the documents, as a site: open build/museum/index.html.
museum: $(VENV)/ready
	$(BIN)/raft-oracle museum build/museum

bench: $(VENV)/ready
	$(BIN)/python -m bench

score: $(VENV)/ready
	$(BIN)/raft-oracle mutants --score

# What each shape of a run finds, mutant by mutant: the second table of docs/mutants.md.
shapes: $(VENV)/ready
	$(BIN)/python -m bench.shapes

nightly: $(VENV)/ready
	RAFT_ORACLE_PROFILE=nightly $(BIN)/pytest -n auto tests/model/drivers/test_rule_machine.py

# Hunts each of examples/labs for a million steps, and every mistake that is listed beside it.
labs: $(VENV)/ready
	RAFT_ORACLE_PROFILE=nightly $(BIN)/pytest -n auto tests/oracle/unmodified/test_examples.py

# Plays 100 schedules in 5 processes for each lab and for hashicorp/raft, and hunts with 1, 2 and 4 workers.
determinism: $(VENV)/ready
	RAFT_ORACLE_PROFILE=nightly $(BIN)/pytest -p no:randomly tests/oracle/unmodified/test_determinism.py

# Leaves out each patch of Go's standard library alone, which takes half an hour, and must change something.
ablation: $(VENV)/ready
	RAFT_ORACLE_PROFILE=nightly $(BIN)/pytest -n auto tests/oracle/unmodified/test_ablation.py

$(VENV)/ready: pyproject.toml hatch_build.py model/explorer/engines/kernel.c
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --upgrade pip
	$(BIN)/pip install --quiet --editable '.[dev]' \
		$(if $(LOCKED),$(if $(wildcard $(LOCK)),--constraint $(LOCK)))
	touch $@

# Lists the newest versions of today for this Python; commit the list once the tests pass with it.
lock:
	rm -rf $(VENV)-lock
	$(PYTHON) -m venv $(VENV)-lock
	$(VENV)-lock/bin/pip install --quiet --upgrade pip
	$(VENV)-lock/bin/pip install --quiet --editable '.[dev]'
	$(VENV)-lock/bin/pip freeze --exclude-editable > $(LOCK)
	rm -rf $(VENV)-lock

clean:
	rm -rf $(VENV) model/explorer/engines/_kernel.so .raft-oracle .hypothesis .pytest_cache .mypy_cache .ruff_cache
