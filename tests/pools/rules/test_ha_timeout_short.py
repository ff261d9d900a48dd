"""ha-timeout-short: a timeout below the policy's."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pools.rules.case import Case
from tests.pools.rules.judging import CRITICAL, WARNING, fires_on, silent_on, the
from tests.pools.world import amber, ha_off, judged, master_silent, policy

CODE = "ha-timeout-short"


def at(seconds: int, wanted: int = 180) -> Case:
    return judged(amber().with_ha(timeout_s=seconds), policy=policy(ha_timeout_s=wanted))


test_it_fires_on = fires_on(
    CODE,
    {
        "a second too short": (WARNING, "amber", at(179)),
        "61 s": (WARNING, "amber", at(61)),
        "60 s": (CRITICAL, "amber", at(60)),
        "a policy of more": (WARNING, "amber", at(180, wanted=240)),
    },
)
test_it_is_silent_on = silent_on(
    CODE,
    {
        "what the policy wants": at(180),
        "more than it wants": at(240),
        "a policy that is content with 60 s": at(60, wanted=60),
        "what HA left behind when it was turned off": judged(ha_off().with_ha(timeout_s=30)),
        "no timeout, which is another trouble": judged(amber().with_ha(timeout_s=None)),
        "a silent master": judged(master_silent(), known=amber().with_ha(timeout_s=30)),
    },
)


@pytest.mark.parametrize(
    ("case", "waits"),
    [
        (at(120), True),
        (at(121), False),
        (judged(replace(amber().with_ha(timeout_s=90), cloudstack=None), known=None), False),
    ],
)
def test_cloudstacks_own_heartbeat_is_told_where_it_outlasts_the_timeout(case: Case, waits: bool) -> None:
    assert the(case, CODE).says.endswith("CloudStack's own heartbeat waits 120 s.") == waits
