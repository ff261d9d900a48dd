"""The mirror says what a full look says, after whatever happened; and knows when it can't."""

from __future__ import annotations

import random
import xmlrpc.client
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from lab.testing import RunningLab, running_lab
from lab.world import World
from lab.world.moving import halt
from lab.world.things import PBD, VDI, VM, Pool, Task
from pools.ask_xenserver import ask_answers
from pools.clients.master import open_session
from pools.clients.xapi import Xapi
from pools.facts import PoolFacts
from pools.mirror import CLASSES, Doubt, Mirror, applied, facts_of, made_of, mirror_of, settled
from pools.reading.values import number
from pools.reading.xenserver import pool_facts
from tests.pools.reach import to_pool

DIALECTS = ("xenserver-6-2", "xenserver-6-5", "xenserver-7-1", "xenserver-8-2", "xenserver-current")
NOW = datetime.now(UTC)
Rng = random.Random
Happening = Callable[[World, Pool, Rng], None]


def guest(pool: Pool, rng: Rng) -> VM:
    return rng.choice([vm for vm in pool.vms if not vm.is_control_domain and not vm.is_a_template])


def enabled(world: World, pool: Pool, rng: Rng) -> None:
    host = rng.choice(pool.hosts)
    host.enabled = not host.enabled


def moved(world: World, pool: Pool, rng: Rng) -> None:
    vm = guest(pool, rng)
    vm.power_state, vm.resident_on = "Running", rng.choice(pool.hosts)


def halted(world: World, pool: Pool, rng: Rng) -> None:
    halt(guest(pool, rng))


def born(world: World, pool: Pool, rng: Rng) -> None:
    sr = rng.choice([sr for sr in pool.srs if sr.shared])
    disk = VDI(world.new_ref(), world.new_uuid(), "disk", sr, 10 << 30)
    sr.vdis.append(disk)
    vm = VM(world.new_ref(), world.new_uuid(), f"new-{rng.random()}", pool, disks=[disk])
    pool.vms.append(vm)
    if rng.random() < 0.5:
        vm.power_state, vm.resident_on = "Running", rng.choice(pool.hosts)


def destroyed(world: World, pool: Pool, rng: Rng) -> None:
    vm = guest(pool, rng)
    halt(vm)
    pool.vms.remove(vm)
    for disk in vm.disks:
        disk.sr.vdis.remove(disk)


def became_template(world: World, pool: Pool, rng: Rng) -> None:
    vm = guest(pool, rng)
    halt(vm)
    vm.is_a_template = True


def unplugged(world: World, pool: Pool, rng: Rng) -> None:
    pbd = rng.choice(pool.pbds)
    pbd.attached = not pbd.attached


def storage_gone(world: World, pool: Pool, rng: Rng) -> None:
    pbd: PBD = rng.choice(pool.pbds)
    pbd.sr.pbds.remove(pbd)
    pbd.host.pbds.remove(pbd)


def ha(world: World, pool: Pool, rng: Rng) -> None:
    pool.ha_enabled = not pool.ha_enabled
    pool.ha_configuration = {"timeout": str(rng.choice((60, 120, 180)))}
    pool.ha_plan_exists_for = rng.randrange(3)
    pool.ha_statefiles = [rng.choice(pool.vdis).ref]


def alerted(world: World, pool: Pool, rng: Rng) -> None:
    world.alert(pool, "HA_HOST_FAILED", rng.choice((1, 3, 5)), "Host", rng.choice(pool.hosts).uuid, "dead")


def task_came(world: World, pool: Pool, rng: Rng) -> None:
    host = rng.choice(pool.hosts)
    pool.tasks.append(Task(world.new_ref(), world.new_uuid(), "Async.x", None, host, world.now()))


def task_went(world: World, pool: Pool, rng: Rng) -> None:
    if pool.tasks:
        pool.tasks.remove(rng.choice(pool.tasks))


def live(world: World, pool: Pool, rng: Rng) -> None:
    host = rng.choice(pool.hosts)
    host.live = not host.live


def host_left(world: World, pool: Pool, rng: Rng) -> None:
    idle = [h for h in pool.hosts if h is not pool.master and not any(vm.resident_on is h for vm in pool.vms)]
    if len(pool.hosts) > 3 and idle:
        pool.hosts.remove(idle[0])
        for sr in pool.srs:
            sr.pbds = [pbd for pbd in sr.pbds if pbd.host is not idle[0]]


def asked_of_host(world: World, pool: Pool, rng: Rng) -> None:
    host = rng.choice(pool.hosts)
    host.other_config["MAINTENANCE_MODE"] = rng.choice(("true", "false"))
    host.pending_guidances = rng.choice(([], ["reboot_host"]))
    host.current_operations = rng.choice(({}, {"OpaqueRef:t": "evacuate"}))


HAPPENINGS: tuple[Happening, ...] = (
    *(enabled, moved, halted, born, destroyed, became_template, unplugged, storage_gone, ha, alerted),
    *(task_came, task_went, live, host_left, asked_of_host),
)


def happen(lab: RunningLab, happened: list[Happening], rng: Rng) -> None:
    lab.do(lambda world: [what(world, world.pool("amber"), rng) for what in happened])


class Listener:
    """A mirror and the session that keeps it; what differs between two looks by itself is left out."""

    def __init__(self, xapi: Xapi) -> None:
        self._xapi = xapi
        token = self._told(["pool", "task"], "")["token"]
        answers, gaps = ask_answers(xapi, NOW)
        self.mirror = mirror_of(answers, gaps, token)

    def listen(self) -> None:
        mirror = applied(self.mirror, self._told(list(CLASSES), self.mirror.token))
        free = {ref: self._free(ref) for ref in mirror.restless if ref in mirror.records["host"]}
        self.mirror = settled(mirror, free)

    def looked(self) -> PoolFacts:
        return pool_facts(ask_answers(self._xapi, NOW)[0])

    def _free(self, ref: str) -> int | None:
        return number(self._xapi.call("host.compute_free_memory", ref))

    def _told(self, classes: list[str], token: str) -> Any:
        return self._xapi.call("event.from", classes, token, 0.0)


@pytest.mark.parametrize("scenario", DIALECTS)
def test_after_any_series_of_changes_it_says_what_a_full_look_says(scenario: str) -> None:
    rng = Rng(scenario)
    with running_lab(scenario, speed=None) as lab, open_session(to_pool(lab, "amber-1")) as xapi:
        listener = Listener(xapi)
        made = None
        for _ in range(12):
            happened = rng.choices(HAPPENINGS, k=rng.randrange(1, 6))
            happen(lab, happened, rng)
            listener.listen()
            made = made_of(listener.mirror, NOW, made)
            assert made.facts == listener.looked(), [what.__name__ for what in happened]


@pytest.fixture(scope="module")
def lab() -> Any:
    with running_lab("healthy", speed=1.0) as running:
        yield running


@pytest.fixture(scope="module")
def mirror(lab: RunningLab) -> Mirror:
    with open_session(to_pool(lab, "amber-1")) as xapi:
        listener = Listener(xapi)
        listener.listen()
        return listener.mirror


def batch(mirror: Mirror, *events: dict[str, Any], **counts: int) -> dict[str, Any]:
    """As XAPI would tell; counts are those of the mirror unless given."""
    right = {name: len(kept) + mirror.others.get(name, 0) for name, kept in mirror.records.items()}
    return {"events": list(events), "token": "t", "valid_ref_counts": {**right, **counts}}


def event(operation: str, name: str, ref: str, snapshot: dict[str, Any] | None = None) -> dict[str, Any]:
    told = {"class": name, "operation": operation, "ref": ref}
    return told if snapshot is None else {**told, "snapshot": snapshot}


def test_nothing_told_leaves_the_very_same_records(mirror: Mirror) -> None:
    assert applied(mirror, batch(mirror)).records is mirror.records


def test_a_field_that_nobody_reads_is_no_change(mirror: Mirror) -> None:
    ref, vm = next(iter(mirror.records["vm"].items()))
    told = event("mod", "vm", ref, {**vm, "allowed_operations": ["start"], "is_a_template": False})
    assert applied(mirror, batch(mirror, told)).records is mirror.records


def test_a_number_of_objects_that_stays_wrong_is_a_doubt(mirror: Mirror) -> None:
    wrong = batch(mirror, task=7)
    once = applied(mirror, wrong)
    assert once.uneven == {"task"}
    assert applied(once, batch(mirror)).uneven == frozenset()
    with pytest.raises(Doubt, match="task"):
        applied(once, wrong)


def test_a_guest_that_was_destroyed_unheard_is_a_doubt(mirror: Mirror) -> None:
    fewer = batch(mirror, vm=len(mirror.records["vm"]) + mirror.others["vm"] - 1)
    with pytest.raises(Doubt, match="vm"):
        applied(applied(mirror, fewer), fewer)


def test_a_toolstack_that_started_anew_is_a_doubt(mirror: Mirror) -> None:
    ((_, pool),) = mirror.records["pool"].items()
    master = pool["master"]
    host = mirror.records["host"][master]
    told = event("mod", "host", master, {**host, "other_config": {"agent_start_time": "9999999999."}})
    with pytest.raises(Doubt, match="anew"):
        applied(mirror, batch(mirror, told))


@pytest.mark.parametrize(
    "nonsense",
    [
        {},
        "text",
        {"events": [{}], "token": "t", "valid_ref_counts": {}},
        {"events": [event("add", "vm", "OpaqueRef:x")], "token": "t", "valid_ref_counts": {}},
        {"events": [event("mod", "VDI", "OpaqueRef:x", {})], "token": "t", "valid_ref_counts": {}},
        {"events": [event("mod", "vm", "OpaqueRef:x", "text")], "token": "t", "valid_ref_counts": {}},  # type: ignore[arg-type]
        {"events": 7, "token": "t", "valid_ref_counts": {}},
        {"events": [], "token": "t", "valid_ref_counts": 7},
    ],
)
def test_nonsense_is_a_doubt_and_never_another_error(mirror: Mirror, nonsense: Any) -> None:
    with pytest.raises(Doubt):
        applied(mirror, nonsense)


def test_the_pool_itself_cannot_go(mirror: Mirror) -> None:
    (ref,) = mirror.records["pool"]
    with pytest.raises(Doubt, match="no pool"):
        applied(mirror, batch(mirror, event("del", "pool", ref), pool=0))


def test_old_alerts_leave_by_themselves(mirror: Mirror) -> None:
    sent = xmlrpc.client.DateTime("20200101T00:00:00Z")
    old = {
        "uuid": "u",
        "name": "HA_HOST_FAILED",
        "priority": "1",
        "obj_uuid": "o",
        "timestamp": sent,
        "body": "",
    }
    after = applied(mirror, batch(mirror, event("add", "message", "OpaqueRef:m", old)))
    assert facts_of(after, NOW) == facts_of(mirror, NOW)
    assert facts_of(replace(after, records=mirror.records), NOW) == facts_of(mirror, NOW)
