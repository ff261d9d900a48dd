"""cloudstack-stale-up: Up, of what is gone."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from pools.facts import Facts, Trouble
from pools.rules.case import Case, Elsewhere
from tests.pools.rules.judging import CRITICAL, fires_on, silent_on, text_of, the
from tests.pools.rules.trouble import refused
from tests.pools.world import NOW, SILENT, amber, judged, master_silent, with_probe

CODE = "cloudstack-stale-up"


def dead(**cloudstack_says: object) -> Case:
    return judged(amber().with_host("amber-3", live=False).with_cs_host("cs-3", **cloudstack_says))


def refusing(seconds: float) -> Case:
    """The master has refused connections for so long."""
    facts = replace(master_silent(code="refused"), pool_trouble=Trouble(code="refused"))
    return judged(facts, now=NOW + timedelta(seconds=seconds))


def new_master() -> Facts:
    """It has just started, and counts amber-3 as dead until that reports."""
    started = NOW.timestamp() - 10
    return amber().with_host("amber-1", agent_start_time=started).with_host("amber-3", live=False)


def dark() -> Facts:
    facts = master_silent()
    return replace(facts, probes=tuple(replace(p, answers=False, code="timeout") for p in facts.probes))


test_it_fires_on = fires_on(
    CODE,
    {
        "a dead host": (CRITICAL, "amber-3", dead()),
        "a host whose own address is silent": (
            CRITICAL,
            "amber-3",
            judged(with_probe(amber(), "127.10.1.3", answers=False, code="timeout")),
        ),
        "a pool without a master": (CRITICAL, "amber", judged(master_silent())),
        "a master that refuses for longer than a restart takes": (CRITICAL, "amber", refusing(60)),
        "a host that a new master calls dead, and that is silent": (
            CRITICAL,
            "amber-3",
            judged(with_probe(new_master(), "127.10.1.3", answers=False, code="timeout")),
        ),
    },
)
test_it_is_silent_on = silent_on(
    CODE,
    {
        "a pool without a master, of which CloudStack has no host": judged(
            master_silent().with_cloudstack(hosts=())
        ),
        "Alert": dead(state="Alert"),
        "Disconnected": dead(state="Disconnected"),
        "a host in maintenance": dead(resourcestate="Maintenance"),
        "a master whose toolstack may be restarting": refusing(59),
        "a host that a new master has not heard of yet": judged(new_master()),
        "the console's own network": judged(dark(), elsewhere=Elsewhere(others=9, answered=0, silent=9)),
        "a disabled host": judged(amber().with_host("amber-3", enabled=False)),
        "a wrong password": judged(refused("login-refused")),
        "a master that is only suspect": judged(replace(amber(), pool=None, pool_trouble=SILENT)),
        "a probe of the master's address that fails while the pool answers": judged(
            with_probe(amber(), "127.10.1.1", answers=False, code="timeout")
        ),
        "a host that the pool does not have": judged(amber().without_host("amber-3")),
        "a silent CloudStack": judged(replace(master_silent(), cloudstack=None, cloudstack_trouble=SILENT)),
    },
)


def test_it_says_who_calls_the_host_gone() -> None:
    assert "Up of amber-3, but XenServer says it is dead. " in the(dead(), CODE).says
    silent = judged(with_probe(amber(), "127.10.1.3", answers=False, code="timeout"))
    assert "Up of amber-3, but its own address does not answer. " in the(silent, CODE).says


def test_a_master_that_is_gone_is_shown_by_its_silence() -> None:
    first, second, *_ = text_of(the(judged(master_silent()), CODE))
    assert first == ("login at the master", SILENT.says, "Baton")
    assert second == ("state of amber-1", "Up", "CloudStack")
