"""The calls that every class has, made from the datamodel: get_all, get_record, getters, setters, maps and sets."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import Any

from lab.world.refusal import Refusal
from lab.xapi import datamodel
from lab.xapi.datamodel import Field
from lab.xapi.records import KINDS, Kind, View
from lab.xapi.registry import Context, Handler, Message
from lab.xapi.values import Record

CONDITION = re.compile(r'\s*field\s+"([^"]+)"\s*=\s*"([^"]*)"\s*')
WITHOUT_LIST = {"session"}
WITHOUT_NAMES = {"pool"}  # a label has it, but there is only one pool
WITHOUT_GETTERS = {"message"}


def find(name: str) -> Message | None:
    """The generic message of that name, such as ``host.get_enabled``; None if there is none in any release."""
    class_name, _, verb = name.partition(".")
    return _messages(class_name).get(verb) if class_name in KINDS else None


def names(release: int) -> list[str]:
    """All of them in that release."""
    return [
        message.name
        for class_name in KINDS
        for message in _messages(class_name).values()
        if message.since <= release
    ]


@cache
def _messages(class_name: str) -> dict[str, Message]:
    kind, fields = KINDS[class_name], datamodel.CLASSES[class_name]
    found = {message.name.partition(".")[2]: message for message in _of_class(kind, fields)}
    for field in fields:
        for message in _of_field(kind, field):
            found[message.name.partition(".")[2]] = message
    return found


def _of_class(kind: Kind, fields: tuple[Field, ...]) -> Iterator[Message]:
    since = min(field.since for field in fields)

    def make(verb: str, handler: Handler, *params: str) -> Message:
        return Message(f"{kind.name}.{verb}", handler, params, since=since, can_be_async=False)

    yield make("get_record", lambda ctx, thing: kind.record(_view(ctx), thing), kind.name)
    yield make("get_by_uuid", lambda ctx, uuid: _by_uuid(kind, ctx, uuid), "string")
    if kind.name in WITHOUT_LIST:
        return
    yield make("get_all", lambda ctx: [kind.ref(thing) for thing in kind.things(ctx.pool)])
    yield make("get_all_records", lambda ctx: kind.records(_view(ctx)))
    yield make("get_all_records_where", lambda ctx, query: _where(kind.records(_view(ctx)), query), "string")
    if kind.name not in WITHOUT_NAMES and any(field.name == "name_label" for field in fields):
        yield make("get_by_name_label", lambda ctx, label: _by_name(kind, ctx, label), "string")


def _of_field(kind: Kind, field: Field) -> Iterator[Message]:
    def make(verb: str, handler: Handler, *params: str) -> Message:
        return Message(
            f"{kind.name}.{verb}", handler, (kind.name, *params), since=field.since, can_be_async=False
        )

    if kind.name not in WITHOUT_GETTERS:
        yield make(f"get_{field.name}", lambda ctx, thing: kind.value(_view(ctx), thing, field.name))
    if not field.mark:
        return
    yield make(
        f"set_{field.name}",
        lambda ctx, thing, value: write(kind, ctx, thing, field.name, value),
        argument_type(field.type),
    )
    if field.mark == "*" and field.type.endswith(" map"):
        yield make(
            f"add_to_{field.name}", lambda ctx, *args: _add_key(kind, ctx, field, *args), *KEY_AND_VALUE
        )
        yield make(
            f"remove_from_{field.name}", lambda ctx, *args: _drop_key(kind, ctx, field, *args), "string"
        )
    elif field.mark == "*" and field.type.endswith(" set"):
        yield make(f"add_{field.name}", lambda ctx, *args: _add_item(kind, ctx, field, *args), "string")
        yield make(f"remove_{field.name}", lambda ctx, *args: _drop_item(kind, ctx, field, *args), "string")


KEY_AND_VALUE = ("string", "string")


def argument_type(field_type: str) -> str:
    """How ``lab.xapi.arguments`` calls a type of the datamodel."""
    if field_type.endswith(" map"):
        return "map"
    if field_type.startswith("enum "):
        return field_type
    return "stamp" if field_type == "datetime" else field_type.replace(" ref", "")


def _view(ctx: Context) -> View:
    return View(ctx.world, ctx.pool)


def _by_uuid(kind: Kind, ctx: Context, uuid: str) -> str:
    view = _view(ctx)
    for thing in kind.things(ctx.pool):
        if kind.live(view, thing)["uuid"] == uuid:
            return kind.ref(thing)
    raise Refusal("UUID_INVALID", kind.name, uuid)


def _by_name(kind: Kind, ctx: Context, label: str) -> list[str]:
    return [ref for ref, record in kind.records(_view(ctx)).items() if record["name_label"] == label]


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


def write(kind: Kind, ctx: Context, thing: Any, field: str, value: Any) -> None:
    """Set a field: on the thing itself where the lab acts on it, else it is only kept."""
    if field in kind.writes:
        setattr(thing, kind.writes[field], value)
        return
    kept, ref = ctx.pool.kept, kind.ref(thing)
    kept[ref] = {**kept.get(ref, {}), field: getattr(value, "ref", value)}


def _read(kind: Kind, ctx: Context, thing: Any, field: str) -> Any:
    """The field's value without what the record adds, such as a host's boot time."""
    if field in kind.writes:
        return getattr(thing, kind.writes[field])
    return kind.value(_view(ctx), thing, field)


def _add_key(kind: Kind, ctx: Context, field: Field, thing: Any, key: str, value: str) -> None:
    """Adding a key that is there is an error, not a change."""
    pairs = _read(kind, ctx, thing, field.name)
    if key in pairs:
        raise Refusal("MAP_DUPLICATE_KEY", kind.name, field.name, kind.ref(thing), key)
    write(kind, ctx, thing, field.name, {**pairs, key: value})


def _drop_key(kind: Kind, ctx: Context, field: Field, thing: Any, key: str) -> None:
    """Removing a key that is not there changes nothing."""
    pairs = _read(kind, ctx, thing, field.name)
    write(kind, ctx, thing, field.name, {name: value for name, value in pairs.items() if name != key})


def _add_item(kind: Kind, ctx: Context, field: Field, thing: Any, item: str) -> None:
    """A set holds a thing once; adding it again changes nothing."""
    items = _read(kind, ctx, thing, field.name)
    write(kind, ctx, thing, field.name, [*items, *([] if item in items else [item])])


def _drop_item(kind: Kind, ctx: Context, field: Field, thing: Any, item: str) -> None:
    items = _read(kind, ctx, thing, field.name)
    write(kind, ctx, thing, field.name, [one for one in items if one != item])
