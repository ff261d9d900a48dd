"""What the dispatcher needs to know about a class."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from lab.world import World
from lab.world.refusal import Refusal
from lab.world.things import Pool
from lab.xapi.values import Record

Setter = Callable[[Any, Any], object]


def attribute(name: str) -> Setter:
    """A setter that writes the thing's attribute."""
    return lambda thing, value: setattr(thing, name, value)


@dataclass(frozen=True)
class Kind:
    """A class: its things in a pool's database, their record, what may be set.

    ``setters`` maps a field to (type of the argument, setter); ``maps`` a field to the attribute that holds it.
    """

    name: str
    things: Callable[[Pool], Iterable[Any]]
    record: Callable[[World, Any], Record]
    setters: dict[str, tuple[str, Setter]] = field(default_factory=dict)
    maps: dict[str, str] = field(default_factory=dict)
    ref: Callable[[Any], str] = lambda thing: thing.ref
    named: bool = True

    def find(self, pool: Pool, ref: object) -> Any:
        """The thing with that reference; HANDLE_INVALID[class, reference] if there is none."""
        for thing in self.things(pool):
            if self.ref(thing) == ref:
                return thing
        raise Refusal("HANDLE_INVALID", self.name, ref)
