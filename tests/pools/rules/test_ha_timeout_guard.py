"""ha-timeout-guard: what another tool's re-enable falls back to."""

from __future__ import annotations

import pytest

from tests.pools.rules.judging import INFO, fires_on, silent_on, the
from tests.pools.world import amber, ha_off, judged, master_silent, policy

CODE = "ha-timeout-guard"

test_it_fires_on = fires_on(
    CODE,
    {
        "none": (INFO, "amber", judged(amber().with_ha(default_timeout_s=None))),
        "a shorter one": (INFO, "amber", judged(amber().with_ha(default_timeout_s=179))),
        "a longer timeout in force, which it does not follow": (
            INFO,
            "amber",
            judged(amber().with_ha(timeout_s=240)),
        ),
        "none, and HA off": (INFO, "amber", judged(ha_off().with_ha(default_timeout_s=None))),
    },
)
test_it_is_silent_on = silent_on(
    CODE,
    {
        "the policy's": judged(amber()),
        "one that follows a longer timeout": judged(amber().with_ha(timeout_s=240, default_timeout_s=240)),
        "the policy's beside a timeout that is too short": judged(amber().with_ha(timeout_s=60)),
        "the policy's, and a longer one left behind by HA turned off": judged(
            ha_off().with_ha(timeout_s=240)
        ),
        "a policy without HA": judged(
            ha_off().with_ha(default_timeout_s=None), policy=policy(wants_ha=False)
        ),
        "a silent master": judged(master_silent()),
    },
)


@pytest.mark.parametrize(
    ("guard", "says", "value"),
    [
        (
            None,
            "is not set: a re-enable by another tool would fall back to the version's default.",
            "not set",
        ),
        (90, "is 90 s, not 180 s: a re-enable by another tool would fall back to 90 s.", "90"),
    ],
)
def test_it_says_what_another_tool_would_fall_back_to(guard: int | None, says: str, value: str) -> None:
    finding = the(judged(amber().with_ha(default_timeout_s=guard)), CODE)
    assert finding.says == f"default_ha_timeout of amber {says}"
    assert finding.evidence[0].value == value
