"""The form of a workflow that takes in new hosts: their login, and how they look when the plan is made."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from pools.facts import Facts, Newcomer
from pools.models import Pool
from pools.secret import Secret
from workflows.engine.step import Workflow
from workflows.running.newcomers import Credentials, Words, seen
from workflows.steps.fitness import Named, named
from workflows.steps.joining import STRANGERS

USER, PASSWORD = LOGIN_FIELDS = ("login_user", "login_password")
UNTRUSTED = "tls-untrusted"


@dataclass(frozen=True, slots=True)
class Met:
    """The form with the fingerprints that were seen, and the facts with the hosts in them."""

    given: dict[str, str]
    facts: Facts


def needs_login(workflow: Workflow) -> bool:
    return any(wanted.kind == "login" for wanted in workflow.inputs)


def login_of(posted: Mapping[str, str]) -> Credentials | None:
    """The login that was typed; None when a part of it is missing."""
    user, password = (posted.get(name, "") for name in LOGIN_FIELDS)
    return Credentials(Secret(user), Secret(password)) if user and password else None


def meet(pool: Pool, facts: Facts, given: Mapping[str, str], login: Credentials) -> Met:
    """Look at the hosts of the form. One whose fingerprint nobody wrote is sent no password: the fingerprint that it
    shows is written behind its address, for the person who made the form to compare."""
    wanted = named(given.get(STRANGERS, ""))
    fresh = seen(Words(pool, login, wanted), facts)
    shown = {n.address: _shown(n) for n in fresh.newcomers}
    text = "\n".join(_line(one, shown.get(one.address, "")) for one in wanted)
    return Met({**given, STRANGERS: text}, fresh)


def _shown(found: Newcomer) -> str:
    trouble = found.trouble
    return trouble.params[-1] if trouble and trouble.code == UNTRUSTED and trouble.params else ""


def _line(one: Named, shown: str) -> str:
    return " ".join(filter(None, (one.address, one.fingerprint or shown)))
