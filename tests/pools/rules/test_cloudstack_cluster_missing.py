"""cloudstack-cluster-missing: no cluster of the pool's name."""

from __future__ import annotations

from dataclasses import replace

from pools.cloudstack_facts import CloudStackFacts
from tests.pools.rules.judging import WARNING, fires_on, silent_on
from tests.pools.rules.trouble import cloudstack, no_cloudstack
from tests.pools.world import amber, judged

CODE = "cloudstack-cluster-missing"

NO_CLUSTER = CloudStackFacts(version="4.20.1.0", cluster="", cluster_name="amber")
test_it_fires_on = fires_on(
    CODE, {"no such cluster": (WARNING, "amber", judged(replace(amber(), cloudstack=NO_CLUSTER)))}
)
test_it_is_silent_on = silent_on(
    CODE,
    {
        "a cluster": judged(amber()),
        "an empty one": judged(cloudstack(hosts=())),
        "a silent CloudStack": judged(no_cloudstack()),
        "a pool without CloudStack": judged(replace(amber(), cloudstack=None), known=None),
    },
)
