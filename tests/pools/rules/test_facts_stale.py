"""facts-stale: the last good look is old."""

from __future__ import annotations

from dataclasses import replace

from pools.rules.case import Case
from tests.pools.rules.judging import CRITICAL, WARNING, fires_on, silent_on
from tests.pools.rules.trouble import stale
from tests.pools.world import NOW, amber, judged, master_silent, policy

CODE = "facts-stale"

test_it_fires_on = fires_on(
    CODE,
    {
        "more than three intervals": (WARNING, "amber", stale(3.1)),
        "thirty": (WARNING, "amber", stale(30)),
        "more than thirty": (CRITICAL, "amber", stale(30.1)),
        "a policy of shorter intervals": (
            WARNING,
            "amber",
            replace(stale(3), policy=policy(look_every_s=5)),
        ),
    },
)
test_it_is_silent_on = silent_on(
    CODE,
    {
        "three intervals": stale(3),
        "a good look just now": judged(amber()),
        "a pool that was never read": Case(pool="amber", facts=master_silent(), now=NOW),
    },
)
