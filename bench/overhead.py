"""What the engine adds to a rolling reboot: `python -m bench.overhead [HOSTS]`, eight unless said.

The same run twice in the same world, with somebody at hand who says yes at once. First it is looked at as soon as
anything happens in the world: what that takes, less the ticks that moved the run, is the captains' own time. Then it
is looked at when its own pauses are over, as if no watcher ever woke it: the engine's are those ticks, and what is left
of the difference. Lab time goes by as the machine's while somebody works, and at once while all wait. The lab plays in
this same process, so that a tick takes longer here than where the captains are other machines.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from bench import sides
from bench.figures import Figure, report

if TYPE_CHECKING:
    from lab.world import World
    from workflows.models import Run

Wait = Callable[["World", float], None]
"""Lets lab time go by, for a step that has stood as it stands for so many lab seconds."""
HOSTS = 8
"""Sixteen take some ten minutes; each has the same steps."""
SEEN_ANEW_S = 60.0
"""Lab seconds after which it is looked at although nothing seems to have happened."""
AT_MOST_S = 12 * 3600.0
"""Lab seconds after which something is wrong."""


def figures(hosts: int = HOSTS) -> Iterator[Figure]:
    """The captains' own time, what the engine added, and its share."""
    with tempfile.TemporaryDirectory(prefix="baton-bench-") as folder:
        broker = sides.settle_in(folder)
        try:
            at_once, first = _took(hosts, _until_something_happens)
            paused, ticks = _took(hosts, _pause)
        finally:
            broker.terminate()
            broker.wait()
    own, pauses = at_once - first, (paused - ticks) - (at_once - first)
    yield Figure(f"overhead-{hosts}-hosts-captains", own / 60, "min", ">=0")
    yield Figure(f"overhead-{hosts}-hosts-ticks", ticks, "s", ">=0")
    yield Figure(f"overhead-{hosts}-hosts-pauses", pauses, "s", ">=0")
    yield Figure(f"overhead-{hosts}-hosts", (pauses + ticks) / own * 100, "%", "<=2")


def _took(hosts: int, wait: Wait) -> tuple[float, float]:
    """Lab seconds of the whole, and of the ticks that moved the run."""
    with sides.amber(hosts, rate=1.0) as (lab, pool):

        def now() -> float:
            return lab.do(lambda world: world.now())

        run, moving, seen = sides.started(pool), 0.0, ("", 0.0)
        began = since = now()
        while not run.ended:
            looks = lab.do(_looks)
            if looks != seen[0] or now() - seen[1] > SEEN_ANEW_S:
                seen = (looks, now())
                if took := _moved(run):
                    moving, since, seen = moving + took, now(), ("", 0.0)
                    continue
            passed = now() - since
            lab.do(lambda world, passed=passed: wait(world, passed))  # type: ignore[misc]
            if now() - began > AT_MOST_S:
                raise AssertionError(f"{run} stands at step {run.index}, {run.state}: {run.reason}")
        return now() - began, moving


def _moved(run: Run) -> float:
    """Seconds of one tick, with the yes before it; 0 when the run stands where it stood."""
    from workflows.running import choices
    from workflows.running.executor import tick

    stood, began = _stands(run), time.perf_counter()
    row = run.current()
    if run.state == "confirm" and row is not None and not (row.shown or {}).get("blocked"):
        choices.confirm(run, row.index, run.owner, row.digest, choices.name_to_type(run, row))
    tick(run.pk, "bench")
    took = time.perf_counter() - began
    stands = _stands(run)
    if run.state in ("failed", "doubt"):
        raise AssertionError(f"{run}: {run.reason}")
    return took if stands != stood else 0.0


def _stands(run: Run) -> tuple[str, int, str]:
    run.refresh_from_db()
    row = run.current()
    return run.state, run.index, row.state if row else ""


def _looks(world: World) -> str:
    """All of the world that a step can wait for."""
    pool, cloud = world.pool("amber"), world.cloudstack
    hosts = [
        (h.power, h.toolstack, h.live, h.enabled, h.is_master, *h.current_operations) for h in pool.hosts
    ]
    guests = [(vm.power_state, vm.resident_on and vm.resident_on.name) for vm in pool.vms]
    tasks = [(task.ref, task.finished) for task in pool.tasks]
    rows = [(row.status, row.resource_state) for row in cloud.hosts.values()]
    clusters = [cluster.managed_state for cluster in cloud.clusters.values()]
    cables = [pbd.attached for pbd in pool.pbds]
    jobs = [job.status for job in cloud.jobs.values()]
    return repr((pool.ha_enabled, hosts, guests, tasks, cables, rows, clusters, jobs))


def _until_something_happens(world: World, _passed: float) -> None:
    from lab.world import SteppedClock

    clock, looks, end = world.clock, _looks(world), world.now() + SEEN_ANEW_S
    while isinstance(clock, SteppedClock) and world.now() < end and _looks(world) == looks:
        clock.step(max(0.0, min(clock.next_due() or end, end) - world.now()))


def _pause(world: World, passed: float) -> None:
    from lab.world import SteppedClock
    from workflows.running.turn import pause

    if isinstance(world.clock, SteppedClock):
        world.clock.step(pause(passed))


if __name__ == "__main__":
    report(figures(int(sys.argv[1]) if len(sys.argv) > 1 else HOSTS))
