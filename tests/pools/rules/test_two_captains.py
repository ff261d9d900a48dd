"""two-captains: CloudStack promotes members itself, and pool HA is on too."""

from __future__ import annotations

from tests.pools.rules.judging import WARNING, fires_on, silent_on
from tests.pools.rules.trouble import cloudstack, no_cloudstack
from tests.pools.world import ha_off, judged

CODE = "two-captains"

test_it_fires_on = fires_on(
    CODE,
    {
        "4.3.1": (WARNING, "amber", judged(cloudstack(version="4.3.1"))),
        "4.3": (WARNING, "amber", judged(cloudstack(version="4.3"))),
        "4.2.1": (WARNING, "amber", judged(cloudstack(version="4.2.1"))),
    },
)
test_it_is_silent_on = silent_on(
    CODE,
    {
        "4.3.2": judged(cloudstack(version="4.3.2")),
        "4.10": judged(cloudstack(version="4.10.0.0")),
        "HA off": judged(ha_off().with_cloudstack(version="4.3.1")),
        "a version that nobody knows": judged(cloudstack(version="")),
        "a silent CloudStack": judged(no_cloudstack(), known=None),
    },
)
