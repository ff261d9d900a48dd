"""``python -m deploy.demo`` inside a test: the whole house on free ports, in a folder of its own."""

from __future__ import annotations

import os
import random
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil

from deploy.ports import Ports
from deploy.refusal import Refusal
from tests.support.processes import ROOT, wait_until

DEMO = [sys.executable, "-m", "deploy.demo"]
PATIENCE_S = 600.0
"""A busy machine takes minutes for what a quiet one does in ten seconds; one that has ended is not waited for."""
NOT_INHERITED = {
    *("SECRET_KEY", "DATABASE_URL", "REDIS_URL", "DATA_DIR", "DEBUG"),
    *("DJANGO_SETTINGS_MODULE", "DJANGO_ALLOW_ASYNC_UNSAFE"),
}


@dataclass
class Demo:
    """A running demo: its process, its folder, what it has written to the terminal."""

    process: subprocess.Popen[bytes]
    data_dir: Path
    port: int
    terminal: Path

    def said(self, words: str) -> bool:
        return words in self.terminal.read_text()

    def parts(self) -> list[psutil.Process]:
        return psutil.Process(self.process.pid).children(recursive=True)

    def part(self, word: str) -> psutil.Process | None:
        return next((part for part in self.parts() if word in " ".join(cmdline(part))), None)


def cmdline(process: psutil.Process) -> list[str]:
    try:
        return process.cmdline()
    except psutil.Error:
        return []


def environment(data_dir: Path, port: int, **more: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if name not in NOT_INHERITED}
    return {**kept, "DATA_DIR": str(data_dir), "PORT": str(port), **more}


def free_port() -> int:
    """The first of four free ports, below those that the system gives away by itself."""
    for _ in range(200):
        port = random.randrange(20_000, 30_000, 4)
        try:
            Ports(port).check()
        except Refusal:
            continue
        return port
    raise AssertionError("no four free ports in a row")


@contextmanager
def running_demo(data_dir: Path, **more: str) -> Iterator[Demo]:
    """A demo that has greeted; stopped by its pid at the end, with all its parts. ``more`` is environment."""
    port, terminal = free_port(), data_dir / "terminal"
    with terminal.open("wb") as out:
        process = subprocess.Popen(
            DEMO, cwd=ROOT, env=environment(data_dir, port, **more), stdout=out, stderr=subprocess.STDOUT
        )
    running = Demo(process, data_dir, port, terminal)
    try:
        wait_until(
            lambda: running.said("Ctrl-C stops") or process.poll() is not None, PATIENCE_S, "the greeting"
        )
        assert process.poll() is None, terminal.read_text()
        yield running
    finally:
        process.terminate()
        process.wait(30)
