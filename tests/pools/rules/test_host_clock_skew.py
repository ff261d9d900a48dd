"""host-clock-skew: a clock that is wrong."""

from __future__ import annotations

from tests.pools.rules.judging import WARNING, fires_on, silent_on
from tests.pools.rules.trouble import alerts
from tests.pools.world import judged, master_silent

CODE = "host-clock-skew"

ALERT = "HOST_CLOCK_SKEW_DETECTED"
test_it_fires_on = fires_on(
    CODE,
    {
        "the alert": (WARNING, "amber-3", judged(alerts(ALERT, 5))),
        "the alert a day ago": (WARNING, "amber-3", judged(alerts(ALERT, 24 * 60))),
    },
)
test_it_is_silent_on = silent_on(
    CODE,
    {
        "the alert a day and a minute ago": judged(alerts(ALERT, 24 * 60 + 1)),
        "another alert": judged(alerts("HA_HOST_WAS_FENCED", 5)),
        "a silent master": judged(master_silent(), known=alerts(ALERT, 5)),
    },
)
