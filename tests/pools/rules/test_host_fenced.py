"""host-fenced: a host rebooted itself to protect the storage."""

from __future__ import annotations

from pools.facts import Alert
from tests.pools.rules.judging import CRITICAL, WARNING, fires_on, silent_on, the
from tests.pools.rules.trouble import alerts
from tests.pools.world import amber, judged, master_silent

CODE = "host-fenced"

FENCED_BY = "HA_HOST_WAS_FENCED"
test_it_fires_on = fires_on(
    CODE,
    {
        "once": (WARNING, "amber-3", judged(alerts(FENCED_BY, 90))),
        "a day ago": (WARNING, "amber-3", judged(alerts(FENCED_BY, 24 * 60))),
        "twice in an hour": (WARNING, "amber-3", judged(alerts(FENCED_BY, 5, 25))),
        "three times in an hour": (CRITICAL, "amber-3", judged(alerts(FENCED_BY, 5, 25, 60))),
        "three times in more than an hour": (WARNING, "amber-3", judged(alerts(FENCED_BY, 5, 25, 61))),
    },
)
test_it_is_silent_on = silent_on(
    CODE,
    {
        "a day and a minute later": judged(alerts(FENCED_BY, 24 * 60 + 1)),
        "another alert": judged(alerts("HA_HOST_FAILED", 5)),
        "an alert about no host of the pool": judged(alerts(FENCED_BY, 5).without_host("amber-3")),
        "an alert without a time": judged(
            amber().with_pool(
                alerts=(Alert(uuid="a", name=FENCED_BY, priority=4, subject="amber-3", at=None),)
            )
        ),
        "a silent master": judged(master_silent(), known=alerts(FENCED_BY, 5)),
    },
)


def test_only_a_loop_wants_the_workflow_that_breaks_it() -> None:
    assert the(judged(alerts(FENCED_BY, 5)), CODE).remedy == ""
    assert the(judged(alerts(FENCED_BY, 5, 25, 45)), CODE).remedy == "break-fence-loop"
