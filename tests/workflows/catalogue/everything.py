"""Everything is killed with signal 9 in the middle of a rolling reboot, and started again: `make catalogue`.

The web server, both workers with their children, both beats, and the broker with all that it held: real processes, on
the test's own database. Somebody confirms in a browser.
"""

from __future__ import annotations

import os
import signal
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import pytest
import redis
from django.conf import settings

from lab.testing import RunningLab
from tests.faults.carrying import Person, Undisturbed, effective
from tests.faults.hardship import Under
from tests.faults.house import House, carry_through, processes
from tests.faults.web import Web, web_server
from tests.workflows.catalogue.cases import begin, laid_out
from tests.workflows.catalogue.test_rolling_reboot import STRAIGHT
from tests.workflows.engine.driving import look
from workflows.engine.states import RunState
from workflows.models import Run
from workflows.running import journal

__all__ = ["processes"]
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("broker")]

MOMENTS = (
    ("pool.disable_ha", 1),
    ("prepareHostForMaintenance", 1),
    ("updateCluster", 1),
    ("host.reboot", 1),
    ("host.reboot", 2),
    ("pool.enable_ha", 1),
)
"""As soon as so many of these calls were seen: HA off; guests on their way; the cluster let go; the master away; a
member away; HA on its way."""
GUESTS_MOVE = ("migrateVirtualMachine", "migrateSystemVm")


@dataclass
class Catastrophe:
    """What looks at the lab and strikes the whole house."""

    house: House
    web: Web
    under: Under
    struck: list[tuple[str, int]] = field(default_factory=list)

    def __call__(self, run: Run) -> None:
        for moment in MOMENTS:
            call, times = moment
            if moment not in self.struck and len(self.under.lab.calls(call, changing=True)) >= times:
                self.struck.append(moment)
                self.under.strike(f"everything killed after {call}", run.index)
                self._everything_dies()

    def _everything_dies(self) -> None:
        with redis.Redis.from_url(settings.REDIS_URL) as client:
            broker = int(client.info("server")["process_id"])
            client.flushall()
        self.web.die()
        self.house.workers.all_die()
        os.kill(broker, signal.SIGKILL)
        self.house.workers.start_broker()
        self.house.workers.all_again()
        self.web.again()


@contextmanager
def rolling(house: House) -> Iterator[tuple[RunningLab, Under, Catastrophe]]:
    """The master and a member of basalt are to be rebooted; a person sits before a browser."""
    house.orders.write()
    with web_server() as web, laid_out(STRAIGHT) as (lab, pool):
        run = begin("rolling-reboot", pool, STRAIGHT.inputs)
        under = Under("rolling-reboot", Undisturbed({}, {}, (), 0), lab, run, Person(run, lab))
        under.bo.say_yes = lambda _run: web.confirm(under)
        yield lab, under, Catastrophe(house, web, under)


def test_the_run_goes_on_and_nothing_is_sent_twice(processes: House) -> None:
    with rolling(processes) as (lab, under, catastrophe):
        run = under.run
        before = look(run.pool).pool
        asked = carry_through(under.bo, catastrophe)
        run.refresh_from_db()
        told = [(row.title, row.state, row.says) for row in run.steps.order_by("index")]
        assert run.state == RunState.DONE, (run.reason, told)
        assert catastrophe.struck == list(MOMENTS)
        assert asked == []

        sent = effective(lab)
        for call in GUESTS_MOVE:
            del sent[call]
        assert sent == Counter((*STRAIGHT.calls, "pool.enable_ha"))
        after = look(run.pool).pool
        assert before and after
        assert {vm.uuid: vm.host for vm in after.vms} == {vm.uuid: vm.host for vm in before.vms}
        moved = [call["args"]["virtualmachineid"] for call in lab.calls(*GUESTS_MOVE)]
        assert moved and len(moved) == len(set(moved))
        assert (after.ha.enabled, after.ha.timeout_s) == (before.ha.enabled, before.ha.timeout_s)
        assert not run.debts.filter(paid_at=None).exists()
        assert journal.verify(run) == []
