"""cloudstack-maintenance-stuck: maintenance that does not come to its end."""

from __future__ import annotations

from datetime import timedelta

from pools.rules.case import Case
from tests.pools.rules.judging import WARNING, fires_on, silent_on
from tests.pools.rules.trouble import no_cloudstack
from tests.pools.world import NOW, amber, judged

CODE = "cloudstack-maintenance-stuck"


def since(minutes: float, resourcestate: str = "PrepareForMaintenance") -> Case:
    facts = amber().with_cs_host("cs-3", resourcestate=resourcestate)
    return judged(facts, preparing_since={"cs-3": NOW - timedelta(minutes=minutes)})


test_it_fires_on = fires_on(CODE, {"an hour and a bit": (WARNING, "amber-3", since(60.1))})
test_it_is_silent_on = silent_on(
    CODE,
    {
        "an hour": since(60),
        "a beginning that nobody saw": judged(
            amber().with_cs_host("cs-3", resourcestate="PrepareForMaintenance")
        ),
        "one that got there": since(90, "Maintenance"),
        "one that failed, which is another trouble": since(90, "ErrorInPrepareForMaintenance"),
        "a silent CloudStack": judged(no_cloudstack(), preparing_since={"cs-3": NOW - timedelta(hours=2)}),
    },
)
