"""What findings say: plain words, the values seen, and what to do about them."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from pools.facts import Facts
from pools.rules import judge_all
from pools.rules.case import Case, Debt, Finding, Obligations
from tests.pools.world import NOW, amber, crashed, ha_off, judged, master_silent, with_probe


def the(case: Case, code: str) -> Finding:
    """The one finding of that code."""
    (found,) = [f for f in judge_all(case) if f.code == code]
    return found


def test_alert_stands_beside_what_xenserver_says_and_why() -> None:
    alert = the(judged(crashed()), "cloudstack-alert")
    assert alert.says == (
        "CloudStack shows amber-2 in Alert. XenServer says it is live, but disabled: "
        "storage iscsi-1 is unplugged (with HA on, that keeps a host disabled)."
    )
    assert alert.remedy == "reenable-host"
    assert [(e.what, e.value, e.source) for e in alert.evidence] == [
        ("state", "Alert", "CloudStack"),
        ("resourcestate", "Enabled", "CloudStack"),
        ("live", "true", "XenServer"),
        ("enabled", "false", "XenServer"),
    ]


@pytest.mark.parametrize(
    ("facts", "says", "remedy"),
    [
        (amber(), "XenServer says it is live and enabled.", "Wait about 4 min"),
        (amber().with_host("amber-2", live=False), "XenServer says it is dead.", "Bring the host back"),
        (
            with_probe(amber(), "127.10.1.2", answers=False, code="no-route"),
            "XenServer says it is live, but its own address does not answer.",
            "Bring the host back",
        ),
        (
            amber().without_host("amber-2"),
            "XenServer does not have it in the pool.",
            "Remove it from CloudStack",
        ),
        (
            master_silent(),
            "XenServer does not answer, so nothing is known from its side.",
            "Bring the master back first.",
        ),
    ],
    ids=["well", "dead", "silent", "gone", "master away"],
)
def test_alert_is_told_by_every_state_of_xenserver(facts: Facts, says: str, remedy: str) -> None:
    alert = the(judged(facts.with_cs_host("cs-2", state="Alert")), "cloudstack-alert")
    assert says in alert.says
    assert alert.remedy.startswith(remedy)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"pending_guidances": ("reboot_host",)}, "guidance is pending: reboot_host"),
        ({"auto_enable": False}, "it is set not to enable itself after a boot"),
        ({"maintenance_mode": True}, "XenCenter's maintenance mode is set"),
        (
            {"agent_start_time": NOW.timestamp() - 60},
            "it started at 2026-11-22 02:59:00 UTC and may not be ready yet",
        ),
        ({}, "no reason is found in what XenServer tells"),
    ],
    ids=["guidance", "auto-enable", "maintenance mode", "starting", "unknown"],
)
def test_a_disabled_host_says_the_reason_found(changes: dict[str, object], reason: str) -> None:
    disabled = the(judged(amber().with_host("amber-2", enabled=False, **changes)), "host-disabled")
    assert disabled.says == f"amber-2 is live, but disabled: {reason}."


def test_ha_off_names_the_run_that_owes_it() -> None:
    debt = Debt(kind="ha", says="Turn HA on again", run=7, since=NOW - timedelta(hours=1), moving=False)
    off = the(judged(ha_off(), obligations=Obligations(debts=(debt,))), "ha-off-unwanted")
    assert off.says == (
        "HA is off in amber since 2026-11-22 02:00:00 UTC, and its policy wants it on; "
        "run 7 turned it off and owes it."
    )
    assert off.remedy == "settle-debts"


def test_ha_off_by_nobody_says_since_when() -> None:
    off = the(judged(ha_off(), ha_off_since=NOW - timedelta(minutes=5)), "ha-off-unwanted")
    assert off.says == (
        "HA is off in amber since 2026-11-22 02:55:00 UTC, and its policy wants it on; no run of ours turned it off."
    )
    assert off.remedy == "enable-ha"


def test_while_ha_can_still_elect_the_advice_is_to_wait_until_then() -> None:
    found = the(judged(master_silent(), now=NOW + timedelta(seconds=299)), "master-unreachable")
    assert found.remedy.startswith("Wait: HA is on") and "03:05:00" in found.remedy


def test_when_ha_should_have_elected_the_advice_is_to_elect() -> None:
    assert (
        the(judged(master_silent(), now=NOW + timedelta(seconds=300)), "master-unreachable").remedy
        == "elect-master"
    )


def test_without_ha_nobody_elects_so_there_is_nothing_to_wait_for() -> None:
    found = the(judged(master_silent(ha_off()), known=ha_off()), "master-unreachable")
    assert found.remedy == "elect-master"
    assert "3 of 3 other members answer, and still name it as master: nobody has taken over." in found.says


def test_a_pool_that_is_silent_altogether_may_be_the_consoles_network() -> None:
    facts = master_silent()
    facts = replace(facts, probes=tuple(replace(p, answers=False, code="timeout") for p in facts.probes))
    assert "or the console's network" in the(judged(facts), "master-unreachable").says


def test_members_that_follow_a_new_master_name_it() -> None:
    facts = master_silent()
    for j in (2, 3, 4):
        facts = with_probe(facts, f"127.10.1.{j}", master="127.10.1.2")
    assert "name 127.10.1.2 as master" in the(judged(facts), "master-unreachable").says


def test_a_sentence_does_not_age() -> None:
    """Else every look would write every finding anew."""
    later = NOW + timedelta(minutes=1)
    for case in (
        judged(crashed(), ha_off_since=NOW),
        judged(ha_off(), ha_off_since=NOW - timedelta(hours=3)),
    ):
        moved = replace(case, now=later, good_at=later, facts=replace(case.facts, at=later))
        assert [f.says for f in judge_all(case)] == [f.says for f in judge_all(moved)]
