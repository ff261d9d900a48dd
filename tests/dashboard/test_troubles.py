"""One trouble is one line: four hosts of a pool in Alert are not four alarms."""

from __future__ import annotations

from dashboard.overview import troubles
from pools.models import Finding


def found(pool: int, code: str, name: str) -> Finding:
    return Finding(pool_id=pool, code=code, subject_name=name)


def test_the_same_code_in_one_pool_is_one_line_with_the_other_names() -> None:
    alerts = [found(1, "cloudstack-alert", f"basalt-{i}") for i in (2, 3, 4)]
    assert troubles(alerts) == [(alerts[0], ["basalt-3", "basalt-4"])]


def test_another_pool_and_another_code_are_lines_of_their_own_in_their_order() -> None:
    three = [
        found(1, "master-unreachable", "basalt-1"),
        found(2, "cloudstack-alert", "c"),
        found(1, "cloudstack-alert", "b"),
    ]
    assert troubles(three) == [(each, []) for each in three]
