"""The named people, pool amber as it was looked at last, and runs of remove-master that stand where a test wants."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from django.contrib.auth.models import Permission, User
from django.test import Client
from django.utils import timezone

from pools.encoding import facts_to
from pools.facts import Facts
from pools.models import Pool
from tests.workflows import amber
from workflows.catalogue import WORKFLOWS
from workflows.models import Run
from workflows.running import choices

OPERATOR = ("start_run", "confirm_step", "take_over_run")
ROLES = {"ada": (*OPERATOR, "approve_run"), "bo": OPERATOR, "cy": (), "dee": (*OPERATOR, "approve_run")}
"""ada and dee approve, bo operates, cy looks."""
INPUTS = {"host": "h-amber-1", "successor": "h-amber-2"}


@pytest.fixture
def people(db: None) -> dict[str, User]:
    """Everybody by name."""
    made = {}
    for name, codes in ROLES.items():
        made[name] = User.objects.create_user(name)
        made[name].user_permissions.set(Permission.objects.filter(codename__in=codes))
    return made


@pytest.fixture
def sign_in(people: dict[str, User]) -> Callable[[str], Client]:
    """A browser in which that person is signed in; forms are checked as in earnest."""

    def browser(name: str) -> Client:
        client = Client()
        client.force_login(people[name], backend="django.contrib.auth.backends.ModelBackend")
        return client

    return browser


@pytest.fixture
def facts() -> Facts:
    """Pool amber, all well, looked at just now."""
    return replace(amber.facts(), at=timezone.now())


@pytest.fixture
def pool(db: None, facts: Facts) -> Pool:
    """Pool amber, looked at just now."""
    return Pool.objects.create(
        name="amber",
        uuid="p-amber",
        zone="AMS-1",
        addresses=[amber.address(1)],
        password="never-used-here",
        facts=facts_to(facts),
        looked_at=facts.at,
    )


@pytest.fixture
def plan(people: dict[str, User], pool: Pool, facts: Facts) -> Run:
    """bo's plan to remove amber-1."""
    return choices.plan_run(WORKFLOWS["remove-master"], pool, INPUTS, people["bo"], facts, note="INC-4471")


@pytest.fixture
def asked(plan: Run, people: dict[str, User]) -> Run:
    """The same, with bo having asked for approval."""
    choices.request_approval(plan, people["bo"], note="Window agreed, 14:00.")
    return Run.objects.get(pk=plan.pk)
