"""cloudstack-maintenance-stuck: maintenance that does not come to its end."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from pools.cloudstack_facts import CsVm
from pools.rules.case import Case
from tests.pools.rules.judging import WARNING, fires_on, silent_on, the
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


def test_it_names_the_guests_that_are_left_on_that_host() -> None:
    guests = tuple(
        CsVm(id=f"{i}", instance=f"i-2-{i}-VM", state="Running", host=host)
        for i, host in enumerate(("cs-3", "cs-1", "cs-3"))
    )
    case = since(90)
    says = the(replace(case, facts=case.facts.with_cloudstack(vms=guests)), CODE).says
    assert says.endswith("2 guests left: i-2-0-VM and i-2-2-VM.")
