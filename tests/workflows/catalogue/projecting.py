"""A world that becomes what each step expects: so that every workflow can be run hundreds of times, in memory.

Whatever a step calls takes its effect as the step itself foretells it (`expect`); that the foretelling is true is shown
on the lab (test_straight_way.py). A call may be refused, and something may befall the world between two steps.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

from django.utils import timezone

from pools.clients.errors import ClientError
from pools.clients.xapi import Endpoint
from pools.encoding import facts_to
from pools.facts import Facts
from pools.models import Pool
from pools.secret import Secret
from tests.workflows import amber
from tests.workflows.engine.driving import drive, person, yes
from tests.workflows.steps.test_every_step import masterless_start, start_of
from workflows.catalogue import WORKFLOWS, step_for
from workflows.engine.decide import Remote
from workflows.engine.situation import Situation
from workflows.engine.states import RunState, StepState
from workflows.engine.step import Step
from workflows.models import Run
from workflows.running import choices
from workflows.running.settling import settle, strike_proven
from workflows.steps.ha import ENOUGH_HOSTS


def remove_dead() -> Situation:
    """amber-3 lies dead; the master reaches the statefile."""
    found = amber.facts().with_host("h-amber-3", live=False, enabled=False)
    found = found.with_host("h-amber-1", ha_statefiles=("OpaqueRef:statefile",))
    found = found.with_cs_host("cs-amber-3", state="Down")
    probes = tuple(replace(p, answers=p.address != amber.address(3)) for p in found.probes)
    return amber.situation(replace(found, probes=probes), {"host": "h-amber-3"})


TWO_HOSTS = {"host": "h-amber-1", "successor": "h-amber-2"}
ASK_STRANGERS = ("add-hosts", "build-cluster")
"""These ask hosts over the wire that no captain shows: they are run on the lab alone (test_joining.py)."""
VARIANTS: dict[str, tuple[str, Callable[[], Situation]]] = {
    **{slug: (slug, partial(start_of, slug)) for slug in WORKFLOWS if slug not in ASK_STRANGERS},
    "elect-master, HA armed": ("elect-master", lambda: masterless_start(True, TWO_HOSTS)),
    "remove-host, dead": ("remove-host", remove_dead),
    "disable-ha, for good": ("disable-ha", lambda: amber.situation(amber.facts(), {"wish": "for-good"})),
}
"""Every workflow, and those that go more than one way, by what they start from."""


def acting(variant: str) -> list[Step]:
    """The steps of a variant that will be confirmed, in order."""
    slug, start = VARIANTS[variant]
    s, found = start(), list[Step]()
    for step in WORKFLOWS[slug].build(s):
        if not step.applies(s).ok:
            continue
        if step.changes_something and not step.done(s):
            found.append(step)
        kept = s.after(s.facts, step.remember(s))
        s = kept.after(step.expect(kept))
    return found


@dataclass
class Projection:
    """`sent` are the calls that took effect; `refuse_next` is what the next one meets instead."""

    facts: Facts
    run: Run | None = None
    sent: list[str] = field(default_factory=list)
    refuse_next: ClientError | None = None

    def look(self, pool: Pool, known: Facts) -> Facts:
        row = self.run.current() if self.run else None
        if row and row.state == StepState.WAITING:
            self.come_about()
        return replace(self.facts, at=timezone.now())

    @contextmanager
    def acting(self, pool: Pool, facts: Facts) -> Iterator[Hands]:
        yield Hands(self)

    def carry_out(self, call: str) -> None:
        if self.refuse_next:
            refusal, self.refuse_next = self.refuse_next, None
            raise refusal
        self.sent.append(call)
        self.come_about()

    def come_about(self) -> None:
        """The world as the current step leaves it."""
        assert self.run
        self.run.refresh_from_db()
        row, run = self.run.current(), self.run
        assert row
        s = Situation(facts=self.facts, baseline=run.baseline_facts, inputs=run.inputs, memory=run.memory)
        self.facts = step_for(row.key, row.args).expect(s)

    def remembered(self, pool: Pool) -> None:
        """As the watcher saves what it saw."""
        now = timezone.now()
        seen = facts_to(replace(self.facts, at=now))
        good = {"good_facts": seen, "good_at": now} if self.facts.pool else {}
        Pool.objects.filter(pk=pool.pk).update(facts=seen, looked_at=now, **good)


@dataclass
class Hands:
    world: Projection

    @property
    def xapi(self) -> Any:
        return self

    @property
    def cloudstack(self) -> Any:
        return self

    def member(self, address: str) -> Any:
        return self

    def at(self, way: Endpoint) -> Any:
        return self

    def start(self, call: str, *args: Any, **params: str) -> str:
        self.world.carry_out(call)
        return f"handle-of-{call}"

    def call(self, call: str, *args: Any) -> None:
        self.world.carry_out(call)

    def do(self, call: str, **params: str) -> Mapping[str, Any]:
        self.world.carry_out(call)
        return {}

    def status(self, kind: str, id: str) -> Remote:
        return Remote("pending")


def begun(variant: str) -> tuple[Run, Projection]:
    """Planned and started by bo, on a pool that was seen while it was well."""
    slug, start = VARIANTS[variant]
    s = start()
    pool = Pool.objects.create(
        name="amber",
        uuid="p-amber",
        addresses=[amber.address(1)],
        password=Secret("-"),
        approvals_needed=0,
        good_facts=facts_to(s.baseline),
        good_at=s.baseline.at,
    )
    world = Projection(s.facts)
    run = choices.plan_run(
        WORKFLOWS[slug], pool, dict(s.inputs), person("bo"), s.facts, memory=dict(s.memory)
    )
    world.run = run
    choices.start(run, person("bo"))
    return run, world


def walked(run: Run, world: Projection, confirmed: int) -> Run:
    """To the next question, after so many were answered with yes."""
    for _ in range(confirmed):
        if drive(run, world).state != RunState.CONFIRM:
            return run
        yes(run, person("bo"))
    return drive(run, world)


def to_the_end(run: Run, world: Projection) -> Run:
    while drive(run, world).state == RunState.CONFIRM:
        yes(run, person("bo"))
    return run


def stopped(variant: str, after: int) -> tuple[Run, Projection]:
    """Aborted as it is, after so many steps were confirmed and done."""
    run, world = begun(variant)
    walked(run, world, after)
    assert run.state == RunState.CONFIRM, (run.reason, told(run))
    choices.abort(run, person("bo"), False, "We stop here.")
    run.refresh_from_db()
    assert run.state == RunState.ABORTED
    return run, world


def settled(run: Run, world: Projection) -> list[str]:
    """Pays what an ended run owes, with a run of its own. Gives the kinds of debt that cannot be paid as things are."""
    if run.debts.filter(paid_at=None).exists() and world.facts.pool is not None:
        world.remembered(run.pool)
        run.pool.refresh_from_db()
        with suppress(choices.Refused):
            paying = settle(run, person("bo"))
            world.run = paying
            choices.start(paying, person("bo"))
            to_the_end(paying, world)
            assert paying.state == RunState.DONE, (paying.reason, told(paying))
            world.remembered(run.pool)
            strike_proven()
    return sorted(run.debts.filter(paid_at=None).values_list("kind", flat=True))


def payable(kind: str, world: Projection) -> bool:
    """HA cannot come back with a member dead or fewer than three left, and nothing without a master."""
    pool = world.facts.pool
    if pool is None:
        return False
    return kind != "ha" or (len(pool.hosts) >= ENOUGH_HOSTS and all(host.live for host in pool.hosts))


def told(run: Run) -> list[str]:
    """Where each step stands, for a failing test."""
    return [f"{row.title}: {row.state} {row.says}" for row in run.steps.order_by("index")]
