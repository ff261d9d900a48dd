"""What the dispatcher needs to know about a class, and one look at a pool's database."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import cache, cached_property
from typing import Any

from lab.world import World
from lab.world.refusal import Refusal
from lab.world.things import VDI, VM, Host, Pool
from lab.xapi import datamodel, dialects
from lab.xapi.values import Record


class View:
    """One look at a pool's database: what a single request reads, with indexes made when first needed."""

    def __init__(self, world: World, pool: Pool) -> None:
        self.world, self.pool = world, pool
        self.release = dialects.release(pool)

    @cached_property
    def residents(self) -> dict[Host, list[VM]]:
        """The VMs on each host, control domains too."""
        found: dict[Host, list[VM]] = defaultdict(list)
        for vm in self.pool.vms:
            if vm.resident_on is not None:
                found[vm.resident_on].append(vm)
        return found

    @cached_property
    def users(self) -> dict[VDI, list[VM]]:
        """The VMs that have each disk."""
        found: dict[VDI, list[VM]] = defaultdict(list)
        for vm in self.pool.vms:
            for disk in vm.disks:
                found[disk].append(vm)
        return found


@dataclass(frozen=True)
class Kind:
    """A class: its things in a pool's database, and what the lab's world knows of one.

    ``live`` gives the fields that have a meaning in the lab, whatever the release; the others keep their defaults or
    what a client set. ``writes`` maps a field that may be set to the attribute that holds it.
    """

    name: str
    things: Callable[[Pool], Iterable[Any]]
    live: Callable[[View, Any], Record]
    writes: dict[str, str] = field(default_factory=dict)
    ref: Callable[[Any], str] = lambda thing: thing.ref

    def find(self, pool: Pool, ref: object) -> Any:
        """The thing with that reference; HANDLE_INVALID[class, reference] if there is none."""
        for thing in self.things(pool):
            if self.ref(thing) == ref:
                return thing
        raise Refusal("HANDLE_INVALID", self.name, ref)

    def record(self, view: View, thing: Any) -> Record:
        """The whole record, in the dialect of the pool."""
        record = datamodel.defaults(self.name, view.release).copy()
        live = self.live(view, thing)
        record.update(live)
        for stranger in _strangers(self.name, view.release, tuple(live)):
            del record[stranger]
        if view.pool.kept:
            record.update(view.pool.kept.get(self.ref(thing), {}))
        return record

    def value(self, view: View, thing: Any, field: str) -> Any:
        """One field of the record."""
        kept = view.pool.kept.get(self.ref(thing), {}) if view.pool.kept else {}
        if field in kept:
            return kept[field]
        live = self.live(view, thing)
        return live[field] if field in live else datamodel.defaults(self.name, view.release)[field]

    def records(self, view: View) -> dict[str, Record]:
        """All records under their references."""
        return {self.ref(thing): self.record(view, thing) for thing in self.things(view.pool)}


@cache
def _strangers(class_name: str, release: int, fields: tuple[str, ...]) -> tuple[str, ...]:
    """The fields that this release does not know yet."""
    known = datamodel.defaults(class_name, release)
    return tuple(name for name in fields if name not in known)


def derived(uuid: str, mark: int) -> str:
    """A uuid for something that the world does not keep by itself: always the same for the same owner and mark."""
    return f"{uuid[:24]}{int(uuid[24:], 16) ^ mark:012x}"


def ref_of(uuid: str) -> str:
    """The reference that goes with a derived uuid."""
    return f"OpaqueRef:{uuid}"
