"""Which world each workflow is carried through in, for the fault matrix: one entry per workflow of the catalogue.

Most are those of tests/workflows/catalogue/cases.py; here are the others, whose runs are planned in another way.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace

from lab.testing import RunningLab
from lab.world import World, ha_switch
from pools import watching
from pools.models import Pool
from pools.secret import Secret
from tests.workflows.catalogue import cases
from tests.workflows.catalogue.cases import Case, begin, hosts, laid_out
from tests.workflows.engine.driving import drive, look, person, yes
from workflows.catalogue import WORKFLOWS
from workflows.engine.states import RunState
from workflows.models import Run
from workflows.running import choices, newcomers

Plan = Callable[[RunningLab, Pool], Run]


def after_an_abort(_lab: RunningLab, pool: Pool) -> Run:
    """Another run has turned HA off, and was ended then."""
    run = begin("change-ha-timeout", pool, lambda facts: {"timeout": "240"})
    while drive(run).state == RunState.CONFIRM and not run.debts.exists():
        yes(run, person("bo"))
    choices.abort(run, person("bo"), False, "Enough for today.")
    assert watching.watch(pool.pk)
    run.refresh_from_db()
    return choices.settle(run, person("bo"))


def joining(slug: str, *names: str) -> Plan:
    """Strangers by name; the best candidate for all other inputs."""

    def plan(lab: RunningLab, pool: Pool) -> Run:
        login = newcomers.Credentials(Secret(lab.user), Secret(lab.password))
        strangers = "\n".join(lab.address(name) for name in names)
        facts = newcomers.seen(newcomers.Words(pool, login, newcomers.named(strangers)), look(pool))
        wanted = {"strangers": strangers}
        for field in WORKFLOWS[slug].inputs:
            if field.name not in wanted:
                candidates = WORKFLOWS[slug].candidates(field.name, facts, wanted)
                wanted[field.name] = next((c.value for c in candidates if c.possible), field.initial)
        run = choices.plan_run(WORKFLOWS[slug], pool, wanted, person("bo"), facts)
        newcomers.keep(run, login)
        return run

    return plan


def cedar_has_no_ha(world: World) -> None:
    pool = world.pool("cedar")
    pool.ha_enabled = False
    for host in pool.hosts:
        ha_switch.disarm(host)


HERE: dict[str, tuple[Case, Plan | None]] = {
    "settle-debts": (Case("basalt", lambda facts: {}, ()), after_an_abort),
    "rolling-reboot": (
        Case("basalt", lambda facts: {**hosts(hosts="basalt-2")(facts), "put_back": "yes"}, ()),
        None,
    ),
    "add-hosts": (
        Case("amber", lambda facts: {}, (), scenario="strangers", speed=400),
        joining("add-hosts", "birch-1"),
    ),
    "build-cluster": (
        Case("cedar", lambda facts: {}, (), scenario="strangers", was=cedar_has_no_ha, speed=400),
        joining("build-cluster", "birch-1"),
    ),
}
CASES: dict[str, tuple[Case, Plan | None]] = {slug: (case, None) for slug, case in cases.CASES.items()} | HERE
"""By slug, or by slug and what is special about it. A test holds that every workflow of the catalogue is here."""


def workflow_of(case: str) -> str:
    """The slug of a case's workflow: `remove-host` of `remove-host, dead`."""
    return case.partition(",")[0]


@contextmanager
def started(slug: str, speed: float, number: int) -> Iterator[tuple[RunningLab, Run]]:
    """The lab of that workflow's case, and its run, started by bo. `number` makes names that no other case has."""
    case, plan = CASES[slug]
    with laid_out(replace(case, speed=min(case.speed, speed)), called=f" {number}") as (lab, pool):
        if plan is None:
            run = begin(workflow_of(slug), pool, case.inputs)
        else:
            run = plan(lab, pool)
            choices.start(run, person("bo"))
        run.refresh_from_db()
        lab.do(lambda world: world.calls.clear())  # what was sent before is not this run's
        yield lab, run
