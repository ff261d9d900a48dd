"""What the lab's CloudStack takes and shows, held against the parameters and fields of the source.

The two tables are extracts of CloudStack's command and response classes, with the version that brought each. They are
not part of the project.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from lab.cloudstack.registry import COMMANDS
from lab.scenarios.build import add_vm
from lab.world import World
from tests.lab.cloudstack.conftest import Site

DATA = Path(__file__).parents[4] / "shared" / "data" / "cloudstack"
pytestmark = pytest.mark.skipif(
    not DATA.is_dir(), reason="the extracts of CloudStack's source are not at hand"
)
EVERYWHERE = {"keyword", "page", "pagesize", "listall", "projectid", "details"}
NOT_IN_EXTRACT = {
    "listVirtualMachines": {"id", "name", "hostid", "podid", "zoneid", "state"},
    "listHosts": {"keyword"},
    "listClusters": {"keyword"},
}
Version = tuple[int, ...]


def since_of(text: str) -> Version:
    found = re.search(r"since (\d[\d.]*)", text)
    return tuple(int(part) for part in found[1].strip(".").split(".")) if found else ()


@cache
def commands() -> dict[str, dict[str, Version]]:
    """The parameters of each command, each with the version that brought it."""
    found: dict[str, dict[str, Version]] = {}
    for line in (DATA / "cmds.txt").read_text().splitlines():
        if line.startswith("## "):
            name = line.split()[1].strip('"')
            found[name] = {}
        elif line.strip() and not line.strip().startswith("?"):
            found[name][line.split()[0].rstrip("*")] = since_of(line.split("|")[0])
    return found


@cache
def responses() -> dict[str, dict[str, Version]]:
    """The fields of each response, each with the version that brought it."""
    found: dict[str, dict[str, Version]] = {}
    for line in (DATA / "resps.txt").read_text().splitlines():
        if line.startswith("##RESP "):
            name = line.split()[1]
            found[name] = {}
        elif line.startswith("  "):
            found[name].setdefault(line.split()[0], since_of(line.split("|")[0]))
    found["HostForMigrationResponse"] |= found["HostResponse"]
    found["HostMetricsResponse"] |= found["HostResponse"]
    return found


def known_commands() -> list[str]:
    return sorted(set(COMMANDS) & set(commands())) if DATA.is_dir() else []


@pytest.mark.parametrize("name", known_commands())
def test_every_parameter_is_the_sources_and_came_when_it_did(name: str) -> None:
    mine, theirs = COMMANDS[name], commands()[name]
    expected = set(theirs) | EVERYWHERE | NOT_IN_EXTRACT.get(name, set())
    assert set(mine.parameters) <= expected
    later = {parameter: since for parameter, since in theirs.items() if since > (4, 3)}
    assert {p: mine.newer.get(p, ())[:2] for p in mine.parameters if p in later} == {
        p: since[:2] for p, since in later.items() if p in mine.parameters
    }


@pytest.mark.parametrize("name", known_commands())
def test_what_the_source_requires_is_required(name: str) -> None:
    text = (DATA / "cmds.txt").read_text()
    block = re.split(rf'^## "?{name}"? ', text, flags=re.M)[1].split("\n## ")[0]
    assert set(re.findall(r"^  (\w+)\*", block, flags=re.M)) == set(COMMANDS[name].required)


def with_every_kind(world: World) -> None:
    for name in ("r-4-VM", "s-1-VM", "v-2-VM"):
        add_vm(world, world.host("amber-1"), name)


LISTS = [
    ("listHosts", "host", "HostResponse", {}),
    ("listHostsMetrics", "host", "HostMetricsResponse", {}),
    ("listClusters", "cluster", "ClusterResponse", {}),
    ("listPods", "pod", "PodResponse", {}),
    ("listAlerts", "alert", "AlertResponse", {}),
    ("listEvents", "event", "EventResponse", {}),
    ("listStoragePools", "storagepool", "StoragePoolResponse", {}),
    ("listManagementServers", "managementserver", "ManagementServerResponse", {}),
    ("listSystemVms", "systemvm", "SystemVmResponse", {}),
    ("findHostsForMigration", "host", "HostForMigrationResponse", {"virtualmachineid": "a VM"}),
]


@cache
def site(version: str) -> Site:
    made = Site({"version": version, "out_of_band": ["amber-1"]}, with_every_kind)
    made.job("reconnectHost", id=made.row("amber-2").id)
    made.ask("updateHost", id=made.row("amber-1").id, hosttags="ssd", annotation="hello")
    return made


def rows(version: str, command: str, element: str, params: dict[str, str]) -> list[dict[str, Any]]:
    where = site(version)
    if not where.cloud.version.since(*COMMANDS[command].since):
        return []
    vm = next(row.id for row in where.cloud.vms.values() if row.kind == "user")
    return list(where.ask(command, **dict.fromkeys(params, vm))[element])


@pytest.mark.parametrize("version", ["4.3.1", "4.4.0", "4.5.2", "4.11.3", "4.20.1", "4.22.0"])
@pytest.mark.parametrize(("command", "element", "response", "params"), LISTS)
def test_every_field_is_the_sources_and_not_there_before_its_time(
    version: str, command: str, element: str, response: str, params: dict[str, str]
) -> None:
    number = site(version).cloud.version.number
    fields = responses()[response]
    for row in rows(version, command, element, params):
        assert set(row) <= set(fields)
        assert {name for name in row if fields[name] > number} == set()


def test_capabilities_are_the_sources() -> None:
    told = site("4.22.0").ask("listCapabilities")["capability"]
    assert set(told) <= set(responses()["CapabilitiesResponse"])
