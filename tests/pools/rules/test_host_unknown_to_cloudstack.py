"""host-unknown-to-cloudstack: in the pool, and not in the cluster."""

from __future__ import annotations

from dataclasses import replace

from pools.cloudstack_facts import CloudStackFacts
from tests.pools.rules.judging import WARNING, fires_on, silent_on
from tests.pools.rules.trouble import no_cloudstack
from tests.pools.world import amber, judged, master_silent

CODE = "host-unknown-to-cloudstack"

NOBODY_THERE = CloudStackFacts(version="4.20.1.0", cluster="", cluster_name="amber")
test_it_fires_on = fires_on(
    CODE,
    {
        "a host that CloudStack lacks": (WARNING, "amber-3", judged(amber().without_cs_host("cs-3"))),
        "one that it has removed": (
            WARNING,
            "amber-3",
            judged(amber().with_cs_host("cs-3", state="Removed")),
        ),
    },
)
test_it_is_silent_on = silent_on(
    CODE,
    {
        "another name at the same address": judged(amber().with_cs_host("cs-3", name="amber-three")),
        "no such cluster, which is another trouble": judged(replace(amber(), cloudstack=NOBODY_THERE)),
        "a pool without CloudStack": judged(replace(amber(), cloudstack=None), known=None),
        "a silent CloudStack": judged(no_cloudstack(), known=amber().without_cs_host("cs-3")),
        "a silent master": judged(master_silent(amber().without_cs_host("cs-3"))),
    },
)
