"""A figure and its goal, and how they are printed: a line each, ``name value unit goal met|short``.

A bench is a module of this package with ``figures()``, which yields them as they are measured, and that ends with
``if __name__ == "__main__": report(figures())``. ``make bench`` runs all of them, each in a process of its own.
"""

from __future__ import annotations

import os
import platform
import signal
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

ENDS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@dataclass(frozen=True)
class Figure:
    """What was measured. ``goal``: at most that (``<=``) or at least that (``>=``), such as ``<=30``."""

    name: str
    value: float
    unit: str
    goal: str

    @property
    def met(self) -> bool:
        limit = float(self.goal[2:])
        return self.value <= limit if self.goal.startswith("<=") else self.value >= limit

    def __str__(self) -> str:
        return f"{self.name} {self.value:.4g} {self.unit} {self.goal} {'met' if self.met else 'short'}"


def machine() -> str:
    """What it was measured on: processors, memory, system and Python."""
    return (
        f"# {os.cpu_count()} x {_processor()}, {_gigabytes():.0f} GB, "
        f"{platform.system()} {platform.release()}, Python {platform.python_version()}"
    )


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    return next(
        (line.partition(":")[2].strip() for line in lines if line.startswith("model name")),
        platform.machine(),
    )


def _gigabytes() -> float:
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9


def report(figures: Iterable[Figure]) -> None:
    """Print the machine, and each figure as soon as it is there."""
    interruptible()
    print(machine(), flush=True)
    for figure in figures:
        print(figure, flush=True)


def interruptible() -> None:
    """An interruption ends this process as an error would: whatever it has started is stopped."""
    for number in ENDS:
        signal.signal(number, _interrupted)


def _interrupted(number: int, _frame: object) -> None:
    """Once: a second one, as when the terminal and a parent both send it, must not cut the stopping short."""
    for each in ENDS:
        signal.signal(each, signal.SIG_IGN)
    raise SystemExit(128 + number)
