"""HA property by property: each with its value, what it means here, and whether it is right."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pools.facts import Facts
from pools.pages.audit import Property, properties
from pools.rules import judge_all
from tests.pools.world import amber, ha_off, judged, master_silent, policy, unplugged


def audit(facts: Facts, **wanted: object) -> dict[str, Property]:
    case = judged(facts, policy=policy(**wanted))
    return {row.name: row for row in properties(facts, case.policy, judge_all(case))}


def protected() -> Facts:
    pool = amber().pool
    assert pool
    return amber().with_pool(vms=(replace(pool.vms[0], ha_restart_priority="restart"), *pool.vms[1:]))


def test_a_pool_that_is_well_has_nothing_but_right_properties() -> None:
    assert {row.mark for row in audit(amber()).values()} == {"ok"}


@pytest.mark.parametrize(
    ("facts", "name", "value", "judged_as"),
    [
        (ha_off(), "ha_enabled", "false", "Nobody recovers"),
        (amber().with_ha(timeout_s=None), "ha_configuration : timeout", "not set", "Not set"),
        (amber().with_ha(timeout_s=60), "ha_configuration : timeout", "60 s", "Too short"),
        (
            amber().with_ha(default_timeout_s=None),
            "other_config : default_ha_timeout",
            "not set",
            "Set it too",
        ),
        (amber().with_ha(plan_exists_for=0), "ha_host_failures_to_tolerate", "1", "No plan"),
        (amber().with_ha(overcommitted=True), "ha_overcommitted", "true", "Too much"),
        (protected(), "ha_restart_priority", "set on 1 of 8", "Clear it"),
        (amber().without_host("amber-4").without_host("amber-3"), "live hosts", "2", "Too few"),
        (unplugged("amber-3", "nfs-hb"), "ha_statefiles", "on nfs-hb", "Not everywhere"),
    ],
)
def test_what_is_not_right_is_said_at_its_property(
    facts: Facts, name: str, value: str, judged_as: str
) -> None:
    row = audit(facts)[name]
    assert (row.value, row.judged) == (value, judged_as)
    assert row.mark != "ok"


def test_with_ha_off_nothing_is_claimed_of_what_is_not_in_force() -> None:
    rows = audit(ha_off())
    assert rows["ha_configuration : timeout"].judged == "Not in force"
    assert "ha_statefiles" not in rows and "live hosts" not in rows


def test_ha_off_is_right_where_the_policy_wants_it_off_and_operators_recover() -> None:
    row = audit(ha_off(), wants_ha=False, recovery="operators")["ha_enabled"]
    assert "Policy wants it off." in row.means


def test_how_many_hosts_reach_the_statefile_is_counted() -> None:
    assert audit(unplugged("amber-3", "nfs-hb"))["ha_statefiles"].means == "Attached on 3 of 4 hosts."


def test_nothing_is_audited_while_the_master_is_silent() -> None:
    assert audit(master_silent()) == {}
