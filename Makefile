.PHONY: setup demo test check fmt bench soak

VENV := .venv/bin
READY := .venv/ready

setup: $(READY)

$(READY): pyproject.toml constraints.txt scripts/setup
	@scripts/setup
	@touch $@

demo: setup
	@exec $(VENV)/yixiang demo

test: setup
	@scripts/servers
	@$(VENV)/python -m pytest -n 2 --dist worksteal -q

check: setup
	$(VENV)/ruff check .
	$(VENV)/ruff format --check .
	$(VENV)/mypy
	$(VENV)/lint-imports

fmt: setup
	$(VENV)/ruff check --fix .
	$(VENV)/ruff format .

bench: setup
	@$(VENV)/python -m benchmarks

soak: setup
	@scripts/servers
	@$(VENV)/python -m pytest -m soak -q
