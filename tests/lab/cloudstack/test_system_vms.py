"""CloudStack's own VMs in the healthy scenario: they move with the others, and have lists of their own."""

from __future__ import annotations

from lab import scenarios
from lab.cloudstack.start import start
from lab.world import SteppedClock, World
from tests.lab.cloudstack.conftest import Site


class Healthy(Site):
    """The healthy scenario instead of the estate."""

    def __init__(self) -> None:
        self.clock = SteppedClock()
        self.world = World(self.clock)
        scenarios.load("healthy", self.world)
        self.cloud = start(self.world)
        self.world.begin()


def test_they_are_listed_apart_from_the_instances() -> None:
    site = Healthy()
    assert {vm["systemvmtype"] for vm in site.ask("listSystemVms")["systemvm"]} == {
        "consoleproxy",
        "secondarystoragevm",
    }
    assert site.ask("listRouters", listall="true")["count"] == 2
    assert site.ask("listVirtualMachines", listall="true")["count"] == 35


def test_maintenance_moves_them_too() -> None:
    site = Healthy()
    site.job("prepareHostForMaintenance", id=site.row("amber-2").id)
    site.until(900, lambda: site.row("amber-2").resource_state == "Maintenance")
    storage = site.ask("listSystemVms", systemvmtype="secondarystoragevm")["systemvm"][0]
    assert (storage["state"], storage["agentstate"]) == ("Running", "Up")
    assert storage["hostname"] != "amber-2"
    assert site.world.crashes == []
