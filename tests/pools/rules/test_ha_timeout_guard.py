"""ha-timeout-guard: what another tool's re-enable falls back to."""

from __future__ import annotations

from tests.pools.rules.judging import INFO, fires_on, silent_on
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
