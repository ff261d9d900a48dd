"""An hour in a healthy estate, told by nobody as trouble: `python -m bench.healthy_hour [MINUTES [SEED]]`, else 4.

What an hour brings is packed into that many minutes: toolstacks of members and of masters restart, answers come late or
in drips, guests start, stop and move, storage is scanned, a master is moved in good order, in the pool whose operators
elect by themselves (with HA on, XenServer moves none). Each of it takes as long as it does on real hosts, since the
console's patience is measured in real seconds; with 60 it is the hour itself.

The lab plays in the bench's own process, where the truth can be looked at; broker, beat and one `watch` worker, with
its looks, its listener, its prober and its sweeps, are processes of their own. What a false finding is: bench/truth.py.
"""

from __future__ import annotations

import random
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import TYPE_CHECKING

from bench.figures import Figure, report
from bench.listening import WATCH
from bench.truth import Said
from bench.workers import processes, settle_in

if TYPE_CHECKING:
    from lab.testing import RunningLab
    from lab.world import World
    from lab.world.things import Host

MINUTES, SEED = 4.0, 4
RESTARTS, SLOW, DRIPS, GUESTS, SCANS, MOVES = 12, 40, 10, 60, 20, 2
"""Of each in the hour."""
MANUAL = "basalt"
"""The pool without HA."""
BY_HAND = {"wants_ha": False, "recovery": "operators", "exposure_limit_s": 86_400}
SLOWEST_S = 3.0
DRIP_S = 0.0002
"""Between two bytes."""
SAMPLE_S, READY_S, AFTER_S = 0.1, 60.0, 20.0
RESTS_S = 60.0
"""A toolstack runs for so long before it is restarted once more."""


def figures(minutes: float = MINUTES, seed: int = SEED) -> Iterator[Figure]:
    """How much happened, and how many false findings there were, each named above."""
    from lab.testing import running_lab

    with tempfile.TemporaryDirectory(prefix="baton-bench-") as folder:
        settle_in(folder)
        with running_lab("healthy", speed=1.0) as lab, processes(WATCH):
            hour = Hour(lab, random.Random(seed))
            hour.settle()
            happened = hour.live_through(minutes * 60)
            for false in hour.said.false:
                print(false, flush=True)
            yield Figure("healthy-hour-disturbances", happened, "events", f">={_in_all() - RESTARTS // 3}")
            yield Figure("healthy-hour-true-findings", hour.said.true, "findings", ">=1")
            yield Figure("healthy-hour-false-findings", len(hour.said.false), "findings", "<=0")


def _in_all() -> int:
    return RESTARTS + SLOW + DRIPS + GUESTS + SCANS + MOVES


class Hour:
    """The estate, what happens to it, and what the console says meanwhile."""

    def __init__(self, lab: RunningLab, rng: random.Random) -> None:
        from lab.world.ha_switch import switch_off
        from tests.pools.lab import cloudstack_of, pool_of

        self._lab, self._rng = lab, rng
        cloudstack = cloudstack_of(lab)
        lab.do(lambda world: switch_off(world.pool(MANUAL)))
        self._names = [pool.name for pool in lab.world.pools if pool.name]
        own: dict[str, dict[str, object]] = {MANUAL: dict(BY_HAND)}
        self._rows = {
            name: pool_of(lab, name, cloudstack=cloudstack, **own.get(name, {})) for name in self._names
        }
        self.said = Said(lab, {row.pk: name for name, row in self._rows.items()})
        self._timers: list[threading.Timer] = []
        self._restarts = 0

    def settle(self) -> None:
        """Until every pool is listened to."""
        from django.utils import timezone

        from pools.models import Listener

        deadline = time.monotonic() + READY_S
        while Listener.objects.filter(until__gt=timezone.now(), packed__isnull=False).count() < len(
            self._names
        ):
            if time.monotonic() > deadline:
                raise SystemExit("bench.healthy_hour: nobody listens")
            time.sleep(SAMPLE_S)  # between two questions to the database

    def live_through(self, seconds: float) -> int:
        """The hour, packed into so many seconds, and a while after it; how much happened."""
        plan = sorted((self._rng.uniform(0, seconds), number) for number in range(_in_all()))
        events = self._events()
        try:
            with self.said.compared():
                began = time.monotonic()
                for at, number in plan:
                    time.sleep(max(0.0, began + at - time.monotonic()))  # until it is its time
                    events[number]()
                time.sleep(AFTER_S)  # what began last comes to its end, and is seen to
        finally:
            for timer in self._timers:
                timer.cancel()
        return len(plan) - RESTARTS + self._restarts

    def _events(self) -> list[Callable[[], None]]:
        """One for each number of the plan."""
        masters = [self._restart_master] * (RESTARTS // 3)
        members = [self._restart_member] * (RESTARTS - len(masters))
        rest = [self._slow] * SLOW + [self._drip] * DRIPS + [self._guest] * GUESTS + [self._scan] * SCANS
        return [*masters, *members, *rest, *[self._move_master] * MOVES]

    # What happens

    def _restart_master(self) -> None:
        self._restart(lambda world: [pool.master for pool in world.pools if pool.master])

    def _restart_member(self) -> None:
        self._restart(lambda world: [host for host in world.hosts if host is not host.pool.master])

    def _restart(self, hosts: Callable[[World], list[Host]]) -> None:
        """One of these, of those that have not just been restarted: else it is no restart, but a host that is away."""
        rested = self._lab.do(lambda world: [host.name for host in hosts(world) if _has_rested(host)])
        if rested:
            self._lab.break_("toolstack-restart", self._rng.choice(rested))
            self._restarts += 1

    def _slow(self) -> None:
        where = self._rng.choice([*self._hosts(), "cloudstack"])
        self._fault("slow", where, self._rng.uniform(0.5, SLOWEST_S))

    def _drip(self) -> None:
        self._fault("drip", self._rng.choice(self._hosts()), DRIP_S)

    def _fault(self, kind: str, where: str, delay: float) -> None:
        """For 5 to 25 s."""
        self._lab.break_(kind, where, delay=delay)

        def mend() -> None:
            self._lab.do(lambda world: world.faults.remove(where, kind))

        self._timers.append(timer := threading.Timer(self._rng.uniform(5, 25), mend))
        timer.start()

    def _guest(self) -> None:
        """Started, stopped or moved, by another client."""
        name = self._any_pool()
        guest, call, there = self._lab.do(lambda world: self._chosen(world, name))
        if call == "Async.VM.pool_migrate":
            self._call(name, call, guest, there, {})
        else:
            self._call(name, call, guest, *((False, False) if call == "Async.VM.start" else ()))

    def _chosen(self, world: World, name: str) -> tuple[str, str, str]:
        pool = world.pool(name)
        guest = self._rng.choice([vm for vm in pool.vms if vm.name.startswith("i-")])
        running = guest.power_state == "Running"
        call = (
            self._rng.choice(["Async.VM.pool_migrate", "Async.VM.clean_shutdown"])
            if running
            else "Async.VM.start"
        )
        return guest.ref, call, self._rng.choice(pool.hosts).ref

    def _scan(self) -> None:
        name = self._any_pool()
        sr = self._lab.do(lambda world: self._rng.choice(world.pool(name).srs).ref)
        self._call(name, "Async.SR.scan", sr)

    def _move_master(self) -> None:
        members = self._lab.do(lambda world: _members(world, MANUAL))
        new = self._lab.do(lambda world: world.host(self._rng.choice(members)).ref)
        self._call(MANUAL, "Async.pool.designate_new_master", new)

    def _call(self, name: str, call: str, *args: object) -> None:
        """By somebody who gives up at once: who calls while the master restarts is refused."""
        from pools.clients.errors import ClientError
        from pools.clients.master import open_session
        from pools.clients.wire import Deadline
        from pools.connect import endpoint

        def send() -> None:
            with (
                suppress(ClientError),
                open_session(endpoint(self._rows[name]), deadline=Deadline(20)) as xapi,
            ):
                xapi.call(call, *args)

        threading.Thread(target=send, daemon=True).start()

    def _any_pool(self) -> str:
        return self._rng.choice(self._names)

    def _hosts(self) -> list[str]:
        return [host.name for host in self._lab.world.hosts]


def _has_rested(host: Host) -> bool:
    return host.toolstack == "running" and time.time() - host.agent_start_time > RESTS_S


def _members(world: World, name: str) -> list[str]:
    pool = world.pool(name)
    return [host.name for host in pool.hosts if host is not pool.master]


if __name__ == "__main__":
    given = dict(enumerate(sys.argv[1:3]))
    report(figures(float(given.get(0, MINUTES)), int(given.get(1, SEED))))
