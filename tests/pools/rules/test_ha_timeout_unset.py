"""ha-timeout-unset: HA is on, and nobody said with which timeout."""

from __future__ import annotations

import pytest

from pools.rules.case import Case
from tests.pools.rules.judging import CRITICAL, INFO, fires_on, silent_on, the
from tests.pools.rules.trouble import versions
from tests.pools.world import amber, ha_off, judged, master_silent

CODE = "ha-timeout-unset"


def unset(guard: int | None, version: str = "8.2.1") -> Case:
    return judged(versions(version).with_ha(timeout_s=None, default_timeout_s=guard))


test_it_fires_on = fires_on(
    CODE,
    {
        "no timeout, and nothing that stands in for it": (CRITICAL, "amber", unset(None)),
        "a stand-in that is shorter than the policy wants": (CRITICAL, "amber", unset(179)),
        "a stand-in that is long enough": (INFO, "amber", unset(180)),
    },
)
test_it_is_silent_on = silent_on(
    CODE,
    {
        "a timeout": judged(amber()),
        "a timeout that is too short": judged(amber().with_ha(timeout_s=10)),
        "HA off": judged(ha_off().with_ha(timeout_s=None)),
        "a silent master": judged(master_silent()),
    },
)


@pytest.mark.parametrize(
    ("version", "words"),
    [
        ("6.1.0", "the version's default of 30 s"),
        ("6.2.0", "the version's default of 60 s"),
        ("8.2.1", "the version's default of 60 s"),
        ("8.10", "the version's default of 60 s"),
        ("", "the version's default is in force"),
        ("one", "the version's default is in force"),
    ],
)
def test_it_says_what_the_release_gives(version: str, words: str) -> None:
    assert words in the(unset(None, version), CODE).says


def test_it_says_what_stands_in_for_it() -> None:
    assert (
        the(unset(240), CODE).says == "HA is on in amber without a timeout: default_ha_timeout gives 240 s."
    )
