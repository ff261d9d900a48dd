"""ha-overcommitted: XenServer itself says that it cannot keep its promise."""

from __future__ import annotations

from tests.pools.rules.judging import WARNING, fires_on, silent_on
from tests.pools.world import amber, ha_off, judged, master_silent

CODE = "ha-overcommitted"

test_it_fires_on = fires_on(
    CODE, {"the flag": (WARNING, "amber", judged(amber().with_ha(overcommitted=True)))}
)
test_it_is_silent_on = silent_on(
    CODE,
    {
        "a pool that allows it and is not": judged(amber().with_ha(allow_overcommit=True)),
        "a flag left behind by HA turned off": judged(ha_off().with_ha(overcommitted=True)),
        "a silent master": judged(master_silent()),
    },
)
