# make demo   train on the synthetic sample people and show the result (7 minutes)
# make test   run the test suite (6 minutes)
# make soak   kill runs at random moments, fill a disk, train long (11 minutes)
# make wheel  build the package's wheel into dist/
# make bench  time this package and its peers and rewrite docs/speed.md's table
# make parity run mmpose itself and compare with it (5 minutes, docs/parity.md)
# make fuzz   feed ten thousand mutated inputs to the readers (2 minutes)
# All build a virtual environment in $(VENV) from constraints.txt first.

# To use another Paddle than the pinned one, in its own environment:
#   make test PADDLE=2.6.2
PADDLE ?=
VENV ?= .venv$(if $(PADDLE),-$(PADDLE))
BIN = $(VENV)/bin
# Paddle 2 has no wheel for Python 3.13.
NEWEST = $(if $(filter 2.%,$(PADDLE)),12,13)
SUITABLE = import ensurepip, sys, venv; \
	sys.exit(not (3, 9) <= sys.version_info[:2] <= (3, $(NEWEST)))
# The first of these that is suitable, unless `make PYTHON=...` names another.
PYTHON ?= $(shell for p in python3 $(addprefix python3.,13 12 11 10 9); do \
	$$p -c '$(SUITABLE)' 2>/dev/null && echo $$p && exit; done)
CHECK_PYTHON = $(or $(PYTHON),false) -c '$(SUITABLE)' 2>/dev/null || { echo "make:" \
	"$(if $(PYTHON),$(PYTHON) is not,no python3 found is) Python 3.9 to 3.$(NEWEST) with" \
	"venv (Debian, Ubuntu: apt install python3-venv); choose one by make PYTHON=..." \
	>&2; exit 1; }
# All but the full-size networks and longer trainings; those too: make test TESTS=tests
TESTS ?= tests -m 'not slow'
# Processes that share the test files, each with one thread.
JOBS ?= 2
# With `deploy` and `convert` too, the tests that need them run instead of skipping
# (for another choice than before, `make clean` first).
EXTRAS ?= cpu,video,test
PIP = $(BIN)/python -m pip install --quiet --disable-pip-version-check
SAMPLE := dataset/sample
OUTPUT := output/hourglass_sample

# Reference environment, its results, the folder of MPII's files (five images are
# enough) and that of the PyTorch repositories' clones; rows that need a folder which
# is not given are left out.
PARITY := .venv-parity
PARITY_FIXTURES := build/parity
PARITY_MPII ?= $(wildcard $(abspath ../shared/mpii))
PARITY_REPOSITORIES ?=
PARITY_INPUTS = PARITY_MPII=$(PARITY_MPII) PARITY_REPOSITORIES=$(PARITY_REPOSITORIES)

FUZZ_RUNS ?= 10000
FUZZ_SEED ?= 0

.PHONY: demo test soak fuzz bench parity wheel environment clean

demo: environment
	$(BIN)/python -m ppdet_hourglass sample $(SAMPLE)
	$(BIN)/python tools/train.py -c configs/hourglass_sample.yml --eval
	$(BIN)/python tools/eval.py -c configs/hourglass_sample.yml --report --heatmaps 12
	rm -rf $(OUTPUT)/pictures && mkdir $(OUTPUT)/pictures
	cp $$(ls $(SAMPLE)/images/2* | head -12) $(OUTPUT)/pictures
	$(BIN)/python tools/infer.py -c configs/hourglass_sample.yml \
		--input $(OUTPUT)/pictures --boxes $(SAMPLE)/annotations/mpii_val.json \
		--output $(OUTPUT)/drawn
	@echo
	@echo "sample people   $(SAMPLE)"
	@echo "best model      $(OUTPUT)/best_model.pdparams"
	@echo "predictions     $(OUTPUT)/keypoints_results.json"
	@echo "worst people    $(OUTPUT)/report.jpg"
	@echo "drawn people    $(OUTPUT)/drawn (of pictures/ beside it, by tools/infer.py)"
	@echo "report          $(OUTPUT)/report.html (open it in a browser)"

test: environment
	$(BIN)/lint-imports
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest -n $(JOBS) \
		--dist loadfile --no-loadscope-reorder --max-worker-restart=0 $(TESTS)

bench: environment $(PARITY)/ready
	$(PIP) -c $(VENV)/constraints.txt -e '.[deploy]'
	$(BIN)/python -m benchmarks all

# Other numbers of kills and instants: make soak SOAK_KILLS=100 SOAK_SEED=1
soak: export SOAK_KILLS ?= 30
soak: export SOAK_SEED ?= 0
soak: environment
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest -s tests/soak

# Ten thousand mutated inputs for the readers; a failure prints its seed and number.
fuzz: environment
	OMP_NUM_THREADS=1 $(BIN)/python -m tests.fuzz --runs $(FUZZ_RUNS) --seed $(FUZZ_SEED)

parity: environment $(PARITY)/ready
	rm -rf $(PARITY_FIXTURES)
	$(PARITY_INPUTS) $(PARITY)/bin/python -m tests.parity.make_fixtures \
		--whole --output $(PARITY_FIXTURES)
	$(PARITY_INPUTS) $(PARITY)/bin/python -m tests.parity.write_checkpoints \
		$(PARITY_FIXTURES)/checkpoints
	$(PIP) -c $(VENV)/constraints.txt -e '.[convert]'
	PARITY_FIXTURES=$(PARITY_FIXTURES) PARITY_CHECKPOINTS=$(PARITY_FIXTURES)/checkpoints \
		$(BIN)/python -m pytest tests/parity

$(PARITY)/ready: NEWEST = 12
$(PARITY)/ready: tests/parity/requirements.txt tests/parity/requirements-alone.txt
	@$(CHECK_PYTHON)
	$(PYTHON) -m venv $(PARITY)
	$(PARITY)/bin/python -m pip install --quiet --disable-pip-version-check \
		-r tests/parity/requirements.txt
	$(PARITY)/bin/python -m pip install --quiet --disable-pip-version-check --no-deps \
		-r tests/parity/requirements-alone.txt
	touch $@

environment: $(VENV)/ready

$(VENV)/ready: $(wildcard constraints*.txt) setup.py
	@$(CHECK_PYTHON)
	@echo "$(VENV): made by $(PYTHON), $$($(PYTHON) --version)"
	$(PYTHON) -m venv $(VENV)
	echo $(if $(PADDLE),paddlepaddle==$(PADDLE)) | awk '$(FIRST_FILE_WINS)' \
		- $(wildcard constraints-paddle-$(PADDLE).txt) constraints.txt > $(VENV)/constraints.txt
	$(PIP) -c $(VENV)/constraints.txt -e '.[$(EXTRAS)]'
	$(PIP) --no-deps paddledet==2.6.0
	touch $@

# A package is pinned by the first file that names it.
FIRST_FILE_WINS = { split($$0, name, /[=<> ]/) } \
	!(name[1] in file) { file[name[1]] = FILENAME } \
	file[name[1]] == FILENAME

# A wheel to install elsewhere: pip install 'dist/NAME.whl[onnx]'
wheel: environment
	rm -rf build/lib  # which may hold modules of former versions
	$(BIN)/python -m pip wheel --quiet --no-deps --wheel-dir dist .
	@ls dist/*.whl

clean:
	rm -rf $(VENV) $(PARITY) $(PARITY_FIXTURES) dataset/sample output/hourglass_sample
