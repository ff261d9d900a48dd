"""Runs on the toy world, as the engine's own tests have them."""

from tests.workflows.engine.conftest import _hints_go_somewhere, plan, pool, run, world

__all__ = ["_hints_go_somewhere", "plan", "pool", "run", "world"]
