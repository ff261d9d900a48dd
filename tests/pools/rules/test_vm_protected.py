"""vm-protected: guests that two would restart."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pools.facts import Vm
from tests.pools.rules.judging import CRITICAL, fires_on, silent_on, the
from tests.pools.rules.trouble import protected
from tests.pools.world import SILENT, amber, judged, master_silent

CODE = "vm-protected"

test_it_fires_on = fires_on(
    CODE,
    {
        "restart": (CRITICAL, "amber", judged(protected())),
        "best effort": (CRITICAL, "amber", judged(protected("best-effort"))),
        "HA off, for the day when it is on again": (
            CRITICAL,
            "amber",
            judged(protected().with_ha(enabled=False)),
        ),
        "a CloudStack that is silent": (
            CRITICAL,
            "amber",
            judged(replace(protected(), cloudstack=None, cloudstack_trouble=SILENT)),
        ),
    },
)
test_it_is_silent_on = silent_on(
    CODE,
    {
        "guests without a priority": judged(amber()),
        "a pool without CloudStack": judged(replace(protected(), cloudstack=None), known=None),
        "a silent master": judged(master_silent(), known=protected()),
    },
)


def test_it_names_five_and_counts_the_rest() -> None:
    says = the(judged(protected(number=7)), CODE).says
    assert says.startswith("HA protects 7 guests of amber: i-2-0-VM, ") and says.endswith("and 2 more.")


@pytest.mark.parametrize(("number", "values"), [(20, 20), (21, 20)])
def test_twenty_are_evidence_enough(number: int, values: int) -> None:
    guests = tuple(
        Vm(uuid=f"{i}", ref=f"{i}", name=f"{i}", power_state="Running", ha_restart_priority="restart")
        for i in range(number)
    )
    assert len(the(judged(amber().with_pool(vms=guests)), CODE).evidence) == values
