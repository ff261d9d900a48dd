"""What the engine adds to a rolling reboot: `python -m bench.overhead [HOSTS]`, eight unless said.

The same run twice in the same world, with somebody at hand who says yes at once. First it is looked at as soon as
anything happens in the world: what that takes, less the engine's own work, is the captains' own time. Then it is looked
at when its own pauses are over, as if no watcher ever woke it: the engine's are its work, and what is left of the
difference.

Its work is the ticks that brought the run to where it had not been, without the time in which a captain carried out
what they sent: what a captain refuses for now is asked again while that host boots. Lab time goes by as the machine's
while somebody works, and at once while all wait. The lab plays in this same process, so that a tick takes longer here
than where the captains are other machines.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from functools import partial
from typing import TYPE_CHECKING

from bench import sides
from bench.figures import Figure, report

if TYPE_CHECKING:
    from lab.world import World
    from workflows.models import Run

Wait = Callable[..., None]
"""Lets lab time go by, for a step that has stood as it stands for `passed` lab seconds; `refused` if it waits to be
sent again."""
HOSTS = 8
"""Sixteen take some ten minutes; each has the same steps."""
SEEN_ANEW_S = 60.0
ASKED_ANEW_S = 1.0
"""Lab seconds after which it is looked at although nothing seems to have happened; and after which what was refused
for now is asked again."""
AT_MOST_S = 12 * 3600.0
"""Lab seconds after which something is wrong."""


def figures(hosts: int = HOSTS) -> Iterator[Figure]:
    """The captains' own time, what the engine added, and its share."""
    with tempfile.TemporaryDirectory(prefix="baton-bench-") as folder:
        broker = sides.settle_in(folder)
        try:
            at_once, first = _took(hosts, _until_something_happens)
            paused, work = _took(hosts, _pause)
        finally:
            broker.terminate()
            broker.wait()
    own, pauses = at_once - first, (paused - work) - (at_once - first)
    yield Figure(f"overhead-{hosts}-hosts-captains", own / 60, "min", ">=0")
    yield Figure(f"overhead-{hosts}-hosts-work", work, "s", ">=0")
    yield Figure(f"overhead-{hosts}-hosts-pauses", pauses, "s", ">=0")
    yield Figure(f"overhead-{hosts}-hosts", (pauses + work) / own * 100, "%", "<=2")


def _took(hosts: int, wait: Wait) -> tuple[float, float]:
    """Lab seconds of the whole, and of the engine's work."""
    with sides.amber(hosts, rate=1.0) as (lab, pool):

        def now() -> float:
            return lab.do(lambda world: world.now())

        driven, work, seen = _Driven(sides.started(pool)), 0.0, ("", 0.0)
        began = since = now()
        while not driven.run.ended:
            looks = lab.do(partial(_looks, refused=driven.refused))
            if looks != seen[0] or now() - seen[1] >= (ASKED_ANEW_S if driven.refused else SEEN_ANEW_S):
                seen = (looks, now())
                if took := driven.moved():
                    work, since, seen = work + took, now(), ("", 0.0)
                    continue
            passed = now() - since
            lab.do(partial(wait, passed=passed, refused=driven.refused))
            if now() - began > AT_MOST_S:
                raise AssertionError(str(driven))
        return now() - began, work


class _Driven:
    """A run, whoever says yes to it, and its worker."""

    def __init__(self, run: Run) -> None:
        from bench.timed import Timed  # it is one of the engine's: settings first

        self.run, self._captains, self._been = run, Timed(), {_stands(run)}

    def __str__(self) -> str:
        return f"{self.run} stands at step {self.run.index}, {self.run.state}: {self.run.reason}"

    @property
    def refused(self) -> bool:
        """Whether it waits to send again what was refused for now."""
        return _stands(self.run)[2] == "confirmed"

    def moved(self) -> float:
        """Seconds of work in one tick, with the yes before it; 0 when the run stands where it has stood before."""
        from workflows.running import choices
        from workflows.running.executor import tick

        row, began, sent_s = self.run.current(), time.perf_counter(), self._captains.sent_s
        if self.run.state == "confirm" and row is not None and not (row.shown or {}).get("blocked"):
            typed = choices.name_to_type(self.run, row)
            choices.confirm(self.run, row.index, self.run.owner, row.digest, typed)
        tick(self.run.pk, "bench", self._captains)
        took = time.perf_counter() - began - (self._captains.sent_s - sent_s)
        stands = _stands(self.run)
        if self.run.state in ("failed", "doubt"):
            raise AssertionError(str(self))
        new = stands not in self._been
        self._been.add(stands)
        return took if new else 0.0


def _stands(run: Run) -> tuple[str, int, str]:
    run.refresh_from_db()
    row = run.current()
    return run.state, run.index, row.state if row else ""


def _looks(world: World, refused: bool) -> str:
    """All of the world that a step can wait for. What was refused leaves a task, which is no news."""
    pool, cloud = world.pool("amber"), world.cloudstack
    hosts = [
        (h.power, h.toolstack, h.live, h.enabled, h.is_master, *h.current_operations) for h in pool.hosts
    ]
    guests = [(vm.power_state, vm.resident_on and vm.resident_on.name) for vm in pool.vms]
    tasks = [] if refused else [(task.ref, task.finished) for task in pool.tasks]
    rows = [(row.status, row.resource_state) for row in cloud.hosts.values()]
    clusters = [cluster.managed_state for cluster in cloud.clusters.values()]
    cables = [pbd.attached for pbd in pool.pbds]
    jobs = [job.status for job in cloud.jobs.values()]
    return repr((pool.ha_enabled, hosts, guests, tasks, cables, rows, clusters, jobs))


def _until_something_happens(world: World, passed: float, refused: bool) -> None:
    from lab.world import SteppedClock

    clock, looks = world.clock, _looks(world, refused)
    end = world.now() + (ASKED_ANEW_S if refused else SEEN_ANEW_S)
    while isinstance(clock, SteppedClock) and world.now() < end and _looks(world, refused) == looks:
        clock.step(max(0.0, min(clock.next_due() or end, end) - world.now()))


def _pause(world: World, passed: float, refused: bool) -> None:
    from lab.world import SteppedClock
    from workflows.running.acting import AGAIN_S
    from workflows.running.turn import pause

    if isinstance(world.clock, SteppedClock):
        world.clock.step(AGAIN_S if refused else pause(passed))


if __name__ == "__main__":
    report(figures(int(sys.argv[1]) if len(sys.argv) > 1 else HOSTS))
