"""``make demo`` from start to end: real processes, a real Ctrl-C."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from deploy.ports import Ports
from tests.support.demo import DEMO, Demo, environment, free_port, running_demo
from tests.support.processes import ROOT, wait_until


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    with running_demo(tmp_path_factory.mktemp("demo")) as running:
        yield running


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """For demos that are ended half way: the first to start there makes the database for the next."""
    return tmp_path_factory.mktemp("ended")


def start(data_dir: Path, port: int, **more: str) -> subprocess.CompletedProcess[str]:
    """A start that is expected to fail."""
    return subprocess.run(
        DEMO, cwd=ROOT, env=environment(data_dir, port, **more), capture_output=True, text=True, timeout=60
    )


def test_the_console_answers_where_the_greeting_says(demo: Demo) -> None:
    assert demo.said(f"http://127.0.0.1:{demo.port}/")
    with urllib.request.urlopen(f"http://127.0.0.1:{demo.port}/healthz", timeout=10) as answer:
        assert answer.read() == b"ok\n"


@pytest.mark.parametrize("name", ["ada", "bo", "cy", "admin"])
def test_the_greeting_names_everybody(demo: Demo, name: str) -> None:
    assert demo.said(f"  {name} ")


def test_the_labs_estate_is_registered(demo: Demo) -> None:
    assert demo.said("baton: registered lab, amber, basalt, cobalt")


def test_its_secrets_are_for_this_user_only(demo: Demo) -> None:
    modes = {name: (demo.data_dir / name).stat().st_mode & 0o777 for name in ("secret_key", "demo.json")}
    assert modes == {"secret_key": 0o600, "demo.json": 0o600}


def test_a_part_that_dies_is_started_again_and_the_terminal_says_so(demo: Demo) -> None:
    lab = demo.part("-m lab")
    assert lab
    lab.kill()
    wait_until(lambda: (again := demo.part("-m lab")) and again.pid != lab.pid, 180, "a new lab")
    assert demo.said("baton: lab died (signal SIGKILL) and is started again")


def test_a_second_demo_in_the_same_folder_is_refused(demo: Demo) -> None:
    done = start(demo.data_dir, free_port())
    assert done.returncode == 1
    assert f"a demo is running in {demo.data_dir} (process {demo.process.pid})" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_second_demo_on_the_same_port_is_refused(demo: Demo, tmp_path: Path) -> None:
    done = start(tmp_path, demo.port)
    assert done.returncode == 1
    assert done.stderr.startswith(f"baton: port {demo.port} on 127.0.0.1, for the console, is in use;")


def test_a_port_of_the_lab_in_use_is_refused(tmp_path: Path) -> None:
    port = free_port()
    with socket.create_server(("127.0.0.1", Ports(port).control)):
        done = start(tmp_path, port)
    assert f"port {port + 3} on 127.0.0.1, for the lab's control port, is in use" in done.stderr


def test_an_unknown_scenario_is_refused_with_those_there_are(tmp_path: Path) -> None:
    done = start(tmp_path, free_port(), SCENARIO="atlantis")
    assert done.returncode == 1
    assert "SCENARIO is 'atlantis'; accepted: " in done.stderr
    assert "estate" in done.stderr


def test_a_port_that_is_no_number_is_refused(tmp_path: Path) -> None:
    done = start(tmp_path, free_port(), PORT="http")
    assert done.stderr == "baton: PORT is 'http'; accepted: a whole number of ports from 1024 to 65532.\n"


def test_ctrl_c_stops_every_process(folder: Path) -> None:
    port = free_port()
    process = subprocess.Popen(DEMO, cwd=ROOT, env=environment(folder, port), stdout=subprocess.DEVNULL)
    supervisor = psutil.Process(process.pid)
    try:
        wait_until(lambda: len(supervisor.children()) >= 5, 180, "the parts to start")
        parts = supervisor.children(recursive=True)
        process.send_signal(signal.SIGINT)
        process.wait(30)
    finally:
        process.kill()
        process.wait()
    _, alive = psutil.wait_procs(parts, timeout=60)
    assert alive == []
    assert (folder / "demo.lock").read_text() == ""


@pytest.mark.skipif(sys.platform != "linux", reason="prctl is Linux's")
def test_killing_the_supervisor_leaves_nothing_and_the_next_start_takes_over(folder: Path) -> None:
    port = free_port()
    process = subprocess.Popen(DEMO, cwd=ROOT, env=environment(folder, port), stdout=subprocess.DEVNULL)
    supervisor = psutil.Process(process.pid)
    wait_until(lambda: len(supervisor.children()) >= 5, 180, "the parts to start")
    parts = supervisor.children(recursive=True)
    process.kill()
    process.wait()
    _, alive = psutil.wait_procs(parts, timeout=60)
    assert alive == []
    # Stopped by the unknown scenario, after it has taken the lock.
    done = start(folder, port, SCENARIO="atlantis")
    assert f"was left by process {process.pid}, which is gone: taken over." in done.stdout
