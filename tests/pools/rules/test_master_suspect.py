"""master-suspect: one way to the master fails, another works."""

from __future__ import annotations

from dataclasses import replace

from tests.pools.rules.judging import WARNING, fires_on, found, silent_on, the
from tests.pools.world import SILENT, amber, judged, master_silent, with_probe

CODE = "master-suspect"

test_it_fires_on = fires_on(
    CODE,
    {
        "a master that answers a probe, and no question": (
            WARNING,
            "amber-1",
            judged(replace(amber(), pool=None, pool_trouble=SILENT)),
        ),
        "a member that lost the master which we see": (
            WARNING,
            "amber-1",
            judged(with_probe(amber(), "127.10.1.2", emergency=True, master=None)),
        ),
        "a pool that answers, while its master's own address does not": (
            WARNING,
            "amber-1",
            judged(with_probe(amber(), "127.10.1.1", answers=False, code="timeout")),
        ),
    },
)
test_it_is_silent_on = silent_on(
    CODE,
    {
        "a master that answers nobody": judged(master_silent()),
        "a member that is silent": judged(with_probe(amber(), "127.10.1.3", answers=False, code="timeout")),
        "a member of which nothing is known": judged(with_probe(amber(), "127.10.1.3", emergency=None)),
        "nobody probed": judged(replace(amber(), probes=())),
    },
)


def test_a_cut_between_the_console_and_the_master_is_no_dead_master() -> None:
    """What a member reads comes from its master's database: so it lives, though it does not answer us."""
    facts = with_probe(master_silent(), "127.10.1.3", sees_master=True)
    finding = the(judged(facts), CODE)
    assert "can still be read through amber-3" in finding.says
    assert found(judged(facts), "master-unreachable") == []


def test_a_master_that_hangs_is_unreachable_though_its_members_still_read() -> None:
    facts = with_probe(master_silent(), "127.10.1.3", sees_master=True)
    facts = with_probe(facts, "127.10.1.1", reached="tls")
    assert "its toolstack hangs" in the(judged(facts), "master-unreachable").says
