"""The calls that every class has: get_all, get_record, getters, setters, maps."""

from __future__ import annotations

import re
from typing import Any

from lab.world.refusal import Refusal
from lab.xapi.records import KINDS
from lab.xapi.records.kind import Kind
from lab.xapi.registry import Context, Message
from lab.xapi.values import Record

CONDITION = re.compile(r'\s*field\s+"([^"]+)"\s*=\s*"([^"]*)"\s*')


def find(name: str) -> Message | None:
    """The generic message of that name, such as ``host.get_enabled``; None if there is none."""
    class_name, _, verb = name.partition(".")
    kind = KINDS.get(class_name)
    if kind is None:
        return None
    return _of_class(kind, name, verb) or _of_map(kind, name, verb) or _of_field(kind, name, verb)


def _of_class(kind: Kind, name: str, verb: str) -> Message | None:
    if verb == "get_all":
        return Message(name, lambda ctx: [kind.ref(thing) for thing in kind.things(ctx.pool)])
    if verb == "get_all_records":
        return Message(name, lambda ctx: _all_records(kind, ctx))
    if verb == "get_all_records_where":
        return Message(name, lambda ctx, query: _where(_all_records(kind, ctx), query), ("string",))
    if verb == "get_record":
        return Message(name, lambda ctx, thing: kind.record(ctx.world, thing), (kind.name,))
    if verb == "get_by_uuid":
        return Message(name, lambda ctx, uuid: _by_uuid(kind, ctx, uuid), ("string",))
    if verb == "get_by_name_label" and kind.named:
        return Message(name, lambda ctx, label: _by_name(kind, ctx, label), ("string",))
    return None


def _all_records(kind: Kind, ctx: Context) -> dict[str, Record]:
    return {kind.ref(thing): kind.record(ctx.world, thing) for thing in kind.things(ctx.pool)}


def _by_uuid(kind: Kind, ctx: Context, uuid: str) -> str:
    for thing in kind.things(ctx.pool):
        if kind.record(ctx.world, thing)["uuid"] == uuid:
            return kind.ref(thing)
    raise Refusal("UUID_INVALID", kind.name, uuid)


def _by_name(kind: Kind, ctx: Context, label: str) -> list[str]:
    return [ref for ref, record in _all_records(kind, ctx).items() if record["name_label"] == label]


def _where(records: dict[str, Record], query: str) -> dict[str, Record]:
    """Only conjunctions of ``field "name" = "value"``, which is what clients use."""
    if query.strip() in ("", "true"):
        return records
    conditions = []
    for part in query.split(" and "):
        match = CONDITION.fullmatch(part)
        if match is None:
            raise Refusal("INTERNAL_ERROR", f"Failed to parse expression: {query}")
        conditions.append((match[1].replace("__", "_"), match[2]))
    return {ref: rec for ref, rec in records.items() if all(_spelled(rec.get(k)) == v for k, v in conditions)}


def _spelled(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _of_field(kind: Kind, name: str, verb: str) -> Message | None:
    action, _, field = verb.partition("_")
    if action == "set" and field in kind.setters:
        value_type, setter = kind.setters[field]
        return Message(name, lambda ctx, thing, value: _void(setter(thing, value)), (kind.name, value_type))
    if action == "get":
        return Message(name, lambda ctx, thing: _field(kind, ctx, thing, name, field), (kind.name,))
    return None


def _field(kind: Kind, ctx: Context, thing: Any, name: str, field: str) -> Any:
    record = kind.record(ctx.world, thing)
    if field not in record:
        raise Refusal("MESSAGE_METHOD_UNKNOWN", name)
    return record[field]


def _of_map(kind: Kind, name: str, verb: str) -> Message | None:
    action, _, field = verb.partition("_to_" if verb.startswith("add_to_") else "_from_")
    if field not in kind.maps or action not in ("add", "remove"):
        return None
    if action == "add":
        types = (kind.name, "string", "string")
        return Message(name, lambda ctx, thing, key, value: _add(kind, thing, field, key, value), types)
    return Message(name, lambda ctx, thing, key: _remove(kind, thing, field, key), (kind.name, "string"))


def _add(kind: Kind, thing: Any, field: str, key: str, value: str) -> None:
    """Adding a key that is there is an error, not a change."""
    pairs = getattr(thing, kind.maps[field])
    if key in pairs:
        raise Refusal("MAP_DUPLICATE_KEY", kind.name, field, kind.ref(thing), key)
    pairs[key] = value


def _remove(kind: Kind, thing: Any, field: str, key: str) -> None:
    """Removing a key that is not there changes nothing."""
    getattr(thing, kind.maps[field]).pop(key, None)


def _void(_ignored: object) -> None:
    return None
