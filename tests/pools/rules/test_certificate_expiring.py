"""certificate-expiring: a TLS certificate near its end."""

from __future__ import annotations

from datetime import timedelta

from pools.rules.case import Case
from tests.pools.rules.judging import WARNING, fires_on, silent_on, the
from tests.pools.world import NOW, amber, judged, master_silent

CODE = "certificate-expiring"


def ends_in(days: float) -> Case:
    return judged(amber().with_host("amber-3", certificate_expires=NOW + timedelta(days=days)))


test_it_fires_on = fires_on(
    CODE,
    {
        "29 days and a bit": (WARNING, "amber-3", ends_in(29.99)),
        "yesterday": (WARNING, "amber-3", ends_in(-1)),
    },
)
test_it_is_silent_on = silent_on(
    CODE,
    {
        "30 days": ends_in(30),
        "one whose end is not told": judged(amber()),
        "a silent master": judged(master_silent()),
    },
)


def test_it_says_whether_it_has_ended() -> None:
    assert " ended at " in the(ends_in(-1), CODE).says
    assert " ends at " in the(ends_in(1), CODE).says
