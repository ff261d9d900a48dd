"""Rolling reboot beside the script that operators had before: `python -m bench.rolling [HOSTS]`.

Both reboot every host of the same pool in the same world, with somebody at hand who says yes at once. Told are minutes
of the lab's time (see bench/pace.py): the whole, and without HA. Ours brings the guests back at the end, which the
script does not. Then both are killed at the same points of smaller pools, and ours goes on: what is left undone?
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from bench import killed, sides
from bench.figures import Figure, report

if TYPE_CHECKING:
    from lab.testing import RunningLab
    from pools.models import Pool


def figures(hosts: int = sides.MOST_HOSTS) -> Iterator[Figure]:
    """The script first: it is what ours is measured by."""
    with tempfile.TemporaryDirectory(prefix="baton-bench-") as folder:
        broker = sides.settle_in(folder)
        try:
            yield from _minutes(hosts)
            yield from killed.figures_of_crashes()
        finally:
            broker.terminate()
            broker.wait()


def _minutes(hosts: int) -> Iterator[Figure]:
    script, script_without = _timed(hosts, _script)
    yield Figure(f"rolling-{hosts}-hosts-script", script, "min", ">=0")
    yield Figure(f"rolling-{hosts}-hosts-script-without-ha", script_without, "min", ">=0")
    ours, ours_without = _timed(hosts, _ours)
    yield Figure(f"rolling-{hosts}-hosts", ours, "min", f"<={script:.1f}")
    yield Figure(f"rolling-{hosts}-hosts-without-ha", ours_without, "min", f"<={script_without:.1f}")


def _timed(hosts: int, side: Callable[[RunningLab, Pool], None]) -> tuple[float, float]:
    """Minutes of the whole, and from HA's being turned off until it is turned on."""
    with sides.amber(hosts) as (lab, pool):
        began = lab.do(lambda world: world.now())
        side(lab, pool)
        ended = lab.do(lambda world: world.now())
        off, on = (
            lab.calls(name, changing=True)[0]["time"] for name in ("pool.disable_ha", "pool.enable_ha")
        )
        return (ended - began) / 60, (on - off) / 60


def _script(lab: RunningLab, pool: Pool) -> None:
    sides.script_of(pool, lab.control_port).run()


def _ours(lab: RunningLab, pool: Pool) -> None:
    run = sides.started(pool)
    sides.drive(run, "baton", lab.control_port)
    if run.state != "done":
        raise AssertionError(f"{run}: {run.state}, {run.reason}")


if __name__ == "__main__":
    report(figures(int(sys.argv[1]) if len(sys.argv) > 1 else sides.MOST_HOSTS))
