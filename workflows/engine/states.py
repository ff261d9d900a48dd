"""The states of a run and of a step, and every move that a run may make. Pure; the docs draw this table.

               ask            enough yes
planned ──────a──────▶ approval ──────c──────▶ starting ◀──b── planned (no approvals needed)
                        │  │  ▲                  │  │  └─h──▶ planned (no approvals needed, and the plan moved)
                 no ◀─d─┘  └e▶ expired   moved ──g  f  the plan still holds, the pool is ours
refused                                             ▼
                               ┌───────i────── running ──────o──────▶ done
                               ▼                ▲ │ │  └──p──▶ aborted (the tail is over)
                 a person:  confirm ─────j──────┘ │ └──l──▶ doubt ──n──▶ running
                                                  k              (it happened, it did not)
                                                  ▼
                                                failed ──m──▶ running (retry, skip, undo, abort)
q  anything that has not ended and is not acting ──▶ aborted (leave as is)
"""

from __future__ import annotations

from enum import StrEnum


class RunState(StrEnum):
    """Where a run stands. `confirm`, `failed` and `doubt` wait for a person; the last five are the ends."""

    PLANNED = "planned"
    APPROVAL = "approval"
    STARTING = "starting"
    RUNNING = "running"
    CONFIRM = "confirm"
    FAILED = "failed"
    DOUBT = "doubt"
    DONE = "done"
    ABORTED = "aborted"
    REFUSED = "refused"
    EXPIRED = "expired"


class StepState(StrEnum):
    """Where a step stands. `acting` has an intent on record; `waiting` only looks until it is so."""

    TODO = "todo"
    CONFIRM = "confirm"
    CONFIRMED = "confirmed"
    ACTING = "acting"
    WAITING = "waiting"
    FAILED = "failed"
    DOUBT = "doubt"
    DONE = "done"
    ALREADY = "already"
    NOT_NEEDED = "not-needed"
    SKIPPED = "skipped"
    CANCELLED = "cancelled"


R = RunState

MOVES: dict[str, tuple[RunState, RunState]] = {
    "a": (R.PLANNED, R.APPROVAL),
    "b": (R.PLANNED, R.STARTING),
    "c": (R.APPROVAL, R.STARTING),
    "d": (R.APPROVAL, R.REFUSED),
    "e": (R.APPROVAL, R.EXPIRED),
    "f": (R.STARTING, R.RUNNING),
    "g": (R.STARTING, R.APPROVAL),
    "h": (R.STARTING, R.PLANNED),
    "i": (R.RUNNING, R.CONFIRM),
    "j": (R.CONFIRM, R.RUNNING),
    "k": (R.RUNNING, R.FAILED),
    "l": (R.RUNNING, R.DOUBT),
    "m": (R.FAILED, R.RUNNING),
    "n": (R.DOUBT, R.RUNNING),
    "o": (R.RUNNING, R.DONE),
    "p": (R.RUNNING, R.ABORTED),
}
"""Letter → (from, to). `h` is `g` for a plan that needs no approval. `q` is `ABORTABLE`."""

ENDED = frozenset({R.DONE, R.ABORTED, R.REFUSED, R.EXPIRED})
ABORTABLE = frozenset(set(R) - ENDED)
"""From these a person may end the run (a running step that is acting must come to rest first)."""
MOVING = frozenset({R.STARTING, R.RUNNING, R.CONFIRM})
"""The engine ticks these: `confirm` too, so that what a person reads before the button stays true."""
FOR_A_PERSON = frozenset({R.CONFIRM, R.FAILED, R.DOUBT})
"""A run in these goes on only when somebody decides."""
HOLDING = frozenset({R.RUNNING, R.CONFIRM, R.FAILED, R.DOUBT})
"""A run in these holds its pool."""

OVER = frozenset(
    {StepState.DONE, StepState.ALREADY, StepState.NOT_NEEDED, StepState.SKIPPED, StepState.CANCELLED}
)
"""A step in these is never touched again, and its `done` never asked again."""


def may(old: RunState, new: RunState) -> bool:
    """Whether that move is in the table."""
    return (old, new) in MOVES.values() or (new is R.ABORTED and old in ABORTABLE)
