"""JSON as objects: first every object empty, then what each holds, as they hold each other."""

from __future__ import annotations

import base64
import itertools
import random
import types
from collections import deque
from collections.abc import Callable
from dataclasses import MISSING, fields, is_dataclass
from functools import partial
from typing import Any

from lab.saved import functions
from lab.saved.kinds import complaint
from lab.world import World
from lab.world.clock import Clock


class Wrong(ValueError):
    """An object of the file makes no sense; ``name`` is its id, the text says what is wrong with it."""

    def __init__(self, name: str, what: str) -> None:
        super().__init__(what)
        self.name = name


class Reader:
    """Decodes what a Writer wrote."""

    def __init__(self, objects: dict[str, dict[str, Any]], clock: Clock) -> None:
        self._objects = objects
        self._clock = clock
        self._things: dict[str, Any] = {}
        self._now = ""  # the object being filled, for complaints

    def read(self) -> None:
        """Make all of them; Wrong at the first that makes no sense."""
        for name, body in self._objects.items():
            self._things[name] = self.guarded(name, partial(self._shell, body))
        for name, body in self._objects.items():
            self.guarded(name, partial(self._fill, self._things[name], body))

    def guarded(self, name: str, action: Callable[[], Any]) -> Any:
        """What the action returns; Wrong, with that name, if something in the file is in its way."""
        self._now = name
        try:
            return action()
        except Wrong:
            raise
        except (ValueError, TypeError, KeyError, IndexError, AttributeError) as problem:
            raise Wrong(name, str(problem) or type(problem).__name__) from problem

    def _shell(self, body: Any) -> Any:
        what = body["is"]
        if what == "shared":
            return type(self._empty(body["value"]))()
        if what == "function":
            return functions.shell(body["code"])
        if what == "method":
            return None  # made when the object it is bound to is there
        kind = functions.named(what)
        if not isinstance(kind, type):
            raise functions.Nowhere(f"{what!r} is no kind of object")
        return object.__new__(kind) if not issubclass(kind, BaseException) else kind.__new__(kind)

    @staticmethod
    def _empty(value: Any) -> Any:
        if isinstance(value, list):
            return []
        return set() if "@set" in value else {}

    def _fill(self, thing: Any, body: dict[str, Any]) -> None:
        if body["is"] == "shared":
            held = self.value(body["value"])
            thing.extend(held) if isinstance(thing, list) else thing.update(held)
        elif body["is"] == "function":
            self._fill_function(thing, body)
        elif body["is"] != "method":
            self._fill_object(thing, {name: value for name, value in body.items() if name != "is"})

    def _fill_function(self, function: types.FunctionType, body: dict[str, Any]) -> None:
        for name, cell in zip(function.__code__.co_freevars, function.__closure__ or (), strict=True):
            cell.cell_contents = self.value(body["variables"][name])
        function.__defaults__ = tuple(map(self.value, body["defaults"])) or None
        function.__kwdefaults__ = {name: self.value(value) for name, value in body["options"].items()} or None

    def _fill_object(self, thing: Any, held: dict[str, Any]) -> None:
        decoded = {name: self.value(value) for name, value in held.items()}
        if is_dataclass(thing):
            for field in fields(thing):
                if field.name not in decoded:
                    decoded[field.name] = _default(field)
                wrong = complaint(type(thing), field, decoded[field.name])
                if wrong:
                    raise ValueError(wrong)
            unknown = set(decoded) - {field.name for field in fields(thing)} - set(vars(thing))
            if unknown:
                raise ValueError(f"it has no {', '.join(sorted(unknown))}")
        if isinstance(thing, World):
            vars(thing).update(vars(World(self._clock)))
        for name, value in decoded.items():
            object.__setattr__(thing, name, value)

    def value(self, value: Any) -> Any:
        """What stands for this value in the file."""
        if isinstance(value, list):
            return [self.value(each) for each in value]
        if not isinstance(value, dict):
            return value
        for sign, decode in SIGNS.items():
            if sign in value:
                return decode(self, value[sign])
        return {key: self.value(each) for key, each in value.items()}

    def thing(self, name: Any) -> Any:
        """The object of that id."""
        if name not in self._things:
            raise Wrong(self._now, f"it refers to {name!r}, which is not in the file")
        body = self._objects[name]
        if body["is"] == "method" and self._things[name] is None:
            self._things[name] = getattr(self.value(body["of"]), body["name"])
        return self._things[name]


def _default(field: Any) -> Any:
    if field.default is not MISSING:
        return field.default
    if field.default_factory is not MISSING:
        return field.default_factory()
    raise ValueError(f"it has no {field.name}")


def _random(state: list[Any]) -> random.Random:
    made = random.Random()
    made.setstate(tuple(tuple(part) if isinstance(part, list) else part for part in state))
    return made


SIGNS: dict[str, Callable[[Reader, Any], Any]] = {
    "@": lambda reader, value: reader.thing(value),
    "@clock": lambda reader, value: reader._clock,
    "@set": lambda reader, value: set(map(reader.value, value)),
    "@frozenset": lambda reader, value: frozenset(map(reader.value, value)),
    "@tuple": lambda reader, value: tuple(map(reader.value, value)),
    "@dict": lambda reader, value: {reader.value(key): reader.value(each) for key, each in value},
    "@bytes": lambda reader, value: base64.b64decode(value),
    "@named": lambda reader, value: functions.named(value),
    "@count": lambda reader, value: itertools.count(value),
    "@random": lambda reader, value: _random(value),
    "@deque": lambda reader, value: deque(map(reader.value, value[0]), value[1]),
}
