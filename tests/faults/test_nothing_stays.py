"""However a run of the tests ends, nothing that it started outlives it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import psutil

from tests.support import keeper
from tests.support.processes import ROOT, wait_until

RUN = """
import os, subprocess, sys, time
from pathlib import Path
from tests import conftest
from tests.support import keeper, processes
home = Path(os.environ[keeper.HOME])
lasting = "import time; time.sleep(600)"
alone = subprocess.Popen([sys.executable, "-c", lasting], start_new_session=True)
with processes.running_broker(conftest.settings.REDIS_URL):
    server = int((home / keeper.POSTGRESQL / "postmaster.pid").read_text().split()[0])
    print("started", home, os.getpid(), alone.pid, server, flush=True)
    time.sleep(600)
"""


def test_a_run_that_is_killed_takes_its_broker_and_its_database_with_it() -> None:
    """Killed with -9, so that it can say nothing: a PostgreSQL, a broker, and a process in a session of its own."""
    own = ("PYTEST_XDIST_WORKER", keeper.HOME, "DATABASE_URL")
    env = {name: value for name, value in os.environ.items() if name not in own}
    command = [sys.executable, "-c", RUN]
    with subprocess.Popen(
        command, cwd=ROOT, env=env | {"TEST_DATABASE": "postgresql"}, stdout=subprocess.PIPE
    ) as run:
        assert run.stdout
        told = next(line for line in run.stdout if line.startswith(b"started "))
        _, home, *pids = told.split()
        started = [psutil.Process(int(pid)) for pid in pids]
        started += [child for one in started for child in one.children(recursive=True)]
        run.kill()
    assert len(started) > len(pids)
    wait_until(lambda: not any(map(_lives, started)), 20, "all of them to end")
    wait_until(lambda: not Path(os.fsdecode(home)).exists(), 20, "their folder to be removed")


def _lives(process: psutil.Process) -> bool:
    """Dead is also who only waits for its parent to ask."""
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
