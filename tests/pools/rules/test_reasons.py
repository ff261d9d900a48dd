"""Why a host is disabled: each reason with its proof, several ranked, and what was looked at when none is found."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from pools.facts import Alert, Facts
from pools.rules.case import Case
from pools.rules.reasons import only_starting, proof, reasons, why_disabled
from tests.pools.rules.trouble import expecting
from tests.pools.world import NOW, amber, ha_off, judged, unplugged, with_probe

HOST = "amber-2"


def disabled(facts: Facts | None = None, **changes: Any) -> Facts:
    return (facts or amber()).with_host(HOST, enabled=False, **changes)


def alert(name: str, minutes: float) -> Facts:
    at = NOW - timedelta(minutes=minutes)
    raised = Alert(uuid="a", name=name, priority=4, subject=HOST, at=at)
    return disabled(agent_start_time=at.timestamp() - 60).with_pool(alerts=(raised,))


def why(case: Case) -> str:
    pool = case.facts.pool
    host = pool.host(HOST) if pool else None
    assert host
    return why_disabled(case, host)


def proved(case: Case) -> list[tuple[str, str]]:
    pool = case.facts.pool
    host = pool.host(HOST) if pool else None
    assert host
    return [(e.what, e.value) for e in proof(case, host)]


ONE = {
    "a run of ours": (
        replace(judged(disabled()), obligations=expecting("host-disabled", HOST)),
        "run 7 of ours works on it",
        ("run", "run 7, until 2026-11-22 03:05:00 UTC"),
    ),
    "a PBD, with HA on": (
        judged(disabled(unplugged(HOST, "iscsi-1"))),
        "storage iscsi-1 is unplugged (with HA on, that keeps a host disabled)",
        ("iscsi-1 attached on amber-2", "false"),
    ),
    "guidance": (
        judged(disabled(pending_guidances=("reboot_host",))),
        "guidance is pending: reboot_host",
        ("pending_guidances", "reboot_host"),
    ),
    "auto-enable": (
        judged(disabled(auto_enable=False)),
        "it is set not to enable itself after a boot",
        ("auto_enable", "false"),
    ),
    "XenCenter": (
        judged(disabled(maintenance_mode=True)),
        "XenCenter's maintenance mode is set",
        ("other_config:MAINTENANCE_MODE", "true"),
    ),
    "an operation under way": (
        judged(disabled(current_operations=("evacuate",))),
        "it is being evacuated",
        ("current_operations", "evacuate"),
    ),
    "emergency mode": (
        judged(with_probe(disabled(), "127.10.1.2", emergency=True)),
        "it is in emergency mode",
        ("emergency mode of 127.10.1.2", "true"),
    ),
    "HA being armed": (
        judged(disabled().with_pool(current_operations=("ha_enable",))),
        "HA is being turned on",
        ("current_operations of the pool", "ha_enable"),
    ),
    "a fence": (
        judged(alert("HA_HOST_WAS_FENCED", 30)),
        "it fenced itself at 2026-11-22 02:30:00 UTC and has not enabled itself since",
        ("HA_HOST_WAS_FENCED", "2026-11-22 02:30:00 UTC"),
    ),
    "a crash under HA": (
        judged(alert("HA_HOST_FAILED", 30)),
        "it was declared failed by HA at 2026-11-22 02:30:00 UTC and has not enabled itself since",
        ("HA_HOST_FAILED", "2026-11-22 02:30:00 UTC"),
    ),
    "a start": (
        judged(disabled(agent_start_time=NOW.timestamp() - 60)),
        "it started at 2026-11-22 02:59:00 UTC and may not be ready yet",
        ("agent_start_time", "2026-11-22 02:59:00 UTC"),
    ),
    "a start of the master": (
        judged(disabled().with_host("amber-1", agent_start_time=NOW.timestamp() - 60)),
        "the master started at 2026-11-22 02:59:00 UTC, which disables every host until it reports",
        ("agent_start_time of amber-1", "2026-11-22 02:59:00 UTC"),
    ),
    "a PBD, with HA off": (
        judged(disabled(unplugged(HOST, "iscsi-1", ha_off()))),
        "storage iscsi-1 is unplugged (with HA off, that alone keeps none disabled)",
        ("iscsi-1 attached on amber-2", "false"),
    ),
}


@pytest.mark.parametrize("name", ONE)
def test_a_reason_is_told_with_its_proof(name: str) -> None:
    case, says, value = ONE[name]
    assert why(case) == says
    assert proved(case) == [value]


NONE = {
    "a run whose time is over": replace(judged(disabled()), obligations=expecting("host-disabled", HOST, -1)),
    "a run on another host": replace(judged(disabled()), obligations=expecting("host-disabled", "amber-3")),
    "another host's PBD": judged(disabled(unplugged("amber-3", "iscsi-1"))),
    "a release without auto_enable": judged(disabled(auto_enable=None)),
    "a start ten minutes ago": judged(disabled(agent_start_time=NOW.timestamp() - 600)),
    "a start that is still to come": judged(disabled(agent_start_time=NOW.timestamp() + 60)),
    "a start that is no time at all": judged(disabled(agent_start_time=1e300)),
    "a start of the master some minutes ago": judged(
        disabled().with_host("amber-1", agent_start_time=NOW.timestamp() - 180)
    ),
    "a fence before the last start but one": judged(
        replace(alert("HA_HOST_WAS_FENCED", 90)).with_host(HOST, agent_start_time=NOW.timestamp() - 3600)
    ),
    "HA being turned off": judged(disabled().with_pool(current_operations=("ha_disable",))),
}


@pytest.mark.parametrize("name", NONE)
def test_without_a_reason_it_says_what_was_looked_at(name: str) -> None:
    case = NONE[name]
    assert why(case) == "no reason is found in what XenServer tells"
    ((what, value),) = proved(case)
    assert what == "looked for a reason in"
    assert value.startswith("runs of ours, PBDs, pending guidance, XenCenter's maintenance mode")


def test_several_reasons_are_ranked_the_surest_first() -> None:
    facts = disabled(
        unplugged(HOST, "iscsi-1"),
        pending_guidances=("reboot_host",),
        maintenance_mode=True,
        agent_start_time=NOW.timestamp() - 60,
    )
    case = judged(facts)
    told = [reason.says.split(" ")[0] for reason in reasons(case, host_of(case))]
    assert told == ["storage", "guidance", "XenCenter's", "it"]
    assert len(proved(case)) == 4


def test_a_failed_plug_at_the_start_proves_the_storage() -> None:
    raised = Alert(uuid="a", name="PBD_PLUG_FAILED_ON_SERVER_START", priority=3, subject=HOST, at=NOW)
    case = judged(disabled(unplugged(HOST, "iscsi-1")).with_pool(alerts=(raised,)))
    assert [what for what, _ in proved(case)] == ["iscsi-1 attached on amber-2", raised.name]


@pytest.mark.parametrize(
    ("changes", "only"),
    [
        ({"agent_start_time": NOW.timestamp() - 179}, True),
        ({"agent_start_time": NOW.timestamp() - 180}, False),
        ({"agent_start_time": NOW.timestamp() - 60, "maintenance_mode": True}, False),
        ({}, False),
    ],
    ids=["starting", "starting for long", "and in maintenance", "not starting"],
)
def test_only_what_ends_by_itself_counts_as_starting(changes: dict[str, Any], only: bool) -> None:
    case = judged(disabled(**changes))
    assert only_starting(case, host_of(case)) == only


def host_of(case: Case) -> Any:
    assert case.facts.pool
    return case.facts.pool.host(HOST)


@pytest.mark.parametrize(
    ("operation", "words"),
    [
        ("evacuate", "it is being evacuated"),
        ("shutdown", "it is being shut down"),
        ("reboot", "it is being rebooted"),
        ("apply_updates", "updates are being installed on it"),
        ("vm_start", "no reason is found in what XenServer tells"),
    ],
)
def test_only_an_operation_that_disables_a_host_is_a_reason(operation: str, words: str) -> None:
    assert why(judged(disabled(current_operations=(operation,)))) == words


def test_two_cables_are_told_in_the_plural_and_two_reasons_apart() -> None:
    both = unplugged(HOST, "nfs-hb", unplugged(HOST, "iscsi-1"))
    says = why(judged(disabled(both, maintenance_mode=True)))
    assert says.startswith("storage nfs-hb and iscsi-1 are unplugged (with HA on")
    assert says.endswith("; XenCenter's maintenance mode is set")


def test_a_release_that_does_not_tell_when_its_toolstack_started_tells_when_it_booted() -> None:
    booted = disabled(agent_start_time=None, boot_time=NOW.timestamp() - 60)
    assert why(judged(booted)) == "it started at 2026-11-22 02:59:00 UTC and may not be ready yet"


def test_a_run_that_works_on_its_master_is_no_reason_of_another_code() -> None:
    other = replace(judged(disabled()), obligations=expecting("host-dead", HOST))
    assert why(other) == "no reason is found in what XenServer tells"
    every = replace(judged(disabled()), obligations=expecting("master-disabled", "*"))
    assert why(every) == "run 7 of ours works on it"
