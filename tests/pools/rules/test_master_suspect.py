"""master-suspect: one way to the master fails, another works."""

from __future__ import annotations

from dataclasses import replace

from tests.pools.rules.judging import WARNING, fires_on, silent_on
from tests.pools.world import SILENT, amber, judged, master_silent, with_probe

CODE = "master-suspect"

test_it_fires_on = fires_on(
    CODE,
    {
        "a master that answers a probe, and no question": (
            WARNING,
            "amber-1",
            judged(replace(amber(), pool=None, pool_trouble=SILENT)),
        ),
        "a member that lost the master which we see": (
            WARNING,
            "amber-1",
            judged(with_probe(amber(), "127.10.1.2", emergency=True, master=None)),
        ),
        "a pool that answers, while its master's own address does not": (
            WARNING,
            "amber-1",
            judged(with_probe(amber(), "127.10.1.1", answers=False, code="timeout")),
        ),
    },
)
test_it_is_silent_on = silent_on(
    CODE,
    {
        "a master that answers nobody": judged(master_silent()),
        "a member that is silent": judged(with_probe(amber(), "127.10.1.3", answers=False, code="timeout")),
        "a member of which nothing is known": judged(with_probe(amber(), "127.10.1.3", emergency=None)),
        "nobody probed": judged(replace(amber(), probes=())),
    },
)
