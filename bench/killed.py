"""What a crash leaves: the script and ours, each killed with -9 right after the same calls, in pools of three hosts.

Nobody goes on with the script, since nothing tells where it was; another worker goes on with ours. Then half an hour
goes by, so that what was under way has come to rest, and what still is not as it was is counted.
"""

from __future__ import annotations

import multiprocessing
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from bench import pace, sides
from bench.figures import Figure

if TYPE_CHECKING:
    from multiprocessing.context import SpawnProcess

    from lab.testing import RunningLab
    from pools.models import Pool

HOSTS = 3
POINTS = (
    ("pool.disable_ha", 1),
    ("host.disable", 1),
    ("updateCluster", 1),
    ("host.reboot", 1),
    ("host.reboot", 2),
)
"""After how many of which call: HA is off; the master disabled; the cluster let go; the master away; a member away."""
TO_REST_S = 1800.0
PATIENCE_S = 240.0

Point = tuple[str, int]
Side = Callable[["RunningLab", "Pool", Point], int]

_processes = multiprocessing.get_context("spawn")


def figures_of_crashes() -> Iterator[Figure]:
    """Things left undone over all points, and after how many of the crashes every host was rebooted in the end."""
    many = len(POINTS)
    undone, finished = _after_all(_script)
    yield Figure("rolling-crash-left-undone-script", undone, "things", ">=0")
    yield Figure("rolling-crash-finished-script", finished, f"of-{many}", ">=0")
    undone, finished = _after_all(_ours)
    yield Figure("rolling-crash-left-undone", undone, "things", "<=0")
    yield Figure("rolling-crash-finished", finished, f"of-{many}", f">={many}")


def _after_all(side: Side) -> tuple[int, int]:
    undone, finished = zip(*(_after(side, point) for point in POINTS), strict=True)
    return sum(undone), sum(finished)


def _after(side: Side, point: Point) -> tuple[int, bool]:
    """Things left undone, and whether every host was rebooted."""
    with sides.amber(HOSTS) as (lab, pool):
        began = lab.do(lambda world: world.now())
        owed = side(lab, pool, point)
        pace.sleep(lab.control_port, TO_REST_S)
        rebooted = all(host.boot_time > began for host in lab.world.pool("amber").hosts)
        return owed + _undone(lab), rebooted


def _script(lab: RunningLab, pool: Pool, point: Point) -> int:
    script = _processes.Process(target=sides.script_alone, args=(pool.pk, lab.control_port), daemon=True)
    _kill(script, lab, point)
    return 0


def _ours(lab: RunningLab, pool: Pool, point: Point) -> int:
    """How many debts are still open when the second worker is through."""
    run = sides.started(pool)

    def worker() -> SpawnProcess:
        return _processes.Process(target=sides.worker_alone, args=(run.pk, lab.control_port), daemon=True)

    _kill(worker(), lab, point)
    with _running(worker()) as second:
        second.join(PATIENCE_S)
    return run.debts.filter(paid_at=None).count()


def _kill(process: SpawnProcess, lab: RunningLab, point: Point) -> None:
    """With -9, as soon as that many of these calls have arrived."""
    call, times = point
    deadline = time.monotonic() + PATIENCE_S
    with _running(process):
        while len(lab.calls(call, changing=True)) < times:
            if not process.is_alive() or time.monotonic() > deadline:
                raise AssertionError(f"{call} did not come {times} times")
            time.sleep(0.005)  # how soon after the call it is killed


@contextmanager
def _running(process: SpawnProcess) -> Iterator[SpawnProcess]:
    """Killed with -9 at the end, an interruption too: it would write on into a folder that is being removed."""
    process.start()
    try:
        yield process
    finally:
        process.kill()
        process.join()


def _undone(lab: RunningLab) -> int:
    """HA off, each host that is disabled or in maintenance, a cluster that is not managed."""
    pool, cloud = lab.world.pool("amber"), lab.world.cloudstack
    disabled = sum(not host.enabled for host in pool.hosts)
    unmanaged = sum(cluster.managed_state != "Managed" for cluster in cloud.clusters.values())
    maintained = sum(row.resource_state != "Enabled" for row in cloud.hosts.values())
    return int(not pool.ha_enabled) + disabled + maintained + unmanaged
