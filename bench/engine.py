"""What the engine promises in time: `python -m bench.engine`. Real workers, a real broker, the lab over sockets.

- from a person's yes to the first byte of the call at the captain, on an idle system;
- from a worker's death until its step moves again: of one process of its pool, and of the whole with the supervisor's
  pause before it starts another;
- how long a person waits for the answer to a yes while fifty runs go on at once on fifty pools.

In a folder of its own, removed at the end. The lab is a process of its own, and at speed 1 its clock is the machine's.
"""

from __future__ import annotations

import random
import tempfile
import time
from collections.abc import Callable, Iterator
from statistics import median, quantiles
from typing import TYPE_CHECKING, Any

from bench.driving import confirm, current, ended, in_time, registered, started, waits
from bench.figures import Figure, report
from bench.lab import Lab
from bench.workers import processes, settle_in

if TYPE_CHECKING:
    from workflows.models import Run

IDLE_RUNS, DEATHS, AT_ONCE = 5, 6, 50
LOOKS_S = 0.02
"""How fine a death is measured."""
REST_S, LOG_S = 1.0, 0.25
"""A person reads for some time before the yes; and the captain's log, which has the moment, is left alone meanwhile."""


def figures() -> Iterator[Figure]:
    """All three."""
    with tempfile.TemporaryDirectory(prefix="baton-bench-") as folder:
        settle_in(folder)
        with processes() as running:
            yield from _idle()
            yield from _deaths("child", running.kill_child)
            yield from _deaths("whole", running.kill_whole)
            yield from _at_once()


def _idle() -> Iterator[Figure]:
    """Every step of unprotect-vms is one call to the master."""
    took: list[float] = []
    for number in range(IDLE_RUNS):
        with Lab("--scenario", "protected-vms", tls=True) as lab:
            run = started(registered(lab.info(), 0, f"idle {number}"), "unprotect-vms")
            while waits(run):
                time.sleep(REST_S * (1 + random.random()))  # at any moment of beat's second
                took.append(_until_first_byte(lab, run, LOG_S))
    yield Figure("engine-confirm-to-first-byte-median", median(took) * 1000, "ms", "<=300")
    yield Figure("engine-confirm-to-first-byte-p95", _p95(took) * 1000, "ms", "<=300")


def _until_first_byte(lab: Lab, run: Run, every_s: float = LOOKS_S) -> float:
    """Seconds from before the yes until the captain has the call, by the captain's own log."""
    seen, began, moment = len(lab.changes()), time.perf_counter(), time.time()
    confirm(run)
    while not (calls := lab.changes()[seen:]):
        in_time(began, "the call")
        time.sleep(every_s)  # the log has the moment: whoever asks for it keeps the lab from its work
    first: float = calls[0]["time"]
    return first - moment


def _deaths(which: str, kill: Callable[[str], None]) -> Iterator[Figure]:
    """The worker is killed as soon as its call has left."""
    took: list[float] = []
    for number in range(DEATHS):
        with Lab("--scenario", "healthy", "--speed", "10", tls=True) as lab:
            run = started(registered(lab.info(), 0, f"{which} {number}"), "disable-ha", wish="for-now")
            waits(run)
            _until_first_byte(lab, run)
            took.append(_until_moved(run, kill))
            while waits(run):
                confirm(run)
    yield Figure(f"engine-killed-{which}-moves-again-median", median(took), "s", "<=15")
    yield Figure(f"engine-killed-{which}-moves-again-p95", _p95(took), "s", "<=15")


def _until_moved(run: Run, kill: Callable[[str], None]) -> float:
    """Seconds from the death until another process has claimed the run."""
    while not _held(run):
        time.sleep(LOOKS_S / 10)  # between two ticks nobody holds it
    fence, began = run.fence, time.perf_counter()
    kill(run.lease_owner)
    while not _held(run) or run.fence == fence:
        in_time(began, "another worker")
        time.sleep(LOOKS_S)  # how fine this is measured
    return time.perf_counter() - began


def _held(run: Run) -> bool:
    run.refresh_from_db(fields=["fence", "lease_owner"])
    return bool(run.lease_owner)


def _at_once() -> Iterator[Figure]:
    """Everybody says yes as soon as they are asked; the page's own address answers."""
    from django.contrib.auth.models import User
    from django.test import Client

    client, took = Client(headers={"host": "localhost"}), []
    client.force_login(User.objects.get(username="ada"))
    size = ("--scenario", "big", "--pools", str(AT_ONCE), "--hosts", "3", "--vms", "150")
    with Lab(*size, "--speed", "10", tls=True) as lab:
        info = lab.info()
        armed = [i for i, pool in enumerate(lab.pools()) if pool["ha_enabled"]]
        runs = [started(registered(info, i, f"at once {i}"), "disable-ha", wish="for-now") for i in armed]
        began = time.perf_counter()
        while open_ := [run for run in runs if not ended(run)]:
            in_time(began, f"{len(open_)} runs")
            took += [_answered(client, run) for run in open_ if run.state == "confirm"]
            time.sleep(0.05)  # people are no faster
        whole = time.perf_counter() - began
    yield Figure("engine-runs-at-once", len(runs), "runs", f">={AT_ONCE * 0.8:.0f}")
    yield Figure("engine-runs-at-once-all-ended", whole, "s", "<=120")
    yield Figure("engine-confirm-answered-p95", _p95(took), "s", "<=1")


def _answered(client: Any, run: Run) -> float:
    """Seconds that the browser waits."""
    row = current(run)
    began = time.perf_counter()
    client.post(f"/runs/{run.pk}/confirm", {"index": row.index, "digest": row.digest})
    return time.perf_counter() - began


def _p95(took: list[float]) -> float:
    return quantiles(took, n=20)[-1]


if __name__ == "__main__":
    report(figures())
