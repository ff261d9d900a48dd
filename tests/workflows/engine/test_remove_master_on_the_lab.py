"""The main job on the lab, over real sockets, in this process."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from lab.testing import RunningLab, running_lab
from pools.models import Pool
from tests.pools.lab import cloudstack_of, pool_of
from tests.workflows.engine.driving import drive_to_the_end, person, removal, states
from workflows.engine.states import RunState
from workflows.running import journal
from workflows.running.captains import TheCaptains

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def lab() -> Iterator[RunningLab]:
    with running_lab("estate", speed=200) as lab:
        yield lab


@pytest.fixture
def amber(lab: RunningLab) -> Pool:
    return pool_of(lab, "amber", cloudstack=cloudstack_of(lab), approvals_needed=0)


def test_the_master_leaves_and_ha_is_on_as_it_was(lab: RunningLab, amber: Pool) -> None:
    run = drive_to_the_end(removal(amber), person("bo"))

    assert run.state == RunState.DONE, (run.reason, states(run))
    facts = TheCaptains().look(amber, run.baseline_facts).pool
    assert facts
    assert sorted(h.name for h in facts.hosts) == ["amber-2", "amber-3", "amber-4"]
    assert facts.ha.enabled
    assert facts.ha.timeout_s == 180
    assert not run.debts.filter(paid_at=None).exists()
    assert journal.verify(run) == []
    assert [c["name"].removeprefix("Async.") for c in lab.calls(changing=True)] == [
        "prepareHostForMaintenance",
        "pool.disable_ha",
        "pool.designate_new_master",
        "pool.eject",
        "deleteHost",
        "pool.enable_ha",
    ]
