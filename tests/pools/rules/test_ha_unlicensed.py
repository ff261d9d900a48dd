"""ha-unlicensed: a licence forbids the HA that the policy wants."""

from __future__ import annotations

from tests.pools.rules.judging import WARNING, fires_on, silent_on
from tests.pools.world import amber, ha_off, judged, master_silent, policy

CODE = "ha-unlicensed"

test_it_fires_on = fires_on(
    CODE,
    {
        "one host without the feature": (
            WARNING,
            "amber",
            judged(amber().with_host("amber-3", ha_licensed=False)),
        ),
        "HA still off": (WARNING, "amber", judged(ha_off().with_host("amber-3", ha_licensed=False))),
    },
)
test_it_is_silent_on = silent_on(
    CODE,
    {
        "a licence with it": judged(amber().with_host("amber-3", ha_licensed=True)),
        "a release that does not tell": judged(amber().with_host("amber-3", ha_licensed=None)),
        "a policy without HA": judged(
            amber().with_host("amber-3", ha_licensed=False), policy=policy(wants_ha=False)
        ),
        "a silent master": judged(master_silent()),
    },
)
