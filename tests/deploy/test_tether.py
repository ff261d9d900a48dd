"""A process that is tethered ends with its parent, even if the parent is killed with -9."""

from __future__ import annotations

import subprocess
import sys

import psutil
import pytest

from tests.support.processes import ROOT, wait_until

PARENT = """
import os, subprocess, sys
words = [sys.executable, "-m", "deploy.tether", str(os.getpid()), sys.executable, "-c", "input()"]
child = subprocess.Popen(words, stdin=subprocess.PIPE)
print(child.pid, flush=True)
child.wait()
"""


@pytest.mark.skipif(sys.platform != "linux", reason="prctl is Linux's")
def test_killing_the_parent_ends_the_child() -> None:
    parent = subprocess.Popen([sys.executable, "-c", PARENT], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    child = psutil.Process(int(parent.stdout.readline()))
    # The tether holds once the child has become the command.
    wait_until(lambda: child.cmdline()[1:] == ["-c", "input()"], 60, "the child to become its command")
    parent.kill()
    parent.wait()
    parent.stdout.close()
    wait_until(lambda: not alive(child), 60, "the child to end")


@pytest.mark.skipif(sys.platform != "linux", reason="prctl is Linux's")
def test_a_parent_that_died_before_we_asked_is_noticed() -> None:
    words = [sys.executable, "-m", "deploy.tether", "4194304", sys.executable, "-c", "print('ran')"]
    done = subprocess.run(words, cwd=ROOT, capture_output=True)
    assert (done.returncode, done.stdout) == (1, b"")


def alive(process: psutil.Process) -> bool:
    return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
