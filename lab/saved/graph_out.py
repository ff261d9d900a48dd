"""Objects as JSON: each object once, under a readable id, with references to the others."""

from __future__ import annotations

import base64
import itertools
import random
import types
from collections import Counter, deque
from collections.abc import Iterable
from typing import Any

from lab.saved import functions
from lab.world import Process, Timer
from lab.world.clock import Clock

CONTAINERS = (list, dict, set)
GONE = object()
"""What belongs to the running program and not to the world: calls under way, sockets."""


class CannotSave(TypeError):
    """A kind of object that nobody taught the lab to save: a bug of the lab."""


class Writer:
    """Encodes what it is given; ``objects`` has everything that was met on the way, by id."""

    def __init__(self, left_out: set[tuple[str, str]]) -> None:
        self.objects: dict[str, dict[str, Any]] = {}
        self._left_out = left_out
        self._ids: dict[int, str] = {}
        self._kept: list[Any] = []  # so that no id() is given twice
        self._names: Counter[str] = Counter()
        self._shared: set[int] = set()
        self._queue: deque[tuple[str, Any]] = deque()

    def write(self, root: Any) -> Any:
        """The root's reference; ``objects`` is complete afterwards."""
        self._shared = shared_containers(root, self._left_out)
        reference = self.value(root)
        while self._queue:
            name, thing = self._queue.popleft()
            self.objects[name] = self._body(thing)
        return reference

    def value(self, value: Any) -> Any:
        """A value in its place, or GONE."""
        if value is None or isinstance(value, bool | int | float | str):
            return value
        if isinstance(value, Process):
            return GONE
        if isinstance(value, CONTAINERS) and id(value) not in self._shared:
            return self._container(value)
        for kind, encode in PLAIN.items():
            if isinstance(value, kind):
                return encode(self, value)
        if (
            isinstance(value, types.MethodType | types.BuiltinMethodType)
            and self.value(value.__self__) is GONE
        ):
            return GONE
        return self._reference(value)

    def values(self, values: Iterable[Any]) -> list[Any]:
        """Those that are not GONE."""
        return [each for value in values if (each := self.value(value)) is not GONE]

    def _container(self, value: Any) -> Any:
        if isinstance(value, list):
            return self.values(value)
        if isinstance(value, set):
            return {"@set": sorted(self.values(value), key=repr)}
        if all(isinstance(key, str) and not key.startswith("@") for key in value):
            return dict(self._pairs(value))
        return {"@dict": [list(pair) for pair in self._pairs(value)]}

    def _pairs(self, value: dict[Any, Any]) -> list[tuple[Any, Any]]:
        pairs = ((self.value(key), self.value(each)) for key, each in value.items())
        return [(key, each) for key, each in pairs if key is not GONE and each is not GONE]

    def _reference(self, thing: Any) -> dict[str, str]:
        name = self._ids.get(id(thing))
        if name is None:
            name = self._ids[id(thing)] = self._new_name(thing)
            self._kept.append(thing)
            self._queue.append((name, thing))
        return {"@": name}

    def _new_name(self, thing: Any) -> str:
        label = getattr(thing, "name", "") or getattr(thing, "uuid", "") if hasattr(thing, "__dict__") else ""
        kind = type(thing).__name__
        name = f"{kind} {label}" if isinstance(label, str) and label else kind
        self._names[name] += 1
        return name if self._names[name] == 1 and name != kind else f"{name} #{self._names[name]}"

    def _body(self, thing: Any) -> dict[str, Any]:
        if isinstance(thing, CONTAINERS):
            return {"is": "shared", "value": self._container(thing)}
        if isinstance(thing, types.FunctionType):
            return self._function(thing)
        if isinstance(thing, types.MethodType):
            return {"is": "method", "of": self.value(thing.__self__), "name": thing.__name__}
        kind = type(thing)
        if not kind.__module__.startswith("lab."):
            raise CannotSave(f"a {kind.__module__}.{kind.__qualname__} cannot be saved")
        fields = self._fields(thing)
        return {"is": f"{kind.__module__}:{kind.__qualname__}", **fields}

    def _fields(self, thing: Any) -> dict[str, Any]:
        found = {}
        for name, value in attributes(thing, self._left_out).items():
            encoded = self.value(value)
            found[name] = None if encoded is GONE else encoded
        return found

    def _function(self, function: types.FunctionType) -> dict[str, Any]:
        cells = zip(function.__code__.co_freevars, function.__closure__ or (), strict=True)
        return {
            "is": "function",
            "code": functions.place(function),
            "variables": {name: self.value(cell.cell_contents) for name, cell in cells},
            "defaults": self.values(function.__defaults__ or ()),
            "options": {name: self.value(value) for name, value in (function.__kwdefaults__ or {}).items()},
        }


def attributes(thing: Any, left_out: set[tuple[str, str]]) -> dict[str, Any]:
    """What an object holds: its dictionary or its slots, and an exception's arguments."""
    slots = getattr(type(thing), "__slots__", None)
    found = {name: getattr(thing, name) for name in slots} if slots else dict(vars(thing))
    if isinstance(thing, BaseException):
        found["args"] = thing.args
    return {name: value for name, value in found.items() if (type(thing).__name__, name) not in left_out}


def shared_containers(root: Any, left_out: set[tuple[str, str]]) -> set[int]:
    """The lists, dicts and sets that more than one thing holds."""
    seen: Counter[int] = Counter()
    stack, kept = [root], []
    while stack:
        value = stack.pop()
        if value is None or isinstance(value, str | int | float | bool | type | types.ModuleType | Process):
            continue
        seen[id(value)] += 1
        if seen[id(value)] == 1:
            kept.append(value)
            stack.extend(_held(value, left_out))
    return {id(value) for value in kept if isinstance(value, CONTAINERS) and seen[id(value)] > 1}


def _held(value: Any, left_out: set[tuple[str, str]]) -> list[Any]:
    if isinstance(value, dict):
        return [*value, *value.values()]
    if isinstance(value, list | set | frozenset | tuple | deque):
        return list(value)
    if isinstance(value, types.FunctionType):
        cells = [cell.cell_contents for cell in value.__closure__ or ()]
        return [*cells, *(value.__defaults__ or ()), *(value.__kwdefaults__ or {}).values()]
    if isinstance(value, types.MethodType | types.BuiltinMethodType):
        return [value.__self__]
    return list(attributes(value, left_out).values()) if type(value).__module__.startswith("lab.") else []


def _timer(writer: Writer, timer: Timer) -> Any:
    """A timer without its action happens never; one that only wakes a lost call is lost with it."""
    action = writer.value(timer.action)
    return GONE if action is None or action is GONE else writer._reference(timer)


def _function(writer: Writer, function: types.FunctionType) -> Any:
    """One of a module is named; a closure is an object, and lost if it has anything that is."""
    if functions.LOCAL not in function.__qualname__ and "<lambda>" not in function.__qualname__:
        return {"@named": functions.place(function)}
    if not function.__module__.startswith("lab.") or function.__module__.startswith("lab.server"):
        return GONE
    held = [cell.cell_contents for cell in function.__closure__ or ()]
    return GONE if any(isinstance(each, Process) for each in held) else writer._reference(function)


PLAIN: dict[Any, Any] = {
    Clock: lambda writer, value: {"@clock": True},
    Timer: _timer,
    types.FunctionType: _function,
    tuple: lambda writer, value: {"@tuple": writer.values(value)},
    frozenset: lambda writer, value: {"@frozenset": sorted(writer.values(value), key=repr)},
    bytes: lambda writer, value: {"@bytes": base64.b64encode(value).decode()},
    type: lambda writer, value: {"@named": f"{value.__module__}:{value.__qualname__}"},
    itertools.count: lambda writer, value: {"@count": int(repr(value)[6:-1])},
    random.Random: lambda writer, value: {
        "@random": [list(part) if isinstance(part, tuple) else part for part in value.getstate()]
    },
    deque: lambda writer, value: {"@deque": [writer.values(value), value.maxlen]},
}
