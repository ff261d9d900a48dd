"""Since when, and by whom: what a policy judges says it from the first look that saw it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from pools.cloudstack_facts import CsEvent
from pools.drift import Drift, Drifts, drift_from, drift_to, drifted
from pools.facts import Facts, Task
from pools.rules import judge_all
from pools.timeline import Entry, Source, entries
from tests.pools.world import NOW, amber, judged

LATER = NOW + timedelta(minutes=2)
BETWEEN = "between 2026-11-22 03:00:00 UTC and 2026-11-22 03:02:00 UTC."


def otherwise(
    change: Callable[[Facts], Facts], before: Facts | None = None
) -> tuple[Facts, tuple[Entry, ...]]:
    """Amber after something happened to it, and the lines that the look has about it."""
    before = before or amber()
    facts = replace(change(before), at=LATER)
    return facts, tuple(replace(entry, not_before=NOW) for entry in entries(before, facts))


def said(facts: Facts, drift: Drifts, code: str) -> str:
    (found,) = [f for f in judge_all(replace(judged(facts), drift=drift)) if f.code == code]
    return found.says


def protected(facts: Facts) -> Facts:
    assert facts.pool
    first, *rest = facts.pool.vms
    return facts.with_pool(vms=(replace(first, ha_restart_priority="restart"), *rest))


CASES: dict[str, Callable[[Facts], Facts]] = {
    "ha-off-unwanted": lambda facts: facts.with_ha(enabled=False),
    "no-master-recovery": lambda facts: facts.with_ha(enabled=False),
    "ha-timeout-short": lambda facts: facts.with_ha(timeout_s=90),
    "ha-timeout-unset": lambda facts: facts.with_ha(timeout_s=None, default_timeout_s=None),
    "ha-timeout-guard": lambda facts: facts.with_ha(default_timeout_s=None),
    "vm-protected": protected,
    "cloudstack-unmanaged": lambda facts: facts.with_cloudstack(managedstate="Unmanaged"),
    "cloudstack-maintenance-error": lambda facts: facts.with_cs_host(
        "cs-2", resourcestate="ErrorInMaintenance"
    ),
}


@pytest.mark.parametrize("code", CASES)
def test_what_no_run_did_is_between_two_looks(code: str) -> None:
    facts, happened = otherwise(CASES[code])
    says = said(facts, drifted({}, happened, None, LATER), code)
    assert says.endswith(BETWEEN) and "no run of ours" in says.lower()


@pytest.mark.parametrize("code", CASES)
def test_what_a_run_did_names_it(code: str) -> None:
    facts, happened = otherwise(CASES[code])
    says = said(facts, drifted({}, happened, 7, LATER), code)
    assert "Run 7 did it at 2026-11-22 03:02:00 UTC." in says
    assert "did it." not in says and "turned it off" not in says, "and it does not say that no run did"


@pytest.mark.parametrize("code", CASES)
def test_what_was_so_at_the_first_look_claims_nothing(code: str) -> None:
    facts, _ = otherwise(CASES[code])
    assert "happened" not in said(facts, {}, code)


def test_xenservers_task_is_named_where_it_was_seen() -> None:
    task = Task(ref="t", name="Async.pool.disable_ha", status="success", created=NOW + timedelta(seconds=30))
    other = Task(ref="u", name="VM.start", status="success", created=NOW + timedelta(seconds=40))
    facts, happened = otherwise(lambda f: f.with_ha(enabled=False).with_pool(tasks=(task, other)))
    says = said(facts, drifted({}, happened, None, LATER), "ha-off-unwanted")
    assert says.endswith("; XenServer’s task Async.pool.disable_ha of 03:00:30 UTC was seen then.")


def test_cloudstacks_event_names_the_user_and_the_time() -> None:
    event = CsEvent(id="e", type="MAINT.PREPARE", subject="cs-2", user="bo", at=NOW + timedelta(seconds=5))
    stranger = replace(event, id="f", subject="cs-3", user="cy")

    def change(facts: Facts) -> Facts:
        facts = facts.with_cs_host("cs-2", resourcestate="ErrorInMaintenance")
        return facts.with_cloudstack(events=(event, stranger))

    facts, happened = otherwise(change)
    (line,) = happened
    assert (line.by, line.happened_at) == ("bo", event.at)
    says = said(facts, drifted({}, happened, None, LATER), "cloudstack-maintenance-error")
    assert says.endswith("CloudStack names bo (MAINT.PREPARE), at 2026-11-22 03:00:05 UTC.")


def test_who_began_a_maintenance_is_still_named_when_it_fails_by_itself() -> None:
    begun = Drift(seen=NOW, before=NOW, by="bo", trace="MAINT.PREPARE", happened=NOW)
    before = amber().with_cs_host("cs-2", resourcestate="PrepareForMaintenance")
    facts, happened = otherwise(lambda f: f.with_cs_host("cs-2", resourcestate="ErrorInMaintenance"), before)
    drift = drifted({"resourcestate:cs-2": begun}, happened, None, LATER)
    assert "CloudStack names bo" in said(facts, drift, "cloudstack-maintenance-error")


def test_what_is_put_right_and_goes_wrong_again_has_a_new_beginning() -> None:
    _, off = otherwise(lambda f: f.with_ha(enabled=False))
    first = drifted({}, off, 7, NOW)
    again = drifted(first, off, None, LATER)
    assert [d.run for d in again.values()] == [None]


def test_it_is_kept_as_it_was() -> None:
    _, happened = otherwise(CASES["vm-protected"])
    drift = drifted({}, happened, 7, LATER)
    assert drift_from(drift_to(drift)) == drift


def test_a_long_history_does_not_grow_without_end() -> None:
    lines = [
        Entry(source=Source.CLOUDSTACK, kind="resourcestate", subject="x", subject_uuid=str(i), says="")
        for i in range(400)
    ]
    drift = drifted({}, lines, None, NOW)
    assert len(drift) == 300 and "resourcestate:399" in drift
