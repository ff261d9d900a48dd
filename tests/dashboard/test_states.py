"""The one table of states covers what the engine, the rules and CloudStack can say, and tells them apart."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.conf import settings

from dashboard.states import CLOUDSTACK, RUNS, SEVERITIES, SHAPES, STEPS, TABLE, look_of
from pools.rules.case import Severity
from workflows.engine.states import RunState, StepState

SPRITE = (Path(settings.BASE_DIR) / "templates/ui/sprite.html").read_text()
MARKS = (Path(settings.BASE_DIR) / "dashboard/static/css/marks.css").read_text()


@pytest.mark.parametrize("state", RunState)
def test_every_state_of_a_run_has_a_word_and_a_shape(state: RunState) -> None:
    assert RUNS[state.value].word and RUNS[state.value].shape in SHAPES


@pytest.mark.parametrize("state", StepState)
def test_every_state_of_a_step_has_a_word_and_a_shape(state: StepState) -> None:
    assert STEPS[state.value].word and STEPS[state.value].shape in SHAPES


@pytest.mark.parametrize("severity", Severity)
def test_every_severity_has_a_look_of_its_own(severity: Severity) -> None:
    mine = SEVERITIES[severity.value]
    others = [look for key, look in SEVERITIES.items() if key != severity.value]
    assert all((mine.word, mine.shape) != (look.word, look.shape) for look in others)


def test_severities_differ_in_shape_as_well_as_in_colour() -> None:
    shapes = [SEVERITIES[key].shape for key in ("critical", "warning", "info", "unknown", "ok", "working")]
    assert len(set(shapes)) == len(shapes)


@pytest.mark.parametrize("table", [RUNS, STEPS, CLOUDSTACK], ids=["runs", "steps", "cloudstack"])
def test_two_states_of_a_kind_are_never_called_the_same(table: dict[str, object]) -> None:
    words = [look_of(key).word for key in table]
    assert len(set(words)) == len(words)


@pytest.mark.parametrize("key", ["done", "failed", "confirm", "doubt"])
def test_what_runs_and_steps_share_looks_the_same(key: str) -> None:
    assert RUNS[key] == STEPS[key]


@pytest.mark.parametrize("key", ["failed", "doubt", "critical", "Alert", "Down"])
def test_what_cannot_wait_is_urgent(key: str) -> None:
    assert look_of(key).urgency == 0


@pytest.mark.parametrize("shape", SHAPES)
def test_every_shape_is_drawn(shape: str) -> None:
    assert f'id="i-{shape}"' in SPRITE


def test_no_two_shapes_are_drawn_alike() -> None:
    drawn = [body for _, body in re.findall(r'<symbol id="(i-\w+)"[^>]*>(.*?)</symbol>', SPRITE, re.S)]
    assert len(set(drawn)) == len(drawn)


@pytest.mark.parametrize("shape", sorted({look.shape for look in TABLE.values() if look.word}))
def test_every_shape_of_a_state_has_its_colour(shape: str) -> None:
    assert f".is-{shape} svg" in MARKS


def test_an_unknown_state_shows_its_own_word_as_unknown() -> None:
    assert (look_of("Quarantined").word, look_of("Quarantined").shape) == ("Quarantined", "unknown")
    assert look_of("").word == "Unknown"
