"""``python -m lab`` as a person uses it."""

from __future__ import annotations

import http.client
import json
import signal
import subprocess
import sys
import xmlrpc.client
from pathlib import Path
from typing import Any

import pytest
import XenAPI

from lab import scenarios
from lab.cli import main
from lab.server.limits import TooMany, make_room
from lab.testing import free_port, running_lab
from lab.world import SteppedClock, World
from tests.lab.conftest import Site

ROOT = Path(__file__).parents[2]


class Terminal:
    """Runs commands against one lab, in this process."""

    def __init__(self, control: int, capsys: pytest.CaptureFixture[str]) -> None:
        self.control = control
        self._capsys = capsys
        self.stderr = ""

    def __call__(self, *args: str, status: int = 0) -> str:
        """What the command printed; the assertion is on its exit status."""
        assert main(["--control", str(self.control), *args]) == status
        captured = self._capsys.readouterr()
        self.stderr = captured.err
        return captured.out

    def host(self, name: str) -> str:
        """The line of a host in the state."""
        return next(line for line in self("state").splitlines() if f" {name} " in line)


@pytest.fixture
def lab(site: Site, capsys: pytest.CaptureFixture[str]) -> Terminal:
    return Terminal(site.lab.control_port, capsys)


def start(port: int, *args: str) -> subprocess.Popen[str]:
    """A lab in a process of its own."""
    command = [sys.executable, "-m", "lab", "--port", str(port), *args]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def test_calls_that_carried_a_date_or_bytes_are_listed_too(site: Site, lab: Terminal) -> None:
    xenapi = site.session().xenapi
    since = xmlrpc.client.DateTime("20260101T00:00:01Z")
    assert xenapi.message.get_since(since) == {}
    with pytest.raises(XenAPI.Failure):
        xenapi.host.call_plugin("no-such-plugin", {"data": xmlrpc.client.Binary(b"ab")})
    listed = json.loads(lab("calls", "--json"))
    assert ["20260101T00:00:01Z"] in [call["args"] for call in listed]
    assert "message.get_since 20260101T00:00:01Z" in lab("calls")


def test_a_lab_says_when_it_is_ready_and_stops_when_told(tmp_path: Path) -> None:
    process = start(free_port(), "--speed", "100", "--data", str(tmp_path))
    assert process.stdout is not None
    assert process.stdout.readline().startswith("Lab ready: estate; XAPI on port ")
    process.send_signal(signal.SIGTERM)
    _, errors = process.communicate(timeout=20)
    assert (process.returncode, errors) == (0, "")


def test_a_port_in_use_gets_a_sentence_and_status_1(site: Site) -> None:
    process = start(site.lab.port)
    _, errors = process.communicate(timeout=20)
    assert process.returncode == 1
    assert errors.endswith("is in use: stop the other program, or choose another base with --port.\n")
    assert errors.count("\n") == 1


def test_info_tells_all_that_a_client_must_know(site: Site, lab: Terminal) -> None:
    info = json.loads(lab("info"))
    base = site.lab.port
    assert info["ports"] == {"xapi": base, "cloudstack": base + 1, "control": base + 2}
    assert info["cloudstack"]["url"] == site.lab.cloudstack_url
    first = info["pools"][0]["hosts"][0]
    assert (first["name"], first["address"], first["master"]) == ("amber-1", "127.10.1.1", True)
    assert first["fingerprint"] == site.lab.fingerprint("amber-1")


def test_a_fault_with_a_pattern_is_mended_with_its_pool(site: Site, lab: Terminal) -> None:
    lab("break", "hang", "amber-*")
    lab("mend", "amber-1")
    assert [fault.where for fault in site.lab.world.faults.faults] == ["amber-*"]
    lab("mend", "basalt")
    assert [fault.where for fault in site.lab.world.faults.faults] == ["amber-*"]
    lab("mend", "amber")
    assert site.lab.world.faults.faults == []


def test_what_is_broken_shows_in_the_state_and_is_mended(lab: Terminal) -> None:
    assert lab("break", "kill", "basalt:master") == "basalt-1: kill.\n"
    assert " off " in lab.host("basalt-1")
    lab("mend", "basalt")
    assert " booting " in lab.host("basalt-1")


@pytest.mark.parametrize(
    "order",
    [
        ("break", "explode", "amber-1"),
        ("break", "kill", "nobody"),
        ("break", "storage-cut", "amber", "--sr", "x"),
    ],
)
def test_nonsense_gets_a_sentence_and_status_2(lab: Terminal, order: tuple[str, ...]) -> None:
    assert lab(*order, status=2) == ""
    assert lab.stderr.count("\n") == 1
    assert "there are:" in lab.stderr or "the pools are:" in lab.stderr


def test_a_clock_that_runs_cannot_be_stepped(fast: Site, capsys: pytest.CaptureFixture[str]) -> None:
    running = Terminal(fast.lab.control_port, capsys)
    running("step", "5", status=2)
    assert "only a stepped one can be stepped" in running.stderr


def test_a_clock_that_stands_can_be_stepped(site: Site, lab: Terminal) -> None:
    before = site.lab.world.now()
    lab("step", "5")
    assert site.lab.world.now() == before + 5


def test_without_a_lab_a_command_says_how_to_start_one(capsys: pytest.CaptureFixture[str]) -> None:
    nobody = Terminal(free_port(), capsys)
    nobody("info", status=1)
    assert "start one with `python -m lab`" in nobody.stderr


def test_an_unknown_scenario_is_refused_with_those_there_are(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--scenario", "atlantis"]) == 2
    assert "estate" in capsys.readouterr().err


@pytest.mark.parametrize(
    "args", [["--port", "70000"], ["--speed", "fast"], ["--control", "x", "info"], ["dance"]]
)
def test_a_nonsense_option_is_refused_with_status_2(
    args: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as refused:
        main(args)
    assert refused.value.code == 2
    assert capsys.readouterr().err


def test_scenarios_and_words_are_listed(lab: Terminal) -> None:
    assert "dead-master" in lab("scenarios")
    assert {"kill", "hang", "reset-after", "storage-cut"} <= {
        line.split()[0] for line in lab("words").splitlines()
    }


def test_calls_are_printed_a_line_each_with_their_outcome(site: Site, lab: Terminal) -> None:
    site.session().xenapi.host.disable(site.host("amber-2").ref)
    [line] = lab("calls", "--changing").splitlines()
    assert "amber-1" in line
    assert line.endswith(f"host.disable {site.host('amber-2').ref} → ok")
    assert len(json.loads(lab("calls", "--json", "--clear"))) == 2
    assert site.lab.calls() == []


def test_the_control_port_refuses_what_it_does_not_know(site: Site) -> None:
    answers: list[Any] = []
    for method, path, body in (
        ("GET", "/nothing", None),
        ("POST", "/nothing", "{}"),
        ("POST", "/break", "{not json"),
        ("POST", "/break", "[]"),
        ("POST", "/step", '{"seconds": "many"}'),
        ("POST", "/step", '{"seconds": -5}'),
        ("DELETE", "/state", None),
    ):
        connection = http.client.HTTPConnection("127.0.0.1", site.lab.control_port, timeout=10)
        connection.request(method, path, body)
        answers.append(connection.getresponse().status)
        connection.close()
    assert answers == [404, 404, 400, 400, 400, 400, 405]


def test_a_restarted_lab_shows_the_same_fingerprints(tmp_path: Path) -> None:
    seen = []
    for _ in range(2):
        with running_lab("two-host", data=tmp_path) as running:
            seen.append(running.fingerprint("amber-1"))
    assert seen[0] == seen[1]


def test_a_size_is_for_the_scenario_that_lets_it_be_chosen(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--scenario", "two-host", "--hosts", "3"]) == 2
    assert "has a size of its own" in capsys.readouterr().err


def test_big_is_as_big_as_told() -> None:
    world = scenarios.load("big", World(SteppedClock(), seed=3), {"pools": 60, "hosts": 2, "vms": 100})
    assert len(world.hosts) == 120
    assert sum(not vm.is_control_domain for pool in world.pools for vm in pool.vms) == 100
    assert len({host.address for host in world.hosts}) == 120
    assert any(not pool.ha_enabled for pool in world.pools)


def test_too_many_hosts_for_the_system_get_a_sentence() -> None:
    with pytest.raises(TooMany, match="raise the limit"):
        make_room(2**40)
