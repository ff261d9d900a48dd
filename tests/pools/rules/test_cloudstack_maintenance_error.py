"""cloudstack-maintenance-error: maintenance failed."""

from __future__ import annotations

from pools.cloudstack_facts import CsVm
from pools.rules.case import Case
from tests.pools.rules.judging import CRITICAL, fires_on, silent_on, the
from tests.pools.rules.trouble import no_cloudstack
from tests.pools.world import amber, judged

CODE = "cloudstack-maintenance-error"


def state(resourcestate: str) -> Case:
    return judged(amber().with_cs_host("cs-3", resourcestate=resourcestate))


test_it_fires_on = fires_on(
    CODE,
    {
        "while in it": (CRITICAL, "amber-3", state("ErrorInMaintenance")),
        "on the way into it": (CRITICAL, "amber-3", state("ErrorInPrepareForMaintenance")),
    },
)
test_it_is_silent_on = silent_on(
    CODE,
    {
        "maintenance": state("Maintenance"),
        "on the way": state("PrepareForMaintenance"),
        "an addHost that failed": state("Error"),
        "a silent CloudStack": judged(no_cloudstack()),
    },
)


def test_it_names_the_guests_that_are_left() -> None:
    assert the(state("ErrorInMaintenance"), CODE).says.endswith("No guest is left on it.")
    left = state("ErrorInMaintenance").facts.with_cloudstack(
        vms=(CsVm(id="v", instance="i-2-9-VM", state="Running", host="cs-3"),)
    )
    assert the(judged(left), CODE).says.endswith("1 guest left: i-2-9-VM.")
