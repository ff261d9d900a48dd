"""XenServer's own client from PyPI, unchanged: every read of every class, and how it takes refusals."""

from __future__ import annotations

import xmlrpc.client
from collections.abc import Iterator
from typing import Any

import pytest
import XenAPI

from lab.testing import running_lab
from lab.world import Update
from lab.xapi import datamodel, dispatch
from lab.xapi.records import KINDS
from tests.lab.conftest import Site, code

NEWEST = len(datamodel.RELEASES) - 1


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """One estate for all of these tests, with an update and an alert, so that each class has something to read."""
    with running_lab("estate", speed=None, data=tmp_path_factory.getbasetemp() / "lab") as lab:

        def furnish(world: Any) -> None:
            pool = world.pool("cobalt")
            pool.updates.append(Update(world.new_ref(), world.new_uuid(), "XS82E001", hosts=[pool.hosts[0]]))

        lab.do(furnish)
        yield Site(lab)


def plain(value: Any) -> Any:
    """Dates have no equality worth the name in xmlrpc.client."""
    return value.value if isinstance(value, xmlrpc.client.DateTime) else value


@pytest.mark.parametrize("kind", sorted(set(KINDS) - {"message", "session"}))
def test_every_getter_answers_what_the_record_says(site: Site, kind: str) -> None:
    session = site.session("cobalt-1")
    session.xenapi.Async.pool.ha_compute_max_host_failures_to_tolerate()
    handle = getattr(session.xenapi, kind)
    for ref, record in list(handle.get_all_records().items())[:1]:
        for field, value in record.items():
            assert plain(getattr(handle, f"get_{field}")(ref)) == plain(value), field


def test_a_session_reads_itself(site: Site) -> None:
    session = site.session("cobalt-1")
    record = session.xenapi.session.get_record(session._session)
    assert record["this_host"] == session.xenapi.session.get_this_host(session._session)
    assert (record["auth_user_name"], record["originator"]) == ("root", "tests")


def test_what_is_set_is_read_back_and_shown_in_the_record(site: Site) -> None:
    xenapi = site.session("cobalt-1").xenapi
    [pool] = xenapi.pool.get_all()
    xenapi.pool.set_tags(pool, ["lab"])
    xenapi.pool.add_tags(pool, "practice")
    xenapi.pool.add_tags(pool, "practice")
    xenapi.pool.remove_tags(pool, "lab")
    xenapi.pool.set_gui_config(pool, {"colour": "blue"})
    xenapi.pool.add_to_gui_config(pool, "size", "large")
    record = xenapi.pool.get_record(pool)
    assert record["tags"] == xenapi.pool.get_tags(pool) == ["practice"]
    assert record["gui_config"] == {"colour": "blue", "size": "large"}


def test_adding_to_a_hosts_other_config_keeps_the_times_out_of_it(site: Site) -> None:
    xenapi = site.session("cobalt-1").xenapi
    host = site.host("cobalt-1")
    xenapi.host.add_to_other_config(host.ref, "rack", "7")
    assert "boot_time" not in host.other_config
    assert {"rack", "boot_time"} <= set(xenapi.host.get_other_config(host.ref))


def test_the_sdk_logs_in_again_by_itself_when_its_session_is_gone(site: Site) -> None:
    session = site.session("cobalt-1")
    before = session._session
    site.lab.do(lambda world: world.pool("cobalt").sessions.clear())
    assert len(session.xenapi.host.get_all()) == 3
    assert session._session != before


def test_a_cancelled_task_says_so(site: Site) -> None:
    session = site.session("cobalt-1")
    vm = next(vm for vm in site.pool("cobalt").vms if vm.resident_on is site.host("cobalt-1") and vm.disks)
    task = session.xenapi.Async.VM.clean_shutdown(vm.ref)
    assert session.xenapi.task.get_allowed_operations(task) == ["cancel"]
    session.xenapi.task.cancel(task)
    record = session.xenapi.task.get_record(task)
    assert (record["status"], record["error_info"]) == ("cancelled", ["TASK_CANCELLED", task])
    assert record["allowed_operations"] == []
    assert vm.power_state == "Running"
    session.xenapi.task.destroy(task)
    with pytest.raises(XenAPI.Failure) as refused:
        session.xenapi.task.get_status(task)
    assert refused.value.details == ["HANDLE_INVALID", "task", task]


def test_all_calls_are_listed_by_introspection(site: Site) -> None:
    listed = site.session("cobalt-1").system.listMethods()
    assert {"event.from", "pool.get_all_records", "Async.host.evacuate"} <= set(listed)
    assert set(listed) <= set(dispatch.names(NEWEST))


def test_an_operation_under_way_is_shown_and_keeps_others_out(site: Site) -> None:
    session = site.session("basalt-1")
    [pool] = session.xenapi.pool.get_all()
    assert "ha_enable" in session.xenapi.pool.get_allowed_operations(pool)
    task = session.xenapi.Async.pool.enable_ha([site.sr("basalt", "nfs-hb")], {})
    assert session.xenapi.pool.get_current_operations(pool) == {task: "ha_enable"}
    assert session.xenapi.pool.get_allowed_operations(pool) == []
    with pytest.raises(XenAPI.Failure) as refused:
        session.xenapi.pool.designate_new_master(site.host("basalt-2").ref)
    assert code(refused) == "HA_ENABLE_IN_PROGRESS"
    site.lab.step(600)
    assert session.xenapi.pool.get_current_operations(pool) == {}
    assert "ha_disable" in session.xenapi.pool.get_allowed_operations(pool)
