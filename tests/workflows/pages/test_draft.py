"""A form shows whom to choose, and folds the rest behind one line."""

from __future__ import annotations

import pytest

from workflows.engine.step import Candidate, Input
from workflows.pages.draft import MOST_SHOWN, Field


def field(fit: int, unfit: int, value: str = "h-0", kind: str = "host") -> Field:
    able = [Candidate(f"h-{n}", f"amber-{n}") for n in range(fit)]
    out = [Candidate(f"x-{n}", f"local-{n}", out=("not shared",)) for n in range(unfit)]
    return Field(Input("sr", "SR", kind, ""), (*able, *out), value)


def shown(of: Field) -> list[str]:
    return [each.value for _, each in of.shown]


@pytest.mark.parametrize(
    ("of", "seen", "says"),
    [
        (field(3, 0), 3, ""),
        (field(2, 9), 2, "9 ruled out"),
        (field(MOST_SHOWN + 4, 1), MOST_SHOWN, "4 more that could, 1 ruled out"),
        (field(16, 2, kind="hosts"), 16, "2 ruled out"),
        (field(0, 8, value=""), MOST_SHOWN, f"{8 - MOST_SHOWN} ruled out"),
    ],
)
def test_those_to_choose_from_are_shown_and_the_others_counted(of: Field, seen: int, says: str) -> None:
    assert (len(of.shown), of.fold_says) == (seen, says)
    assert len(of.shown) + len(of.folded) == len(of.candidates)


def test_the_chosen_one_is_never_folded() -> None:
    assert "h-8" in shown(field(12, 0, value="h-8"))
