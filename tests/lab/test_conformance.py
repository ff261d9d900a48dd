"""What the lab serves, held against the published datamodel: nothing invented, nothing too early, no field missing.

The datamodel is not part of this project: a copy of xapi's ``xenapi.json`` is looked for in ``../shared/data/xapi``.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from lab import scenarios
from lab.world import SteppedClock, Update, World
from lab.world.refusal import Refusal
from lab.xapi import datamodel, dialects, dispatch, sessions
from lab.xapi.datamodel import ORDER, RELEASES
from lab.xapi.records import KINDS, View
from lab.xapi.values import Stamp

PUBLISHED = Path(__file__).parents[3] / "shared" / "data" / "xapi" / "datamodel.json"
pytestmark = pytest.mark.skipif(not PUBLISHED.exists(), reason="xapi's datamodel.json is not at hand")

# Not in the published file, but on every host: hidden calls (datamodel.ml, datamodel_host.ml, datamodel_pool.ml).
HIDDEN = {
    *("host.propose_new_master", "host.commit_new_master", "host.abort_new_master", "pool.is_slave"),
    *("host.is_in_emergency_mode", "host.local_assert_healthy", "system.listMethods"),
}
# Where its lifecycles are known to be wrong, or say less than was there.
NOT_IN_6_2 = {
    "pool.allowed_operations",
    "pool.current_operations",
}  # said to be of rio; absent from 6.2's source
SETTABLE_BEFORE = {"task.set_other_config", "task.add_to_other_config", "task.remove_from_other_config"}
OLDEST, NEWEST = 0, len(RELEASES) - 1
PYTHON = {"string": str, "bool": bool, "int": int, "float": float, "datetime": Stamp}


@cache
def published() -> dict[str, dict[str, Any]]:
    return {one["name"]: one for one in json.loads(PUBLISHED.read_text())}


def born(thing: dict[str, Any], class_name: str = "") -> int:
    """The place of the release that brought it, not before its class; those older than 6.2 are 0."""
    first = next(
        step
        for step in thing["lifecycle"]["transitions"]
        if step["transition"] in ("published", "prototyped")
    )
    place = ORDER.get(first["release"], OLDEST)
    return max(place, born(published()[class_name])) if class_name else place


def removed(thing: dict[str, Any]) -> bool:
    return any(step["transition"] == "removed" for step in thing["lifecycle"]["transitions"])


def messages() -> dict[str, tuple[int, dict[str, Any]]]:
    return {
        f"{name}.{message['name']}": (born(message, name), message)
        for name, one in published().items()
        for message in one["messages"]
    }


def fields_of(class_name: str, release: int) -> dict[str, dict[str, Any]]:
    """The published fields of a class in a release."""
    return {
        field["name"]: field
        for field in published()[class_name]["fields"]
        if not removed(field)
        and born(field, class_name) <= release
        and not (release < dialects.JSON_SINCE and f"{class_name}.{field['name']}" in NOT_IN_6_2)
    }


@pytest.mark.parametrize("name", sorted(KINDS))
def test_each_release_has_exactly_the_published_fields_with_their_types(name: str) -> None:
    for release, called in enumerate(RELEASES):
        served = {field.name: field.type for field in datamodel.CLASSES[name] if field.since <= release}
        expected = fields_of(name, release) if born(published()[name]) <= release else {}
        assert served == {field: one["type"] for field, one in expected.items()}, called


def test_defaults_are_the_published_ones() -> None:
    for name in KINDS:
        for field in datamodel.CLASSES[name]:
            text = fields_of(name, NEWEST)[field.name].get("default")
            if field.type in ("bool", "int") and text is not None:
                assert field.default == json.loads(text), f"{name}.{field.name}"


@pytest.mark.parametrize("name", sorted(dialects.DIALECTS))
def test_no_call_is_invented_or_served_before_its_release(name: str) -> None:
    known = messages()
    release = dialects.release(busy_world(name).pools[0])
    for call in {call.removeprefix("Async.") for call in dispatch.names(release)} - HIDDEN - SETTABLE_BEFORE:
        if call.endswith(".get_all_records_where"):
            continue  # of every class, and published for message only
        assert call in known, call
        assert known[call][0] <= release, call


@pytest.mark.parametrize("name", sorted(dialects.DIALECTS))
def test_no_getter_or_setter_is_missing(name: str) -> None:
    release = dialects.release(busy_world(name).pools[0])
    served = set(dispatch.names(release))
    verbs = ("get_", "set_", "add_", "remove_")
    for call, (since, message) in messages().items():
        class_name, _, verb = call.partition(".")
        field = verb.removeprefix("get_")
        if (
            not message["implicit"]
            or class_name not in KINDS
            or since > release
            or not verb.startswith(verbs)
        ):
            continue
        one = next((one for one in published()[class_name]["fields"] if one["name"] == field), None)
        if one is None or field in fields_of(class_name, release):
            assert call in served, call


def test_arguments_are_counted_as_published() -> None:
    known = messages()
    for call, message in dispatch.MESSAGES.items():
        if call in HIDDEN or "." not in call:
            continue
        params = [param for param in known[call][1]["params"] if param["name"] != "session_id"]
        assert len(message.params) == sum(param["required"] for param in params), call
        assert len(message.optional) <= sum(not param["required"] for param in params), call


def busy_world(name: str) -> World:
    """Two hosts with HA, VMs, an alert, an update, a task and a session, in that dialect."""
    world = scenarios.load("two-host", World(SteppedClock()))
    world.begin()
    pool = world.pools[0]
    dialects.speak(pool, name)
    host = pool.hosts[0]
    session = sessions.open_one(world, host, "root", "tests")
    pool.updates.append(Update(world.new_ref(), world.new_uuid(), "XS82E001", hosts=[host]))
    world.alert(pool, "HA_HOST_FAILED", 3, "Host", host.uuid)
    try:
        dispatch.begin(world, host, "Async.pool.disable_ha", [session.ref])
    except Refusal as refusal:
        raise AssertionError from refusal
    return world


@pytest.mark.parametrize("name", sorted(dialects.DIALECTS))
def test_every_value_served_is_of_its_type(name: str) -> None:
    world = busy_world(name)
    view = View(world, world.pools[0])
    for class_name, kind in KINDS.items():
        if not datamodel.exists(class_name, view.release):
            continue
        expected = fields_of(class_name, view.release)
        for record in kind.records(view).values():
            assert set(record) == set(expected), class_name
            for field, value in record.items():
                assert fits(class_name, expected[field]["type"], value), f"{class_name}.{field}: {value!r}"


def fits(class_name: str, kind: str, value: Any) -> bool:
    """The value is of that type of the datamodel."""
    if kind.endswith(" set"):
        return isinstance(value, list) and all(fits(class_name, kind[:-4], item) for item in value)
    if kind.endswith(" map"):
        key_type, _, value_type = kind[1:-5].partition(" -> ")
        pairs = value.items() if isinstance(value, dict) else [(None, None)]
        return all(fits(class_name, key_type, k) and fits(class_name, value_type, v) for k, v in pairs)
    if kind.endswith(" ref"):
        return isinstance(value, str) and value.startswith("OpaqueRef:")
    if kind.startswith("enum "):
        return value in enumerated(class_name, kind.removeprefix("enum "))
    return isinstance(value, PYTHON[kind]) and (kind == "bool" or not isinstance(value, bool))


@cache
def enumerated(class_name: str, name: str) -> set[str]:
    found = [enum for one in published().values() for enum in one["enums"] if enum["name"] == name]
    own = [enum for enum in published().get(class_name, {"enums": []})["enums"] if enum["name"] == name]
    return {value["name"] for enum in own or found for value in enum["values"]}


def test_enumerations_have_the_published_words() -> None:
    for name, words in datamodel.ENUMS.items():
        assert words == enumerated("", name), name


def test_the_table_of_coverage() -> None:
    """Fields and calls of each class: all fields are served; `pytest -s` shows how many of the calls are."""
    served, known = set(dispatch.names(NEWEST)), messages()
    lines = [f"{'class':18} {'fields':>9} {'calls':>9}"]
    for name in sorted(KINDS, key=str.lower):
        fields, own = fields_of(name, NEWEST), [call for call in known if call.startswith(f"{name}.")]
        have = [field for field in datamodel.CLASSES[name] if field.name in fields]
        lines.append(f"{name:18} {len(have):4}/{len(fields):4} {len(served & set(own)):4}/{len(own):4}")
        assert len(have) == len(fields), name
    print("\n".join(lines))
