"""A host goes down for its reboot and does not come back: on the lab, over sockets."""

from __future__ import annotations

import pytest

from lab.testing import RunningLab
from pools.models import Pool
from tests.workflows.catalogue.cases import Case, begin, laid_out, named
from tests.workflows.engine.driving import drive, drive_to_the_end, look, person, yes
from workflows.catalogue import STEPS
from workflows.engine.states import RunState
from workflows.models import Run
from workflows.running import choices

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("broker")]

MEMBERS = Case(
    "basalt",
    lambda facts: {
        "hosts": f"{named(facts, 'basalt-2')},{named(facts, 'basalt-3')}",
        "put_back": "no",
    },
    (),
)
PATIENCE_S = 2.0


def begun(lab: RunningLab, pool: Pool, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Basalt-2 was sent its reboot and is not back by the deadline; every later step has its usual patience."""
    usual = STEPS["RebootOne"].within
    monkeypatch.setattr(STEPS["RebootOne"], "within", PATIENCE_S)
    lab.break_("no-boot", "basalt-2")
    run = begin("rolling-reboot", pool, MEMBERS.inputs)
    while drive(run).state == RunState.CONFIRM:
        yes(run, person("bo"))
    monkeypatch.setattr(STEPS["RebootOne"], "within", usual)
    row = run.current()
    assert row and (row.key, row.error_code) == ("RebootOne", "OVERDUE")
    assert {"wait", "skip", "abort"} <= {option.name for option in choices.options(run) if option.open}
    return run


def rebooted(lab: RunningLab) -> int:
    return len(lab.calls("host.reboot"))


def test_it_is_waited_for_longer_and_nothing_is_sent_again(monkeypatch: pytest.MonkeyPatch) -> None:
    with laid_out(MEMBERS) as (lab, pool):
        run = begun(lab, pool, monkeypatch)
        choices.wait_longer(run, person("bo"), 30)
        lab.mend("basalt-2")
        lab.break_("revive", "basalt-2")
        run = drive_to_the_end(run, person("bo"))

        told = [(each.title, each.state, each.says) for each in run.steps.order_by("index")]
        assert run.state == RunState.DONE, (run.reason, told)
        assert rebooted(lab) == 2
        after = look(pool).pool
        assert after and after.ha.enabled
        assert not run.debts.filter(paid_at=None).exists()


def test_it_is_left_out_and_the_next_host_has_its_turn(monkeypatch: pytest.MonkeyPatch) -> None:
    with laid_out(MEMBERS) as (lab, pool):
        run = begun(lab, pool, monkeypatch)
        choices.skip(run, person("bo"), "Its remote console shows a broken disk.")
        while drive(run).state == RunState.CONFIRM:
            row = run.current()
            assert row
            if (row.shown or {}).get("blocked"):
                break
            yes(run, person("bo"))

        row = run.current()
        assert row and row.key == "RestoreHaAtLast", (run.state, run.reason)
        assert "basalt-2" in " ".join(
            c["says"] + c["cure"] + c["detail"] for c in (row.shown or {})["checks"]
        )
        assert rebooted(lab) == 2
        owed = {
            (debt.kind, debt.settings["inputs"].get("host", "")) for debt in run.debts.filter(paid_at=None)
        }
        gone = next(h.uuid for h in lab.world.pool("basalt").hosts if h.name == "basalt-2")
        assert owed == {("ha", ""), ("maintenance", gone), ("host-disabled", gone)}
