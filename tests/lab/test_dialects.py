"""A pool speaks its release: what came later is not there."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import XenAPI

from lab import scenarios
from lab.testing import running_lab
from lab.world import SteppedClock, World
from lab.world.refusal import Refusal
from lab.xapi import datamodel, dialects, dispatch
from lab.xapi.records import KINDS, View
from tests.lab.conftest import Site, code

EVERY = sorted(dialects.DIALECTS)


def record(name: str, kind: str) -> dict[str, Any]:
    """The first record of that class in the dialect."""
    world = world_speaking(name)
    view = View(world, world.pools[0])
    return next(iter(KINDS[kind].records(view).values()))


def world_speaking(name: str) -> World:
    world = scenarios.load("two-host", World(SteppedClock()))
    dialects.speak(world.pools[0], name)
    return world


@pytest.mark.parametrize(
    ("kind", "field", "first"),
    [
        ("pool", "allowed_operations", "7.1"),
        ("pool", "is_psr_pending", "8.2"),
        ("pool", "tls_verification_enabled", "8.3"),
        ("pool", "ha_reboot_vm_on_internal_shutdown", "8.3"),
        ("host", "control_domain", "7.1"),
        ("host", "multipathing", "8.2"),
        ("host", "pending_guidances", "8.3"),
        ("host", "certificates", "8.2"),
        ("SR", "is_tools_sr", "7.1"),
        ("VM", "domain_type", "8.2"),
        ("task", "backtrace", "7.1"),
    ],
)
def test_a_field_is_there_from_its_release_on(kind: str, field: str, first: str) -> None:
    order = ["6.2", "6.5", "7.1", "8.2", "8.3", "current"]
    for name in order:
        if kind == "task":
            world = world_speaking(name)
            fields = dispatch.names(dialects.release(world.pools[0]))
            assert (f"task.get_{field}" in fields) == (order.index(name) >= order.index(first)), name
        else:
            assert (field in record(name, kind)) == (order.index(name) >= order.index(first)), name


@pytest.mark.parametrize("name", EVERY)
def test_a_host_tells_its_release(name: str) -> None:
    host = record(name, "host")
    dialect = dialects.DIALECTS[name]
    assert host["software_version"]["product_version"] == dialect.product
    assert (host["API_version_major"], host["API_version_minor"]) == dialect.api


@pytest.mark.parametrize(
    ("call", "args", "first"),
    [
        ("host.emergency_ha_disable", [True], "7.1"),
        ("pool.get_allowed_operations", ["self"], "7.1"),
        ("pool_update.get_all", [], "7.1"),
        ("Certificate.get_all", [], "8.2"),
    ],
)
def test_a_call_or_an_argument_is_there_from_its_release_on(call: str, args: list[Any], first: str) -> None:
    order = ["6.2", "6.5", "7.1", "8.2", "8.3", "current"]
    for name in order:
        world = world_speaking(name)
        pool = world.pools[0]
        host = pool.hosts[0]
        host.local_sessions.add("OpaqueRef:local")
        sent = [pool.ref if arg == "self" else arg for arg in args]
        try:
            process = dispatch.begin(world, host, call, ["OpaqueRef:local", *sent])
            refused = process.error.code if process.error else ""
        except Refusal as refusal:
            refused = refusal.code
        unknown = refused in ("MESSAGE_METHOD_UNKNOWN", "MESSAGE_PARAMETER_COUNT_MISMATCH")
        assert unknown == (order.index(name) < order.index(first)), (name, refused)


@pytest.mark.parametrize("version", ["8.2.0", "8.2.1", "8.9", "5.6", ""])
def test_a_version_that_is_not_in_the_list_is_taken_for_the_next_older_one(version: str) -> None:
    world = world_speaking("8.2")
    for host in world.pools[0].hosts:
        host.software_version["product_version"] = version or "6.2"
    assert 0 <= dialects.release(world.pools[0]) < len(datamodel.RELEASES)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The estate, its pools of three releases: amber the oldest, basalt the newest."""
    with running_lab("estate", speed=None, data=tmp_path_factory.getbasetemp() / "lab") as lab:
        lab.do(lambda world: dialects.speak(world.pool("amber"), "6.2"))
        lab.do(lambda world: dialects.speak(world.pool("basalt"), "current"))
        yield Site(lab)


class TestOnTheWire:
    """XenServer's own client at an old pool and at a new one."""

    def test_6_2_has_patches_and_no_updates(self, site: Site) -> None:
        session = site.session("amber-1")
        assert session.xenapi.pool_patch.get_all_records() == {}
        with pytest.raises(XenAPI.Failure) as refused:
            session.xenapi.pool_update.get_all_records()
        assert refused.value.details == ["MESSAGE_METHOD_UNKNOWN", "pool_update.get_all_records"]

    def test_6_2_has_events_of_the_classes_it_knows(self, site: Site) -> None:
        batch = getattr(site.session("amber-1").xenapi.event, "from")(["*"], "", 0.0)
        classes = {event["class"] for event in batch["events"]}
        assert "certificate" not in classes | set(batch["valid_ref_counts"])
        assert {"host", "vm", "pbd"} <= classes

    def test_the_newest_shows_the_certificate_it_uses(self, site: Site) -> None:
        session = site.session("basalt-1")
        [ref] = session.xenapi.host.get_certificates(site.host("basalt-1").ref)
        shown = session.xenapi.Certificate.get_fingerprint_sha256(ref)
        assert shown.replace(":", "").lower() == site.lab.fingerprint("basalt-1")

    def test_an_argument_of_a_later_release_is_one_too_many(self, site: Site) -> None:
        local = site.local_session("amber-2")
        with pytest.raises(XenAPI.Failure) as refused:
            local.xenapi.host.emergency_ha_disable(True)
        assert code(refused) == "MESSAGE_PARAMETER_COUNT_MISMATCH"
