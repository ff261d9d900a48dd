"""debt-unpaid: a run that left something to be put back."""

from __future__ import annotations

from tests.pools.rules.judging import CRITICAL, WARNING, fires_on, silent_on
from tests.pools.rules.trouble import owing
from tests.pools.world import amber, ha_off, judged, master_silent

CODE = "debt-unpaid"

test_it_fires_on = fires_on(
    CODE,
    {
        "HA": (CRITICAL, "run 7", judged(amber(), obligations=owing("ha"))),
        "maintenance": (WARNING, "run 7", judged(amber(), obligations=owing("maintenance"))),
        "a cluster": (WARNING, "run 7", judged(amber(), obligations=owing("unmanaged"))),
        "a pool that cannot be read": (CRITICAL, "run 7", judged(master_silent(), obligations=owing("ha"))),
    },
)
test_it_is_silent_on = silent_on(
    CODE,
    {
        "a run that moves, and pays later": judged(amber(), obligations=owing("ha", moving=True)),
        "no debt": judged(ha_off()),
    },
)
