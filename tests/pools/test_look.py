"""`manage.py look`: an interface that scripts rely on, against the lab and against hosts that misbehave."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from lab.testing import RunningLab, running_lab
from pools import watching
from pools.management.commands import look as command
from pools.models import Change, Finding, Pool
from tests.pools.lab import cloudstack_of, pool_of
from tests.support.waiting import soon

pytestmark = pytest.mark.django_db

LONGEST_S = 20.0


@pytest.fixture
def lab() -> Iterator[RunningLab]:
    with running_lab("estate", speed=1.0) as running:
        yield running


def look(name: str, *options: str) -> tuple[int, str]:
    """The exit status and what is printed."""
    out = StringIO()
    with pytest.raises(SystemExit) as end:
        call_command("look", name, *options, stdout=out)
    assert isinstance(end.value.code, int)
    return end.value.code, out.getvalue()


def look_json(name: str) -> tuple[int, dict[str, Any]]:
    status, printed = look(name, "--json")
    return status, json.loads(printed)


def test_a_healthy_pool_is_told_in_full(lab: RunningLab) -> None:
    pool_of(lab, "amber", cloudstack=cloudstack_of(lab))
    status, seen = look_json("amber")
    amber = lab.world.pool("amber")
    assert status == 0
    assert set(seen) == {"pool", "hosts", "findings"}
    looked_at = seen["pool"].pop("looked_at")
    assert seen["pool"] == {
        "name": "amber",
        "uuid": amber.uuid,
        "reachable": True,
        "master": "amber-1",
        "master_address": "127.10.1.1",
        "ha_enabled": True,
        "ha_timeout_s": 180,
        "ha_heartbeat_srs": [next(sr.uuid for sr in amber.srs if sr.name == "nfs-hb")],
        "ha_host_failures_to_tolerate": 1,
        "ha_plan_exists_for": 1,
        "version": "8.2.1",
    }
    assert looked_at.endswith("+00:00")
    assert seen["findings"] == []
    first = seen["hosts"][0]
    cloudstack = first.pop("cloudstack")
    assert first == {
        "name": "amber-1",
        "uuid": amber.hosts[0].uuid,
        "address": "127.10.1.1",
        "is_master": True,
        "enabled": True,
        "live": True,
        "version": "8.2.1",
        "resident_vms": 5,
    }
    del cloudstack["id"]
    assert cloudstack == {
        "state": "Up",
        "resourcestate": "Enabled",
        "cluster": "amber",
        "managedstate": "Managed",
    }


def test_critical_findings_end_with_2_and_carry_their_evidence(lab: RunningLab) -> None:
    pool_of(lab, "cobalt", cloudstack=cloudstack_of(lab))
    status, seen = look_json("cobalt")
    assert status == 2
    alert = seen["findings"][0]
    assert set(alert) == {"code", "severity", "subject", "says", "evidence", "remedy", "since"}
    assert (alert["code"], alert["severity"], alert["remedy"]) == (
        "cloudstack-alert",
        "critical",
        "reenable-host",
    )
    assert alert["subject"] == {"kind": "host", "name": "cobalt-2", "uuid": lab.world.host("cobalt-2").uuid}
    assert {"what", "value", "source", "at"} == set(alert["evidence"][0])


def test_warnings_end_with_1(lab: RunningLab) -> None:
    pool_of(lab, "amber")
    lab.break_("disable", "amber-3")
    status, seen = look_json("amber")
    assert status == 1
    assert [f["code"] for f in seen["findings"]] == ["host-disabled"]


def test_a_pool_without_cloudstack_has_none_beside_its_hosts(lab: RunningLab) -> None:
    pool_of(lab, "amber")
    _, seen = look_json("amber")
    assert [h["cloudstack"] for h in seen["hosts"]] == [None] * 4


def test_a_finding_keeps_the_beginning_that_the_watch_has_seen(lab: RunningLab) -> None:
    pool = pool_of(lab, "amber")
    lab.break_("disable", "amber-3")
    watching.watch(pool.pk)
    began = timezone.now() - timedelta(days=3)
    Finding.objects.filter(pool=pool).update(since=began)
    _, seen = look_json("amber")
    assert seen["findings"][0]["since"] == began.isoformat()


def test_looking_stores_nothing(lab: RunningLab) -> None:
    pool = pool_of(lab, "cobalt", cloudstack=cloudstack_of(lab))
    look("cobalt")
    pool.refresh_from_db()
    assert (pool.looked_at, pool.facts, pool.look_fence) == (None, None, 0)
    assert not Finding.objects.exists() and not Change.objects.exists()


def test_what_a_role_may_not_read_is_null_and_not_nothing(lab: RunningLab) -> None:
    """No storage, no guests or a live host would each be a statement."""
    pool_of(lab, "amber")
    for call in ("VDI.get_SR", "VM.get_all_records*", "host_metrics.get_all_records"):
        lab.break_("error", "amber", call=call, what=f"RBAC_PERMISSION_DENIED,{call}")
    status, seen = look_json("amber")
    assert status == 0
    assert (seen["pool"]["reachable"], seen["pool"]["ha_heartbeat_srs"]) == (True, None)
    assert {(h["enabled"], h["live"], h["resident_vms"]) for h in seen["hosts"]} == {(True, None, None)}


def test_people_read_the_same_in_words(lab: RunningLab) -> None:
    pool_of(lab, "cobalt", cloudstack=cloudstack_of(lab))
    status, printed = look("cobalt")
    assert status == 2
    assert "cobalt: master cobalt-1 (127.10.3.1), HA on, timeout 180 s, XenServer 8.2.1." in printed
    assert "CloudStack shows cobalt-2 in Alert." in printed
    assert "Workflow: reenable-host" in printed
    row = next(line for line in printed.splitlines() if line.startswith("cobalt-2"))
    assert row.split() == ["cobalt-2", "live,", "disabled", "0", "Alert,", "Enabled"]


def test_a_healthy_pool_says_so(lab: RunningLab) -> None:
    pool_of(lab, "amber", cloudstack=cloudstack_of(lab))
    status, printed = look("amber")
    assert status == 0
    assert printed.endswith("All well.\n")


def test_a_dead_master_is_told_with_what_cloudstack_says_of_its_hosts(lab: RunningLab) -> None:
    pool = pool_of(lab, "basalt", cloudstack=cloudstack_of(lab))
    watching.watch(pool.pk)
    lab.break_("kill", "basalt-1")
    status, seen = look_json("basalt")
    assert status == 2
    assert (seen["pool"]["reachable"], seen["pool"]["master"]) == (False, None)
    (dead,) = [f for f in seen["findings"] if f["code"] == "master-unreachable"]
    assert dead["severity"] == "warning", "for a minute it may be a restart of its toolstack"
    assert [(h["name"], h["live"]) for h in seen["hosts"]][:2] == [("basalt-1", None), ("basalt-2", None)]
    assert seen["hosts"][0]["cloudstack"]["state"] == "Up"


def test_a_look_promises_less_than_20_seconds() -> None:
    assert command.LOOK_S < LONGEST_S


@pytest.mark.parametrize("fault", ["hang", "drip"])
def test_no_host_can_hold_a_look_for_longer_than_it_promises(
    lab: RunningLab, monkeypatch: pytest.MonkeyPatch, fault: str
) -> None:
    monkeypatch.setattr(command, "LOOK_S", 1.5)
    pool_of(lab, "amber", cloudstack=cloudstack_of(lab))
    lab.break_(fault, "amber-*", delay=0.2)
    lab.break_(fault, "cloudstack", delay=0.2)
    with soon():
        status, seen = look_json("amber")
    assert status == 2
    assert seen["pool"]["reachable"] is False
    assert {"master-unreachable", "cloudstack-unreachable"} <= {f["code"] for f in seen["findings"]}


def test_a_wrong_password_is_a_finding_with_its_cure(lab: RunningLab) -> None:
    pool_of(lab, "amber")
    lab.break_("password", "amber")
    status, seen = look_json("amber")
    assert status == 2
    assert [f["code"] for f in seen["findings"]] == ["login-refused"]
    assert "password" in seen["findings"][0]["says"]


def test_another_certificate_is_a_finding(lab: RunningLab) -> None:
    pool_of(lab, "amber", pins=["0" * 64])
    status, seen = look_json("amber")
    assert status == 2
    assert [f["code"] for f in seen["findings"]] == ["tls-untrusted"]


def test_an_unknown_name_is_answered_with_the_names_there_are(lab: RunningLab) -> None:
    pool_of(lab, "amber")
    pool_of(lab, "basalt")
    with pytest.raises(CommandError, match=r"No pool is called 'ambre'\. Pools: amber, basalt\.") as error:
        call_command("look", "ambre")
    assert error.value.returncode == 3


def test_before_the_first_pool_it_says_how_to_add_one() -> None:
    with pytest.raises(CommandError, match="add_pool"):
        call_command("look", "amber")


def test_credentials_that_nobody_can_read_any_more_end_with_3(lab: RunningLab, settings: Any) -> None:
    pool_of(lab, "amber")
    settings.CREDENTIAL_KEYS = ["x" * 40]
    Pool.objects.update(good_facts=None)
    with pytest.raises(CommandError, match="CREDENTIAL_KEYS") as error:
        call_command("look", "amber")
    assert error.value.returncode == 3
