"""master-disputed: members name different masters."""

from __future__ import annotations

from datetime import timedelta

from pools.rules.case import Case
from tests.pools.rules.judging import CRITICAL, fires_on, silent_on, the
from tests.pools.rules.trouble import everywhere
from tests.pools.world import NOW, amber, judged, master_silent, with_probe

CODE = "master-disputed"


def since(seconds: float) -> Case:
    """amber-4 has named another master for so long."""
    at = NOW - timedelta(seconds=seconds)
    return judged(with_probe(amber(), "127.10.1.4", master="127.10.1.2", since=at))


test_it_fires_on = fires_on(
    CODE,
    {
        "a member that calls itself the master": (
            CRITICAL,
            "amber",
            judged(with_probe(amber(), "127.10.1.4", master="127.10.1.4")),
        ),
        "one that lasts": (CRITICAL, "amber", since(15)),
        "a dispute while the pool itself cannot be read": (
            CRITICAL,
            "amber",
            judged(with_probe(master_silent(), "127.10.1.4", master="127.10.1.4")),
        ),
    },
)
test_it_is_silent_on = silent_on(
    CODE,
    {
        "members that follow a new master one after the other": since(14.9),
        "a member that names nobody": judged(with_probe(amber(), "127.10.1.4", master=None)),
        "a word of one that did not answer": judged(
            with_probe(amber(), "127.10.1.4", answers=False, code="timeout", master="127.10.1.4")
        ),
        "all following another one": judged(everywhere(master="127.10.1.2")),
    },
)


def test_it_names_who_follows_whom() -> None:
    says = the(judged(with_probe(amber(), "127.10.1.4", master="127.10.1.4")), CODE).says
    assert (
        says == "Members name different masters: amber-1 by amber-1, amber-2 and amber-3; amber-4 by amber-4."
    )
