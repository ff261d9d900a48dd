"""What a run knows of hosts that are to join: the login that was given for it, and how they look now."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from django.db import transaction

from pools.clients.trust import Trust
from pools.clients.xapi import Endpoint
from pools.connect import endpoint
from pools.facts import Facts
from pools.models import Pool
from pools.newcomers import inspect
from pools.secret import Secret
from workflows.engine.situation import NotKnown
from workflows.engine.step import Word
from workflows.models import Login, Run
from workflows.steps.fitness import Named, named
from workflows.steps.joining import STRANGERS

NOBODYS = "0" * 64
"""The fingerprint of no certificate: with it nothing is sent, and the one that is shown is told."""


@dataclass(frozen=True, slots=True)
class Credentials:
    """The login to the hosts that are to join."""

    user: Secret
    password: Secret


@dataclass(frozen=True, slots=True)
class Words:
    """What the names of secret words stand for in one run, and the ways in to its newcomers."""

    pool: Pool
    login: Credentials | None = None
    wanted: tuple[Named, ...] = ()

    def said(self, value: Any) -> Any:
        """The word itself, for one that is said by its name; everything else as it is."""
        if value is Word.POOL_USER:
            return Secret(self.pool.user)
        return self.pool.password if value is Word.POOL_PASSWORD else value

    def way(self, address: str) -> Endpoint:
        """The way in to a newcomer. Raises NotKnown when the run has no login, or does not name that host."""
        one = next((one for one in self.wanted if one.address == address), None)
        if self.login is None or one is None:
            raise NotKnown(f"This run has no login for {address}: plan it again, and give it.")
        trust = Trust(frozenset(self.pool.pins), self.pool.ca, self.pool.plain_http)
        if trust.pins:
            trust = replace(trust, pins=frozenset({one.fingerprint or NOBODYS}))
        return Endpoint((address,), self.pool.port, self.login.user.reveal(), self.login.password, trust)


def words_of(run: Run) -> Words:
    """Those of a run; without a login where none was given, or where the run has ended."""
    kept = Login.objects.filter(run=run).first() if STRANGERS in run.inputs else None
    login = Credentials(kept.user, kept.password) if kept else None
    return Words(run.pool, login, named(run.inputs.get(STRANGERS, "")) if login else ())


def keep(run: Run, login: Credentials) -> None:
    """With the run, in one transaction."""
    Login.objects.create(run=run, user=login.user, password=login.password)


def beside(run: Run, facts: Facts) -> Facts:
    """The facts, with the newcomers of this run as they look now."""
    words = words_of(run)
    if words.login is None:
        return facts
    _learn(run.pool, words, facts)
    return seen(words, facts)


def seen(words: Words, facts: Facts) -> Facts:
    """The facts with whoever is not a member yet, beside the master that they are measured by."""
    members = {host.address for host in facts.pool.hosts} if facts.pool else set()
    ways = {one.address: words.way(one.address) for one in words.wanted if one.address not in members}
    newcomers, measure = inspect(ways, endpoint(words.pool))
    return replace(facts, newcomers=newcomers, measure=measure)


def also_trusted(run: Run) -> Pool:
    """The run's pool, trusting for this look the certificates that people vouched for with the plan."""
    pins = [one.fingerprint for one in words_of(run).wanted if one.fingerprint]
    if pins and run.pool.pins:
        run.pool.pins = list(dict.fromkeys([*run.pool.pins, *pins]))
    return run.pool


def _learn(pool: Pool, words: Words, facts: Facts) -> None:
    """A newcomer that has become a member keeps its certificate: the pool trusts it from now on."""
    members = {host.address for host in facts.pool.hosts} if facts.pool else set()
    joined = [one.fingerprint for one in words.wanted if one.address in members and one.fingerprint]
    if not joined:
        return
    with transaction.atomic():
        row = Pool.objects.select_for_update().only("pins").get(pk=pool.pk)
        new = [pin for pin in joined if pin not in row.pins]
        if new and row.pins:
            Pool.objects.filter(pk=pool.pk).update(pins=[*row.pins, *new])
