"""What the published datamodel says of the classes served: fields, types, defaults, and since which release."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from lab.world.things import NULL
from lab.xapi.values import EPOCH, Record

TABLE = Path(__file__).with_name("fields.txt")
LINE = re.compile(r"(?P<since>\S+) (?P<type>[^:]+): (?P<names>.+)")
NAME = re.compile(r"(?P<name>\w+)(?P<mark>[*!]?)(?:=(?P<default>.+))?")

LINES = TABLE.read_text().splitlines()
RELEASES = tuple(name for line in LINES if line.startswith(">") for name in line[1:].split())
"""Code names of the datamodel, oldest first; the lab knows none before 6.2."""
ORDER = {name: place for place, name in enumerate(RELEASES)} | {"-": 0}
ENUMS = {
    name: frozenset(values.split())
    for name, _, values in (line[2:].partition(": ") for line in LINES if line.startswith("= "))
}
"""The values of the enumerations that may be set."""


@dataclass(frozen=True)
class Field:
    """One field. ``since`` is its release's place in ``RELEASES``; ``mark``: "*" may be set, "!" only as a whole."""

    name: str
    type: str
    since: int
    mark: str
    default: Any


def _load() -> dict[str, tuple[Field, ...]]:
    classes: dict[str, list[Field]] = {}
    fields: list[Field] = []
    for line in LINES:
        if line.startswith("["):
            fields = classes.setdefault(line.strip("[]"), [])
        elif line and line[0] not in "#>=":
            fields += _fields(line)
    return {name: tuple(fields) for name, fields in classes.items()}


def _fields(line: str) -> list[Field]:
    parts = LINE.fullmatch(line)
    if parts is None:
        raise ValueError(f"not a line of fields: {line}")
    found = [NAME.fullmatch(word) for word in parts["names"].split()]
    since, kind = ORDER[parts["since"]], parts["type"]
    return [
        Field(one["name"], kind, since, one["mark"], _default(kind, one["default"])) for one in found if one
    ]


def _default(kind: str, text: str | None) -> Any:
    if kind.endswith((" set", " map")):
        return json.loads(text) if text else ([] if kind.endswith(" set") else {})
    if kind.endswith(" ref"):
        return NULL
    if kind == "datetime":
        return EPOCH
    if kind == "bool":
        return text == "true"
    if kind in ("int", "float"):
        return {"int": int, "float": float}[kind](text or 0)
    return text or ""


CLASSES = _load()


@cache
def defaults(class_name: str, release: int) -> Record:
    """A record of that class in that release, all fields at their defaults. Copy it, and share the values."""
    return {field.name: field.default for field in CLASSES[class_name] if field.since <= release}


@cache
def exists(class_name: str, release: int) -> bool:
    """The class was there in that release."""
    return bool(defaults(class_name, release))
