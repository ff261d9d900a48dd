"""Debts of runs that have ended: paid by a run of their own, or struck off with proof that somebody paid them."""

from __future__ import annotations

import logging
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction

from pools.facts import Facts
from workflows.catalogue import STEPS, WORKFLOWS
from workflows.catalogue.settle_debts import HOSTS, OWED
from workflows.engine.situation import GONE, NotKnown, Situation
from workflows.engine.states import ENDED
from workflows.engine.step import Step
from workflows.models import Debt, Run
from workflows.running import debts
from workflows.running.asking import plan_run
from workflows.running.refusals import NotNow

log = logging.getLogger(__name__)


def settle(run: Run, by: User) -> Run:
    """A planned run that puts back what this one left owing. Raises NotNow when nothing is, or Refused."""
    run.refresh_from_db()
    owed = list(run.debts.filter(paid_at=None))
    facts = run.pool.last_facts()
    if not run.ended:
        raise NotNow("This run has not ended: it puts back itself what it owes.")
    if not owed or facts is None:
        raise NotNow(
            "Nothing of this run is owed any more." if facts else "The pool has not been looked at yet."
        )
    memory: dict[str, Any] = {
        OWED: [debt.kind for debt in owed],
        HOSTS: _hosts(owed),
        GONE: _gone(run.baseline_facts, facts),
    }
    for debt in owed:
        memory |= debt.settings.get("memory", {})
    inputs = {"run": str(run.pk), **{key: run.inputs[key] for key in ("host",) if key in run.inputs}}
    note = f"Puts back what run {run.pk} left owing."
    return plan_run(WORKFLOWS["settle-debts"], run.pool, inputs, by, facts, note=note, memory=memory)


def _hosts(owed: list[Debt]) -> dict[str, list[str]]:
    """Kind of debt → uuids of the hosts that it is about."""
    found: dict[str, list[str]] = {}
    for debt in owed:
        if host := debt.settings.get("inputs", {}).get("host"):
            found.setdefault(debt.kind, []).append(host)
    return found


def _gone(was: Facts, now: Facts) -> dict[str, dict[str, str]]:
    """Members that have left since that run began: what it owes about them has to be paid all the same."""
    here = {host.uuid for host in now.pool.hosts} if now.pool else set()
    left = (host for host in (was.pool.hosts if was.pool else ()) if host.uuid not in here)
    return {h.uuid: {"ref": h.ref, "name": h.name, "address": h.address, "version": h.version} for h in left}


def strike_proven() -> None:
    """Strike off debts of ended runs that both captains show to be paid, by whomever."""
    open_ = Debt.objects.filter(paid_at=None, run__state__in=ENDED).select_related("run__pool")
    for debt in open_:
        pool, ended = debt.run.pool, debt.run.ended_at
        if not pool.good_at or not ended or pool.good_at <= ended:
            continue  # what was seen before the run ended proves nothing about afterwards
        facts = pool.last_facts()
        if facts and paid(debt, facts):
            with transaction.atomic():
                debts.strike(debt, debt.step_index, "Both captains show that it was put back.")


def paid(debt: Debt, facts: Facts) -> bool:
    """Whether a step that pays this kind of debt would find it done already."""
    s = Situation(
        facts=facts,
        baseline=debt.run.baseline_facts,
        inputs=debt.settings.get("inputs", debt.run.inputs),
        memory=debt.settings.get("memory", {}),
    )
    return any(_is_so(payer, s) for payer in STEPS.values() if debt.kind in payer.pays)


def _is_so(payer: type[Step], s: Situation) -> bool:
    try:
        step = payer()
        return step.applies(s).ok and step.done(s)
    except NotKnown:
        return False
