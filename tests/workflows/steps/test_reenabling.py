"""The traps of a host that is live and disabled: it was disabled for a reason, and enabling it alone does not last."""

from __future__ import annotations

import pytest

from pools.facts import Facts
from tests.workflows import amber
from tests.workflows.steps.test_every_step import troubled
from workflows.catalogue.reenable_host import ReenableHost
from workflows.engine.situation import Situation
from workflows.steps.host import EnableHost, FindOutWhy

workflow = ReenableHost()


def at(found: Facts) -> Situation:
    return amber.situation(found, {"host": "h-amber-3"})


@pytest.mark.parametrize(
    ("fields", "cure"),
    [
        ({"pending_guidances": ("reboot_host",)}, "Pending: reboot_host"),
        ({"maintenance_mode": True}, "ask who did it"),
        ({"live": False}, "Bring amber-3 back first"),
    ],
)
def test_what_keeps_it_disabled_is_named_before_anything_is_sent(
    fields: dict[str, object], cure: str
) -> None:
    s = at(troubled().with_host("h-amber-3", **fields))
    assert any(cure in check.cure for check in FindOutWhy().preconditions(s) if not check.ok)
    assert not FindOutWhy().done(s)


def test_its_storage_is_plugged_first_since_with_ha_on_it_stays_disabled_without() -> None:
    s = at(troubled())
    assert [step.key for step in workflow.build(s)][1:3] == ["PlugStorage", "EnableHost"]
    closed = [check.says for check in EnableHost().preconditions(s) if not check.ok]
    assert closed == ["amber-3 has all its storage attached"]


def test_a_toolstack_that_still_starts_is_waited_for() -> None:
    assert "HOST_STILL_BOOTING" in EnableHost().goes_by


def test_cloudstack_is_sent_nothing_since_its_reconnect_does_not_heal_alert() -> None:
    sent = {call.system for step in workflow.build(at(troubled())) for call in step.calls(at(troubled()))}
    assert sent == {"XenServer"}


def test_a_host_that_is_well_has_nothing_to_be_done() -> None:
    refused = [check.cure for check in workflow.refusals(at(amber.facts())) if not check.ok]
    assert refused == ["Nothing to do."]
    stale = amber.facts().with_cs_host("cs-amber-3", state="Alert")
    assert [check for check in workflow.refusals(at(stale)) if not check.ok] == []
