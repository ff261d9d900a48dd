"""host-not-in-pool: in the cluster, and not in the pool."""

from __future__ import annotations

from tests.pools.rules.judging import CRITICAL, fires_on, silent_on
from tests.pools.rules.trouble import no_cloudstack
from tests.pools.world import amber, judged, master_silent

CODE = "host-not-in-pool"

test_it_fires_on = fires_on(
    CODE,
    {
        "a host that the pool lacks": (CRITICAL, "amber-3", judged(amber().without_host("amber-3"))),
        "a host at another address": (
            CRITICAL,
            "amber-3",
            judged(amber().with_cs_host("cs-3", address="127.10.9.9")),
        ),
    },
)
test_it_is_silent_on = silent_on(
    CODE,
    {
        "one that CloudStack has removed": judged(
            amber().without_host("amber-3").with_cs_host("cs-3", state="Removed")
        ),
        "a dead member": judged(amber().with_host("amber-3", live=False)),
        "a silent master": judged(master_silent(), known=amber().without_host("amber-3")),
        "a silent CloudStack": judged(no_cloudstack()),
    },
)
