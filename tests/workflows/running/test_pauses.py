"""How soon a step that is under way is looked at again."""

from __future__ import annotations

import pytest

from workflows.running.turn import pause


@pytest.mark.parametrize(
    ("under_way_s", "pause_s"),
    [(0, 0.2), (2, 0.2), (4, 0.4), (5, 0.5), (25, 0.5), (50, 1.0), (250, 5.0), (3600, 5.0), (-3600, 0.2)],
)
def test_it_is_short_at_first_and_a_fiftieth_of_what_has_passed_later(
    under_way_s: float, pause_s: float
) -> None:
    assert pause(under_way_s) == pytest.approx(pause_s)
