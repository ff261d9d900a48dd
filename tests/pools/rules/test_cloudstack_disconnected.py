"""cloudstack-disconnected: CloudStack does not watch a host."""

from __future__ import annotations

from pools.rules.case import Case
from tests.pools.rules.judging import WARNING, fires_on, silent_on
from tests.pools.rules.trouble import cloudstack, no_cloudstack, owing
from tests.pools.world import amber, judged

CODE = "cloudstack-disconnected"


def disconnected(resourcestate: str = "Enabled", **case: object) -> Case:
    facts = amber().with_cs_host("cs-3", state="Disconnected", resourcestate=resourcestate)
    return judged(facts, **case)


test_it_fires_on = fires_on(
    CODE,
    {
        "Disconnected": (WARNING, "amber-3", disconnected()),
        "a run that owes something else": (
            WARNING,
            "amber-3",
            disconnected(obligations=owing("maintenance")),
        ),
    },
)
test_it_is_silent_on = silent_on(
    CODE,
    {
        "a host in maintenance": disconnected("Maintenance"),
        "one that is emptied": disconnected("PrepareForMaintenance"),
        "one that somebody disabled there": disconnected("Disabled"),
        "a cluster that a run unmanaged": judged(
            cloudstack(managedstate="Unmanaged").with_cs_host("cs-3", state="Disconnected"),
            obligations=owing("unmanaged", moving=True),
        ),
        "Connecting": judged(amber().with_cs_host("cs-3", state="Connecting")),
        "a silent CloudStack": judged(no_cloudstack()),
    },
)
