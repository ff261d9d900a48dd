"""A world in a file is the world it was, and goes on as it would have gone on."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import XenAPI

from lab import opening, saved
from lab.cli import main
from lab.server.settings import Settings
from lab.testing import running_lab
from lab.world import SteppedClock, World, power
from tests.lab.conftest import ORIGINATOR, Site, proxy

HOUR = 3600


def stepped(scenario: str) -> World:
    return opening.world(Settings(scenario, speed=None))


def again(world: World, folder: Path) -> World:
    """The world after a way through a file."""
    file = folder / "world.json"
    file.write_text(saved.save(world))
    return saved.load(file, SteppedClock)


def nothing_wrong(world: World) -> bool:
    return world.crashes == []


@pytest.mark.parametrize("scenario", ["estate", "dead-master-ha", "fence-loop", "strangers"])
def test_a_saved_world_is_the_same_and_goes_on_the_same(scenario: str, tmp_path: Path) -> None:
    world = stepped(scenario)
    other = again(world, tmp_path)
    assert saved.save(other) == saved.save(world)
    for one in (world, other):
        one.clock.live_through(HOUR)
    assert saved.save(other) == saved.save(world)
    assert nothing_wrong(world)
    assert nothing_wrong(other)


@pytest.mark.parametrize("seconds", [1, 149, 155, 169, 172])
def test_a_boot_goes_on_from_where_it_was(seconds: int, tmp_path: Path) -> None:
    world = stepped("ha-short")
    power.kill(world, world.host("amber-1"))
    power.reboot(world, world.host("amber-3"))
    world.clock.live_through(seconds)
    other = again(world, tmp_path)
    for wait in (0, 3, 17, 160):
        for one in (world, other):
            one.clock.live_through(wait)
        assert saved.save(other) == saved.save(world)


def test_two_saves_of_two_loads_are_the_same_file(tmp_path: Path) -> None:
    world = again(again(stepped("two-host"), tmp_path), tmp_path)
    assert saved.save(world) == saved.save(stepped("two-host"))


def test_a_call_under_way_is_lost_as_when_its_toolstack_restarts(site: Site, tmp_path: Path) -> None:
    session = site.session("basalt-1")
    site.empty("basalt-3")
    session.xenapi.Async.pool.eject(site.host("basalt-3").ref)
    site.lab.step(5)
    assert site.pool("basalt").current_operations or site.pool("basalt").tasks
    other = site.lab.do(lambda world: again(world, tmp_path))
    pool = other.pool("basalt")
    assert (pool.tasks, pool.current_operations) == ([], {})
    other.clock.live_through(HOUR)
    assert other.host("basalt-3") in pool.hosts
    assert nothing_wrong(other)


def test_a_job_under_way_fails_as_when_the_management_server_restarts(tmp_path: Path) -> None:
    world = stepped("estate")
    from lab.cloudstack.model import Job

    world.cloudstack.jobs["j"] = Job("j", "SomeCmd", "admin", world.now())
    job = again(world, tmp_path).cloudstack.jobs["j"]
    assert job.status == 2
    assert "management server restart" in job.error.text


def test_a_lab_opens_with_a_saved_world_and_its_sessions(
    site: Site, certificates: Path, tmp_path: Path
) -> None:
    reference = site.session()._session
    site.lab.break_("slow", "cobalt", delay=0.01)
    file = tmp_path / "world.json"
    assert main(["--control", str(site.lab.control_port), "save", str(file)]) == 0
    with running_lab(world=file, speed=None, data=certificates) as lab:
        assert lab.world.now() == site.lab.world.now()
        assert len(lab.world.faults.faults) == 3
        session = proxy(lab.url("amber-1"))
        session._session = reference
        assert [pool["name_label"] for pool in session.xenapi.pool.get_all_records().values()] == ["amber"]
        with pytest.raises(XenAPI.Failure):
            session.xenapi.session.login_with_password("root", "wrong", "1.0", ORIGINATOR)


@pytest.fixture(scope="module")
def lines() -> list[str]:
    return saved.save(stepped("two-host")).splitlines()


def spoiled(lines: list[str], begins: str, old: str, new: str, tmp_path: Path) -> tuple[Path, int]:
    """The file with one change on the line that begins so, and the number of that line."""
    number = next(i for i, line in enumerate(lines) if line.startswith(begins))
    assert old in lines[number]
    file = tmp_path / "world.json"
    file.write_text("\n".join([*lines[:number], lines[number].replace(old, new, 1), *lines[number + 1 :]]))
    return file, number + 1


@pytest.mark.parametrize(
    ("begins", "old", "new", "says"),
    [
        ('"Host amber-1"', '"power": "on"', '"power": 7', "its power is 7 and should be str"),
        ('"Host amber-1"', '"power": "on"', '"colour": "red"', "it has no colour"),
        (
            '"Host amber-2"',
            '{"@": "Pool amber"}',
            '{"@": "Pool jade"}',
            "'Pool jade', which is not in the file",
        ),
        ('"Host amber-2"', '{"@": "Pool amber"}', '"amber"', "its pool is 'amber' and should be Pool"),
        ('"Host amber-2"', "lab.world.things:Host", "os:system", "is no code of the lab"),
        ('"Host amber-2"', "lab.world.things:Host", "lab.world.things:Hovercraft", "this lab has no"),
        ('"Host amber-2"', '"name": "amber-2",', "", "it has no name"),
        ('"Pool amber"', '"vms": [', '"vms": [,', "this is not JSON"),
        ('"starting"', "[]", '[{"host": "x"}]', "starting: 'after'"),
        ('"now"', '"now": ', '"now": "noon", "then": ', "now is missing or of the wrong kind"),
        ('"lab world"', "1", "99", "not a world of this lab"),
    ],
)
def test_a_file_that_makes_no_sense_gets_one_sentence_with_its_line(
    begins: str,
    old: str,
    new: str,
    says: str,
    lines: list[str],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    file, number = spoiled(lines, begins, old, new, tmp_path)
    assert main(["--world", str(file)]) == 2
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert says in said
    assert f"line {number}" in said or "lab world" in begins


def test_a_file_that_is_not_there_gets_one_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--world", "/nowhere/world.json"]) == 2
    assert "cannot be read" in capsys.readouterr().err


def test_a_file_that_cannot_be_written_gets_one_sentence(
    site: Site, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--control", str(site.lab.control_port), "save", "/nowhere/world.json"]) == 2
    assert "cannot be written" in capsys.readouterr().err


def test_the_file_has_an_object_to_a_line(lines: list[str]) -> None:
    assert json.loads("\n".join(lines))["lab world"] == 1
    assert any(line.startswith('"Host amber-1": {"is": "lab.world.things:Host"') for line in lines)
