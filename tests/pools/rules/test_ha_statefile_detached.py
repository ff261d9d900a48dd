"""ha-statefile-detached: a host that does not reach the statefile."""

from __future__ import annotations

from tests.pools.rules.judging import CRITICAL, fires_on, silent_on
from tests.pools.world import amber, ha_off, judged, master_silent, unplugged

CODE = "ha-statefile-detached"

test_it_fires_on = fires_on(
    CODE,
    {
        "the heartbeat SR unplugged": (CRITICAL, "amber-3", judged(unplugged("amber-3", "nfs-hb"))),
        "a live host outside the live set's statefile": (
            CRITICAL,
            "amber-3",
            judged(amber().with_host("amber-3", ha_statefiles=())),
        ),
    },
)
test_it_is_silent_on = silent_on(
    CODE,
    {
        "another SR unplugged": judged(unplugged("amber-3", "iscsi-1")),
        "a release that tells nothing of statefiles": judged(
            amber()
            .with_host("amber-1", ha_statefiles=())
            .with_host("amber-2", ha_statefiles=())
            .with_host("amber-3", ha_statefiles=())
            .with_host("amber-4", ha_statefiles=())
        ),
        "a dead host": judged(amber().with_host("amber-3", ha_statefiles=(), live=False)),
        "HA off": judged(unplugged("amber-3", "nfs-hb", ha_off())),
        "a statefile whose SR is not told": judged(unplugged("amber-3", "nfs-hb").with_ha(statefile_srs=())),
        "PBDs that could not be read": judged(amber().with_pool(pbds=())),
        "a silent master": judged(master_silent()),
    },
)
