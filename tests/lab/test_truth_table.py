"""Who answers what when a master is well, dead or never met: the rows of xapi's dispatch, one by one.

Sources: api_server.ml, session_check.ml, xapi_session.ml. ``hangs`` means: no answer as long as no master answers.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest

from lab.world import power
from lab.world.refusal import Refusal
from lab.xapi import dispatch
from tests.lab.inside import Inside

MASTER, MEMBER = "basalt-1", "basalt-2"  # a pool without HA


def healthy(lab: Inside) -> None:
    """A member beside its master."""


def master_dies(lab: Inside) -> None:
    power.kill(lab.world, lab.host(MASTER))


def never_met(lab: Inside) -> None:
    """The member's toolstack starts while there is no master."""
    power.kill(lab.world, lab.host(MASTER))
    power.restart_toolstack(lab.world, lab.host(MEMBER))
    lab.step(600)


def outcome(lab: Inside, method: str, *args: object) -> str:
    """ok, a value, an error code, or hangs."""
    try:
        process = dispatch.begin(lab.world, lab.host(MEMBER), method, list(args))
    except Refusal as refusal:
        return refusal.code
    except dispatch.MasterSilent:
        return "hangs"
    if process.error is not None:
        return process.error.code
    assert process.status == "success"
    return str(process.result).lower() if isinstance(process.result, bool) else "ok"


def local(lab: Inside) -> str:
    host = lab.host(MEMBER)
    login = dispatch.begin(
        lab.world, host, "session.slave_local_login_with_password", ["root", host.root_password]
    )
    return str(login.result)


def masters(lab: Inside) -> str:
    """A session its master gave before anything happened."""
    login = dispatch.begin(lab.world, lab.host(MASTER), "session.login_with_password", ["root", "baton-lab"])
    return str(login.result)


COLUMNS: dict[str, Callable[[Inside, str], str]] = {
    "login": lambda lab, _known: outcome(lab, "session.login_with_password", "root", "baton-lab"),
    "local login": lambda lab, _known: outcome(
        lab, "session.slave_local_login_with_password", "root", "baton-lab"
    ),
    "call with the master's session": lambda lab, known: outcome(lab, "pool.get_all", known),
    "in emergency mode?": lambda lab, _known: outcome(lab, "host.is_in_emergency_mode", local(lab)),
    "other call with a local session": lambda lab, _known: outcome(lab, "pool.get_all", local(lab)),
}
EMERGENCY = "INTERNAL_ERROR"  # the stored reason: the connection to the master failed


@pytest.mark.parametrize(
    ("situation", "row"),
    [
        (healthy, ["HOST_IS_SLAVE", "ok", "HOST_IS_SLAVE", "false", "ok"]),
        (master_dies, ["HOST_IS_SLAVE", "ok", "hangs", "false", "hangs"]),
        (never_met, [EMERGENCY, "ok", EMERGENCY, "true", EMERGENCY]),
    ],
)
def test_a_member_answers_by_the_table(situation: Callable[[Inside], None], row: list[str]) -> None:
    lab = Inside()
    known = masters(lab)
    situation(lab)
    assert {name: ask(lab, known) for name, ask in COLUMNS.items()} == dict(zip(COLUMNS, row, strict=True))


def test_a_restarted_master_knows_none_of_its_sessions() -> None:
    lab = Inside()
    known = masters(lab)
    power.restart_toolstack(lab.world, lab.host(MASTER))
    lab.step(600)
    with pytest.raises(Refusal) as refused:
        dispatch.begin(lab.world, lab.host(MASTER), "pool.get_all", [known])
    assert refused.value.description == ["SESSION_INVALID", known]


SAYS_WHY = "host.local_assert_healthy"  # raises the stored reason by itself
FOR_EMERGENCIES = {
    name for name, message in dispatch.MESSAGES.items() if message.emergency and message.session
}


@pytest.mark.parametrize("call", sorted(FOR_EMERGENCIES - {SAYS_WHY}))
def test_a_call_for_emergencies_is_judged_by_its_own_checks_there(call: str) -> None:
    lab = Inside()
    never_met(lab)
    message = dispatch.MESSAGES[call]
    dummies: dict[str, object] = {"string": "x", "bool": False}
    assert outcome(lab, call, local(lab), *[dummies[kind] for kind in message.params]) != EMERGENCY
