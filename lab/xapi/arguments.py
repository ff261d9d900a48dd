"""Arguments from the wire, turned into what the datamodel's types mean."""

from __future__ import annotations

import math
from datetime import UTC, datetime
from typing import Any

from lab.world.refusal import Refusal
from lab.world.things import Pool
from lab.xapi.datamodel import ENUMS
from lab.xapi.records import KINDS
from lab.xapi.registry import Message


def check_count(message: Message, args: list[Any], release: int) -> None:
    """MESSAGE_PARAMETER_COUNT_MISMATCH[method, expected, received], both without the session."""
    expected = len(message.params)
    if not expected <= len(args) <= message.arguments_in(release):
        raise Refusal("MESSAGE_PARAMETER_COUNT_MISMATCH", message.name, expected, len(args))


def convert(message: Message, pool: Pool, args: list[Any]) -> list[Any]:
    """The arguments as things of the pool, numbers, and so on."""
    types = (*message.params, *message.optional)
    return [one(kind, pool, value) for kind, value in zip(types, args, strict=False)]


def one(kind: str, pool: Pool, value: Any) -> Any:
    """One argument. A class name means a reference, ``<class> set`` an array of them."""
    if kind.endswith(" set") and kind.removesuffix(" set") in KINDS:
        if not isinstance(value, list):
            raise Refusal("FIELD_TYPE_ERROR", kind)
        return [one(kind.removesuffix(" set"), pool, item) for item in value]
    if kind in KINDS:
        return KINDS[kind].find(pool, value)
    return _plain(kind, value)


def _plain(kind: str, value: Any) -> Any:
    if kind == "stamp":
        return _seconds(value)
    if kind == "int":
        try:
            return int(value)
        except (TypeError, ValueError):
            raise Refusal("FIELD_TYPE_ERROR", value) from None
    if kind == "float":
        return _number(value)
    if not _fits(kind, value):
        raise Refusal("FIELD_TYPE_ERROR", value)
    return value


def _fits(kind: str, value: Any) -> bool:
    """Texts (the reference of a class that is not served is one too), words of an enumeration, flags, maps, sets."""
    if kind == "map":
        return isinstance(value, dict) and all(isinstance(each, str) for each in value.values())
    if kind.startswith("enum "):
        return isinstance(value, str) and value in ENUMS[kind.removeprefix("enum ")]
    if kind.endswith(" set"):
        return isinstance(value, list) and all(isinstance(each, str) for each in value)
    return isinstance(value, bool if kind == "bool" else str)


def _number(value: Any) -> float:
    """An integer is taken for a float; infinity and what is no number are not."""
    if isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value):
        return float(value)
    raise Refusal("FIELD_TYPE_ERROR", value)


def _seconds(value: Any) -> float:
    """A datetime of the wire, with or without dashes, as seconds since 1970."""
    text = str(value).replace("-", "").rstrip("Z")
    try:
        return datetime.strptime(text, "%Y%m%dT%H:%M:%S").replace(tzinfo=UTC).timestamp()
    except ValueError:
        raise Refusal("FIELD_TYPE_ERROR", value) from None
