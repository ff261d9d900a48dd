"""cloudstack-unmanaged: a cluster that CloudStack does not look at."""

from __future__ import annotations

from tests.pools.rules.judging import CRITICAL, fires_on, silent_on
from tests.pools.rules.trouble import cloudstack, no_cloudstack, owing
from tests.pools.world import amber, judged

CODE = "cloudstack-unmanaged"

test_it_fires_on = fires_on(
    CODE,
    {
        "Unmanaged": (CRITICAL, "amber", judged(cloudstack(managedstate="Unmanaged"))),
        "an attempt that failed": (
            CRITICAL,
            "amber",
            judged(cloudstack(managedstate="PrepareUnmanagedError")),
        ),
        "a run that owes something else": (
            CRITICAL,
            "amber",
            judged(cloudstack(managedstate="Unmanaged"), obligations=owing("ha")),
        ),
    },
)
test_it_is_silent_on = silent_on(
    CODE,
    {
        "a run that owes it": judged(cloudstack(managedstate="Unmanaged"), obligations=owing("unmanaged")),
        "on the way": judged(cloudstack(managedstate="PrepareUnmanaged")),
        "Managed": judged(amber()),
        "a silent CloudStack": judged(no_cloudstack(), known=cloudstack(managedstate="Unmanaged")),
    },
)
