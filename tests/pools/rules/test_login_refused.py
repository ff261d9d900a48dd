"""login-refused: a captain is there, and does not let us in."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from pools.facts import Trouble
from pools.rules.case import Pause
from tests.pools.rules.judging import CRITICAL, fires_on, silent_on, text_of, the
from tests.pools.rules.trouble import no_cloudstack, refused
from tests.pools.world import NOW, amber, judged, master_silent, with_probe

CODE = "login-refused"

test_it_fires_on = fires_on(
    CODE,
    {
        "XenServer": (CRITICAL, "amber", judged(refused("login-refused"))),
        "a role that may not read": (CRITICAL, "amber", judged(refused("RBAC_PERMISSION_DENIED"))),
        "CloudStack": (CRITICAL, "amber", judged(no_cloudstack("login-refused"))),
        "keys without rights": (CRITICAL, "amber", judged(no_cloudstack("not-permitted"))),
        "clocks too far apart for a signature": (CRITICAL, "amber", judged(no_cloudstack("clock-skew"))),
    },
)
test_it_is_silent_on = silent_on(
    CODE,
    {
        "a dead master": judged(master_silent()),
        "another certificate": judged(refused("tls-untrusted")),
        "a silent CloudStack": judged(no_cloudstack()),
        "a member that refuses a probe's password": judged(
            with_probe(amber(), "127.10.1.3", code="login-refused")
        ),
    },
)


@pytest.mark.parametrize(("tries", "words"), [(1, "asked once;"), (4, "asked 4 times;")])
def test_it_says_how_often_it_was_tried_and_when_next(tries: int, words: str) -> None:
    pause = Pause(since=NOW, tried_at=NOW, tries=tries, next_at=NOW + timedelta(minutes=5))
    says = the(judged(refused("login-refused"), pool_pause=pause), CODE).says
    assert says.startswith(
        f"No. So it is since 2026-11-22 03:00:00 UTC, {words} the next try is at 2026-11-22 03:05"
    )


def test_it_repeats_what_the_captain_said() -> None:
    facts = replace(amber(), pool=None, pool_trouble=Trouble(code="not-permitted", params=("read-only",)))
    finding = the(judged(facts), CODE)
    assert finding.says == "XenServer refuses us: not-permitted."
    assert text_of(finding) == [("answer", "not-permitted read-only", "XenServer")]
