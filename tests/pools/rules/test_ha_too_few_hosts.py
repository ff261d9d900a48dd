"""ha-too-few-hosts: HA with fewer than three live hosts."""

from __future__ import annotations

from tests.pools.rules.judging import CRITICAL, fires_on, silent_on
from tests.pools.world import NOW, amber, ha_off, judged, master_silent

CODE = "ha-too-few-hosts"

test_it_fires_on = fires_on(
    CODE,
    {
        "two live of four": (
            CRITICAL,
            "amber",
            judged(amber().with_host("amber-3", live=False).with_host("amber-4", live=False)),
        ),
        "a pool of two": (CRITICAL, "amber", judged(amber().without_host("amber-3").without_host("amber-4"))),
    },
)
test_it_is_silent_on = silent_on(
    CODE,
    {
        "three live of four": judged(amber().with_host("amber-4", live=False)),
        "disabled hosts, which vote": judged(
            amber().with_host("amber-3", enabled=False).with_host("amber-4", enabled=False)
        ),
        "hosts that a new master has not heard of yet": judged(
            amber()
            .with_host("amber-1", agent_start_time=NOW.timestamp() - 10)
            .with_host("amber-3", live=False)
            .with_host("amber-4", live=False)
        ),
        "HA off": judged(ha_off().without_host("amber-3").without_host("amber-4")),
        "hosts that could not be read": judged(amber().with_pool(hosts=())),
        "a silent master": judged(master_silent()),
    },
)
