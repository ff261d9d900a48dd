"""A world recorded from a pool (here from the lab itself): the same estate, under other names, by reading only."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from lab import saved
from lab.cli import main
from lab.world import SteppedClock, World
from tests.lab.conftest import Site

READS = re.compile(r"session\.(login_with_password|logout)|\w+\.get_all_records|list\w+")


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "world.json"


@pytest.fixture(autouse=True)
def secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LAB_PASSWORD", "baton-lab")
    monkeypatch.setenv("LAB_KEYS", "lab-api-key:lab-secret-key")


def record(site: Site, out: Path, *more: str, pools: tuple[str, ...] = ("amber", "basalt", "cobalt")) -> int:
    order = ["record", str(out), "--cloudstack", site.lab.cloudstack_url]
    for pool in pools:
        order += ["--address", f"{site.lab.address(f'{pool}-1')}:{site.lab.port}"]
        order += ["--fingerprint", site.lab.fingerprint(f"{pool}-1")]
    return main([*order, *more])


def loaded(out: Path) -> World:
    return saved.load(out, SteppedClock)


def spoil(world: World) -> None:
    """Names, addresses and notes as an estate has them."""
    for index, host in enumerate(world.hosts):
        host.name = f"xen{index:02}.rack7.example.org"
        host.software_version["hostname"] = host.name
        host.other_config["iscsi_iqn"] = f"iqn.2011-05.org.example:{index}"
        host.name_description = "bought from Initech"
    world.cloudstack.zone.name = "Springfield"
    for pool in world.pools:
        pool.name, pool.name_description = f"Customer {pool.uuid[:4]}", "call Bob on 555-0100"
        pool.other_config["memo"] = "the root password is swordfish"
        for vm in pool.vms:
            if vm.is_control_domain or vm.name.endswith("7-VM"):
                vm.name = f"payroll-{vm.uuid[:4]}"
        for sr in pool.srs:
            sr.name = f"filer-{sr.uuid[:4]}"


def told(world: World) -> set[str]:
    """Everything that would tell whose estate it is. Addresses are the lab's own, where the record will listen too."""
    things: list[Any] = [*world.pools, *world.hosts, *world.cloudstack.hosts.values()]
    for pool in world.pools:
        things += [*pool.vms, *pool.srs, *pool.vdis, *pool.pbds, *pool.pifs, *pool.networks]
    words = {getattr(thing, "uuid", "") or thing.id for thing in things}
    words |= {thing.ref.removeprefix("OpaqueRef:") for thing in things if hasattr(thing, "ref")}
    named: list[Any] = [thing for pool in world.pools for thing in (pool, *pool.hosts, *pool.srs)]
    words |= {thing.name for thing in named}
    words |= {vm.name for pool in world.pools for vm in pool.vms if not vm.name.endswith("-VM")}
    words |= {pif.mac for host in world.hosts for pif in host.pifs}
    return words | {"Initech", "swordfish", "555-0100", "iqn.2011-05", "example.org", "Springfield"}


def test_what_is_recorded_is_the_estate(site: Site, out: Path) -> None:
    assert record(site, out) == 0
    world, real = loaded(out), site.lab.world
    shape = [(len(pool.hosts), len(pool.vms), pool.ha_enabled, pool.ha_timeout) for pool in world.pools]
    assert shape == [
        (len(pool.hosts), len(pool.vms), pool.ha_enabled, pool.ha_timeout) for pool in real.pools
    ]
    twin = world.host("cobalt-2")
    assert not twin.enabled or not world.host("cobalt-3").enabled
    assert sum(not pbd.attached for host in world.hosts for pbd in host.pbds) == 1
    assert {row.status for row in world.cloudstack.hosts.values()} == {"Up", "Alert"}
    world.clock.live_through(600)
    assert world.crashes == []


def test_only_reads_are_sent(site: Site, out: Path) -> None:
    record(site, out)
    calls = site.lab.calls()
    assert {call["name"] for call in calls if not READS.fullmatch(call["name"])} == set()
    assert site.lab.calls(changing=True) == []
    logins = [call for call in calls if call["name"].startswith("session.")]
    assert len(logins) == 6


def test_no_name_address_uuid_or_secret_of_the_source_is_in_the_file(site: Site, out: Path) -> None:
    site.lab.do(spoil)
    assert record_by_place(site, out) == 0
    text = out.read_text()
    assert [word for word in told(site.lab.world) if word in text] == []


def record_by_place(site: Site, out: Path) -> int:
    """As record, for hosts that have lost their names."""
    order = ["record", str(out), "--cloudstack", site.lab.cloudstack_url]
    for pool in site.lab.world.pools:
        assert pool.master is not None
        order += ["--address", f"{pool.master.address}:{site.lab.port}"]
        order += ["--fingerprint", site.lab.fingerprint(pool.master.name)]
    return main(order)


def test_the_same_estate_gets_the_same_names(site: Site, out: Path) -> None:
    shapes = []
    for _ in range(2):
        record(site, out)
        shapes.append(
            [(host.name, host.uuid, [vm.name for vm in host.resident]) for host in loaded(out).hosts]
        )
    assert shapes[0] == shapes[1]


def test_an_unknown_certificate_hears_no_password(
    site: Site, out: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["record", str(out), "--address", f"{site.lab.address('amber-1')}:{site.lab.port}"]) == 1
    assert f"--fingerprint {site.lab.fingerprint('amber-1')}" in capsys.readouterr().err
    assert site.lab.calls() == []


@pytest.mark.parametrize(
    ("host", "password", "says"),
    [
        ("amber-2", "baton-lab", "record from its master, 127.10.1.1"),
        ("amber-1", "wrong", "does not know that user and password"),
    ],
)
def test_what_is_in_the_way_is_said_in_a_sentence(
    host: str,
    password: str,
    says: str,
    fast: Site,
    out: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("LAB_PASSWORD", password)
    where = f"{fast.lab.address(host)}:{fast.lab.port}"
    assert main(["record", str(out), "--address", where, "--fingerprint", fast.lab.fingerprint(host)]) == 1
    said = capsys.readouterr().err
    assert says in said
    assert said.count("\n") == 1
    assert not out.exists()
