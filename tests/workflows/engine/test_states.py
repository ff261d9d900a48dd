"""The table of moves: no state without a way in, none that cannot be left but the ends."""

from __future__ import annotations

import re
from pathlib import Path

from workflows.engine import states
from workflows.engine.states import ABORTABLE, ENDED, HOLDING, MOVES, MOVING, RunState, may
from workflows.engine.statespage import markdown


def test_every_letter_of_the_diagram_is_a_move() -> None:
    assert states.__doc__
    _, _, drawing = states.__doc__.partition("\n\n")
    drawn = set(re.findall(r"(?<![a-z])[a-z](?![a-z])", drawing))
    assert drawn == {*MOVES, "q"}
    for state in RunState:
        assert state in states.__doc__


def test_the_page_is_what_the_table_says() -> None:
    page = Path(__file__).parents[3] / "docs" / "states.md"
    assert page.read_text(encoding="utf-8") == markdown(), "run `python manage.py docs_states`"


def test_every_state_but_the_first_has_a_way_in() -> None:
    entered = {new for _, new in MOVES.values()}
    assert set(RunState) - entered == {RunState.PLANNED} - entered


def test_every_state_but_the_ends_has_a_way_out() -> None:
    left = {old for old, _ in MOVES.values()}
    assert set(RunState) - left == ENDED


def test_nothing_leaves_an_end() -> None:
    assert not [(old, new) for old in ENDED for new in RunState if may(old, new)]


def test_whatever_has_not_ended_can_be_aborted() -> None:
    assert all(may(state, RunState.ABORTED) for state in ABORTABLE)
    assert set(RunState) == ABORTABLE | ENDED


def test_a_run_that_holds_its_pool_has_begun_and_has_not_ended() -> None:
    assert not HOLDING & ENDED
    assert {RunState.STARTING} == MOVING - HOLDING
