"""cloudstack-down: CloudStack takes a host for dead."""

from __future__ import annotations

from pools.rules.case import Case
from tests.pools.rules.judging import CRITICAL, fires_on, found, silent_on
from tests.pools.rules.trouble import cloudstack, no_cloudstack, owing
from tests.pools.world import amber, judged

CODE = "cloudstack-down"


def down(resourcestate: str = "Enabled", **case: object) -> Case:
    return judged(amber().with_cs_host("cs-3", state="Down", resourcestate=resourcestate), **case)


test_it_fires_on = fires_on(
    CODE,
    {
        "Down": (CRITICAL, "amber-3", down()),
        "while it is emptied: what is left on it is lost": (
            CRITICAL,
            "amber-3",
            down("PrepareForMaintenance"),
        ),
        "in a cluster that nobody's run unmanaged": (
            CRITICAL,
            "amber-3",
            judged(cloudstack(managedstate="Unmanaged").with_cs_host("cs-3", state="Down")),
        ),
    },
)
test_it_is_silent_on = silent_on(
    CODE,
    {
        "a host in maintenance": down("Maintenance"),
        "a cluster that a run unmanaged": judged(
            cloudstack(managedstate="Unmanaged").with_cs_host("cs-3", state="Down"),
            obligations=owing("unmanaged", moving=True),
        ),
        "Up": judged(amber()),
        "a silent CloudStack": judged(no_cloudstack()),
    },
)


def test_a_debt_of_a_cluster_that_is_managed_again_excuses_nothing() -> None:
    assert found(down(obligations=owing("unmanaged")), CODE)
