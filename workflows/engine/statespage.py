"""docs/states.md, made of the table of moves: what is drawn is what the engine goes by. Pure."""

from __future__ import annotations

import inspect

from workflows.engine import states
from workflows.engine.states import ABORTABLE, ENDED, FOR_A_PERSON, HOLDING, MOVES, MOVING, RunState

HEAD = """\
# The states of a run

Made of `workflows/engine/states.py` by `python manage.py docs_states`; a test holds it fresh.

Every move is one conditional update of the run's row, in a transaction with its line in the journal. A worker's update
also names its fence; who lost the lease moves nothing.
"""
NOTHING_YET = "nothing happens before people have decided"
KINDS = (
    ("waits for a person", FOR_A_PERSON),
    ("the engine moves it", MOVING),
    ("holds its pool", HOLDING),
    ("ended", ENDED),
)


def markdown() -> str:
    """The page."""
    _, _, drawing = (inspect.getdoc(states) or "").partition("\n\n")
    return "\n".join([HEAD, "```", drawing, "```", "", *_moves(), "", *_states(), ""])


def _moves() -> list[str]:
    rows = [f"| {letter} | {old} | {new} |" for letter, (old, new) in MOVES.items()]
    anywhere = ", ".join(state for state in RunState if state in ABORTABLE)
    return ["| move | from | to |", "|---|---|---|", *rows, f"| q | {anywhere} | aborted |"]


def _states() -> list[str]:
    rows = [f"| {state} | {', '.join(_kinds(state)) or NOTHING_YET} |" for state in RunState]
    return ["| state | what it means for others |", "|---|---|", *rows]


def _kinds(state: RunState) -> list[str]:
    return [word for word, those in KINDS if state in those]
