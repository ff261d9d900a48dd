"""master-unreachable: neither login nor probe is answered."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from pools.facts import Trouble
from pools.rules.case import Case
from tests.pools.rules.judging import CRITICAL, WARNING, fires_on, silent_on, the
from tests.pools.rules.trouble import no_cloudstack, refused
from tests.pools.world import NOW, SILENT, amber, ha_off, judged, master_silent, with_probe

CODE = "master-unreachable"


def silent_pool(after_s: float, **case: object) -> Case:
    """The master is silent, and so much time has passed."""
    return judged(master_silent(), now=NOW + timedelta(seconds=after_s), **case)


test_it_fires_on = fires_on(
    CODE,
    {
        "a master that answers nobody": (CRITICAL, "amber-1", judged(master_silent())),
        "one whose address was not probed": (
            CRITICAL,
            "amber-1",
            judged(replace(master_silent(), probes=())),
        ),
        "one that was never read": (CRITICAL, "amber", Case(pool="amber", facts=master_silent(), now=NOW)),
    },
)
test_it_is_silent_on = silent_on(
    CODE,
    {
        "a master that answers a probe only": judged(replace(amber(), pool=None, pool_trouble=SILENT)),
        "an error of XenServer's own, of a master that was never read": Case(
            pool="amber", facts=refused("INTERNAL_ERROR"), now=NOW
        ),
        "a role that may not read": Case(pool="amber", facts=refused("RBAC_PERMISSION_DENIED"), now=NOW),
        "a wrong password": judged(refused("login-refused")),
        "another certificate": judged(refused("tls-untrusted")),
        "a dead member": judged(amber().with_host("amber-3", live=False)),
        "a silent CloudStack": judged(no_cloudstack()),
    },
)


@pytest.mark.parametrize(("after_s", "waits"), [(0, True), (299, True), (300, False)])
def test_while_ha_can_still_elect_the_advice_is_to_wait(after_s: float, waits: bool) -> None:
    """180 s of timeout and 120 s for the election."""
    finding = the(silent_pool(after_s), CODE)
    assert finding.remedy.startswith("Wait: HA is on") == waits
    assert ("03:05:00" in finding.remedy) if waits else finding.remedy == "elect-master"


def test_without_ha_nobody_elects_so_there_is_nothing_to_wait_for() -> None:
    finding = the(judged(master_silent(ha_off()), known=ha_off()), CODE)
    assert finding.remedy == "elect-master"
    assert "3 of 3 other members answer, and still name it as master: nobody has taken over." in finding.says


def test_a_master_that_was_never_read_is_whom_its_members_name() -> None:
    says = the(Case(pool="amber", facts=master_silent(), now=NOW), CODE).says
    assert says == (
        "The master of amber does not answer: no answer in time. 3 of 3 other members answer, and still name it as "
        "master: nobody has taken over."
    )


def test_a_pool_that_is_silent_altogether_may_be_the_consoles_network() -> None:
    facts = master_silent()
    facts = replace(facts, probes=tuple(replace(p, answers=False, code="timeout") for p in facts.probes))
    assert "or the console's network" in the(judged(facts), CODE).says


def test_members_that_follow_a_new_master_name_it() -> None:
    facts = master_silent()
    for j in (2, 3, 4):
        facts = with_probe(facts, f"127.10.1.{j}", master="127.10.1.2")
    assert "name 127.10.1.2 as master" in the(judged(facts), CODE).says


def test_members_in_emergency_mode_lost_it_too() -> None:
    facts = with_probe(master_silent(), "127.10.1.3", emergency=True, master=None)
    assert "3 answer and 1 are in emergency mode" in the(judged(facts), CODE).says


@pytest.mark.parametrize(("after_s", "severity"), [(0, WARNING), (59, WARNING), (60, CRITICAL)])
def test_refused_connections_may_be_a_restart_for_a_minute(after_s: float, severity: object) -> None:
    """It is said at once, as it is true; nobody is woken for it before a toolstack would be back."""
    facts = replace(master_silent(code="refused"), pool_trouble=Trouble(code="refused"))
    finding = the(judged(facts, now=NOW + timedelta(seconds=after_s)), CODE)
    assert finding.severity is severity
    assert ("A restart of its toolstack looks like this too: by 2026-11-22 03:01:00" in finding.says) == (
        severity is WARNING
    )


def test_members_that_do_not_reach_it_either_say_that_it_is_dead() -> None:
    facts = with_probe(master_silent(), "127.10.1.3", sees_master=False)
    assert "3 of 3 other members answer and do not reach it either" in the(judged(facts), CODE).says


@pytest.mark.parametrize(("refused_s", "severity"), [(59, WARNING), (60, CRITICAL)])
def test_the_minute_begins_when_connections_are_first_refused(refused_s: float, severity: object) -> None:
    """A slow network may have kept it out of our sight before that."""
    since = NOW - timedelta(seconds=refused_s)
    facts = with_probe(master_silent(code="refused"), "127.10.1.1", since=since)
    facts = replace(facts, pool_trouble=Trouble(code="refused"))
    assert the(judged(facts, good_at=NOW - timedelta(seconds=90)), CODE).severity is severity
