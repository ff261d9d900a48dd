"""XAPI's records as facts, in the dialects that they come in."""

from __future__ import annotations

import xmlrpc.client
from datetime import UTC, datetime
from typing import Any

import pytest

from pools.reading.values import flag, moment, number, words
from pools.reading.xenserver import Answers, is_guest, pool_facts

HOST = {
    "uuid": "h1",
    "name_label": "amber-1",
    "address": "127.10.1.1",
    "enabled": True,
    "metrics": "OpaqueRef:m1",
}
POOL = {"uuid": "p", "name_label": "amber", "master": "OpaqueRef:h1", "ha_enabled": False}


def read(host: dict[str, Any] | None = None, pool: dict[str, Any] | None = None, **more: Any) -> Any:
    """Facts of a pool of one host, with some fields different."""
    hosts = {"OpaqueRef:h1": {**HOST, **(host or {})}}
    return pool_facts(Answers(pool_ref="OpaqueRef:p", pool={**POOL, **(pool or {})}, hosts=hosts, **more))


def test_an_old_version_without_most_fields_is_still_a_pool() -> None:
    facts = read()
    assert (facts.name, facts.master, facts.current_operations) == ("amber", "h1", ())
    host = facts.hosts[0]
    assert (host.version, host.boot_time, host.ha_licensed, host.auto_enable) == ("", None, None, None)


def test_a_host_without_metrics_is_dead_but_not_when_nobody_has_any() -> None:
    assert read(metrics={}).hosts[0].live is False
    assert read(metrics=None).hosts[0].live is True
    assert (
        read(metrics={"OpaqueRef:m1": {"live": True, "memory_total": "1024"}}).hosts[0].memory_total == 1024
    )


def test_whole_numbers_come_as_text() -> None:
    ha = read(pool={"ha_host_failures_to_tolerate": "1", "ha_plan_exists_for": "0"}).ha
    assert (ha.failures_to_tolerate, ha.plan_exists_for) == (1, 0)


def test_a_timeout_that_is_no_number_is_not_known() -> None:
    ha = read(
        pool={"ha_configuration": {"timeout": "soon"}, "other_config": {"default_ha_timeout": "120"}}
    ).ha
    assert (ha.timeout_s, ha.default_timeout_s, ha.configuration) == (None, 120, (("timeout", "soon"),))


def test_the_statefiles_srs_are_named_once_by_uuid() -> None:
    srs = {"OpaqueRef:s": {"uuid": "nfs-hb", "shared": True}}
    facts = read(srs=srs, statefile_srs=("OpaqueRef:s", "OpaqueRef:s", "OpaqueRef:gone"))
    assert facts.ha.statefile_srs == ("nfs-hb",)


def test_a_null_reference_is_nothing() -> None:
    vm = {"uuid": "v", "name_label": "i-2-3-VM", "power_state": "Halted", "resident_on": "OpaqueRef:NULL"}
    assert read(vms={"OpaqueRef:v": vm}).vms[0].host == ""
    assert read(pool={"default_SR": "OpaqueRef:NULL"}).default_sr == ""


def test_a_failed_task_keeps_its_error() -> None:
    task = {
        "name_label": "Async.pool.eject",
        "status": "failure",
        "error_info": ["HA_IS_ENABLED"],
        "progress": 1.0,
    }
    assert read(tasks={"OpaqueRef:t": task}).tasks[0].error == ("HA_IS_ENABLED",)


def test_messages_that_only_inform_are_left_out_and_the_newest_is_first() -> None:
    def message(uuid: str, priority: str, at: str) -> dict[str, Any]:
        return {"uuid": uuid, "name": uuid, "priority": priority, "timestamp": xmlrpc.client.DateTime(at)}

    found = read(
        messages={
            "1": message("noise", "5", "20261122T01:00:00Z"),
            "2": message("old", "3", "20261122T00:00:00Z"),
            "3": message("new", "1", "20261122T02:00:00Z"),
            "4": message("undated", "2", "rubbish"),
            "5": message("HA_STATEFILE_APPROACHING_TIMEOUT", "5", "20261121T00:00:00Z"),
        }
    ).alerts
    near = "HA_STATEFILE_APPROACHING_TIMEOUT"  # tells how slow a heartbeat was
    assert [alert.name for alert in found] == ["new", "old", near, "undated"]


def test_the_soonest_certificate_of_a_host_counts() -> None:
    certificates = {
        "1": {"host": "OpaqueRef:h1", "type": "host", "not_after": "20300101T00:00:00Z"},
        "2": {"host": "OpaqueRef:h1", "type": "ca", "not_after": "20200101T00:00:00Z"},
        "3": {"host": "OpaqueRef:h2", "type": "host", "not_after": "20250101T00:00:00Z"},
    }
    assert read(certificates=certificates).hosts[0].certificate_expires == datetime(2030, 1, 1, tzinfo=UTC)


def test_control_domains_templates_and_snapshots_are_no_guests() -> None:
    assert is_guest({"name_label": "x"})
    for name in ("is_control_domain", "is_a_template", "is_a_snapshot"):
        assert not is_guest({name: True})
        assert not is_guest({name: "true"})


@pytest.mark.parametrize(
    "at", ["20261122T03:00:00Z", "20261122T03:00:00", "2026-11-22T03:00:00Z", "20261122T03:00:00.5Z"]
)
def test_dates_are_read_in_every_form(at: str) -> None:
    assert moment(xmlrpc.client.DateTime(at)) == datetime(2026, 11, 22, 3, 0, tzinfo=UTC)


def test_the_epoch_means_never() -> None:
    assert moment("19700101T00:00:00Z") is None


def test_what_is_no_value_is_not_known() -> None:
    assert (number("x"), number(None), number("12"), number("12.0")) == (None, None, 12, 12)
    assert (flag("perhaps"), flag("true"), flag(False)) == (None, True, False)
    assert words({"OpaqueRef:t": "eject", "OpaqueRef:u": "cert_refresh"}) == ("cert_refresh", "eject")
    assert words(["restart\u202e" + "x" * 999])[0] == "restart\N{REPLACEMENT CHARACTER}" + "x" * 247


def test_a_guests_storage_is_found_by_its_plugged_disks() -> None:
    srs = {"OpaqueRef:s": {"uuid": "nfs", "VDIs": ["OpaqueRef:d"]}}
    vms = {"OpaqueRef:v": {"uuid": "v"}, "OpaqueRef:w": {"uuid": "w"}}
    vbds = {"OpaqueRef:b": {"VM": "OpaqueRef:v", "VDI": "OpaqueRef:d"}, "OpaqueRef:cd": {"VM": "OpaqueRef:v"}}
    assert [vm.srs for vm in read(srs=srs, vms=vms, vbds=vbds).vms] == [("nfs",), ()]
    assert [vm.srs for vm in read(srs=srs, vms=vms).vms] == [None, None]


@pytest.mark.parametrize(
    "fields",
    [
        {"pending_guidances": ["reboot_host"]},
        {"pending_guidances_recommended": ["reboot_host_on_livepatch_failure"]},
        {"updates_requiring_reboot": ["OpaqueRef:u"]},
    ],
)
def test_each_releases_way_to_ask_for_a_reboot_is_understood(fields: dict[str, Any]) -> None:
    assert read(host=fields).hosts[0].reboot_due
    assert not read().hosts[0].reboot_due
