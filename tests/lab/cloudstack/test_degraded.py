"""declareHostAsDegraded: the operator says that a host is lost, and CloudStack believes it."""

from __future__ import annotations

import pytest

from lab.world import power
from tests.lab.cloudstack.conftest import Refused, Site, SiteOf


def declare(site: Site, name: str) -> str:
    return str(site.job("declareHostAsDegraded", id=site.row(name).id)["host"]["resourcestate"])


def test_a_host_in_alert_is_declared_degraded_and_enabled_again(site: Site) -> None:
    assert declare(site, "cobalt-2") == "Degraded"
    cancelled = site.job("cancelHostAsDegraded", id=site.row("cobalt-2").id)
    assert cancelled["host"]["resourcestate"] == "Enabled"


def test_its_vms_are_started_elsewhere_without_proof_by_its_heartbeat(site: Site) -> None:
    site.cloud.settings.put("vm.ha.enabled", "false")
    host = site.world.host("basalt-3")
    guests = host.resident
    power.kill(site.world, host)
    site.until(300, lambda: site.row("basalt-3").status == "Alert")
    declare(site, "basalt-3")
    site.until(600, lambda: all(vm.resident_on not in (None, host) for vm in guests))


def test_a_degraded_host_is_deleted_without_force(site: Site) -> None:
    declare(site, "cobalt-2")
    assert site.ask("deleteHost", id=site.row("cobalt-2").id) == {"success": True}


@pytest.mark.parametrize("lost", [False, True])
def test_a_host_that_is_up_or_down_is_not_degraded(site: Site, lost: bool) -> None:
    if lost:
        power.kill(site.world, site.world.host("basalt-3"))
        site.until(300, lambda: site.row("basalt-3").status == "Down")
    with pytest.raises(Refused, match=f"when host is in {'Down' if lost else 'Up'} status") as refused:
        declare(site, "basalt-3")
    assert refused.value.code == 431


def test_neither_twice_nor_back_from_nothing(site: Site) -> None:
    with pytest.raises(Refused, match="Cannot perform cancelHostAsDegraded on host"):
        site.job("cancelHostAsDegraded", id=site.row("cobalt-2").id)
    declare(site, "cobalt-2")
    with pytest.raises(Refused, match="was already marked as Degraded"):
        declare(site, "cobalt-2")


def test_not_while_it_prepares_for_maintenance(site: Site) -> None:
    site.row("cobalt-2").resource_state = "PrepareForMaintenance"
    with pytest.raises(
        Refused, match="No next resource state found for current state = PrepareForMaintenance"
    ):
        declare(site, "cobalt-2")


def test_before_4_16_the_command_is_unknown(site_of: SiteOf) -> None:
    assert site_of("4.15.2").reply("declareHostAsDegraded", id="x").status == 401
