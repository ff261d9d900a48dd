"""Errors: codes that stay, sentences with a cure, meanings in plain words."""

from __future__ import annotations

import pytest

from pools.clients import errors
from pools.clients.errors import ClientError, Refused, meaning, trouble

EACH = [
    errors.Unreachable("refused", "127.10.1.1:443"),
    errors.Unreachable("no-route", "127.10.1.1:443"),
    errors.Unreachable("unknown-name", "amber-1:443"),
    errors.Unreachable("cut", "127.10.1.1:443"),
    errors.TimedOut("connect", "127.10.1.1:443", 4),
    errors.TlsUntrusted("127.10.1.1:443", "ab" * 32),
    errors.TlsFailed("127.10.1.1:443", "wrong version number"),
    errors.NotXenServer("127.10.1.1:443", "it answers HTTP 404"),
    errors.NotCloudStack("127.0.0.1:8080", "HTTP 404"),
    errors.LoginRefused("127.10.1.1:443", "root"),
    errors.SessionLost("127.10.1.1:443"),
    errors.NotPermitted("listHosts", "unable to verify user credentials"),
    errors.ClockSkew("listHosts", -60),
    errors.RateLimited("25 in 1 s"),
    errors.AnswerLost("pool.eject", "no answer"),
    errors.BadAnswer("127.10.1.1:443", "garbage"),
]


def test_every_trouble_has_a_code_of_its_own() -> None:
    codes = [error.code for error in EACH]
    assert len(set(codes)) == len(codes)


@pytest.mark.parametrize("error", EACH, ids=lambda error: error.code)
def test_every_trouble_is_at_least_a_cause_and_a_cure(error: ClientError) -> None:
    fact = trouble(error)
    assert (fact.code, fact.params) == (error.code, error.params)
    assert len(fact.says.split()) > 12


@pytest.mark.parametrize(
    ("code", "params", "part"),
    [
        ("HA_IS_ENABLED", (), "HA off first"),
        ("SR_BACKEND_FAILURE_47", ("", "mount failed"), "storage driver"),
        (
            "530",
            ("Host with UUID [x] is not in maintenance mode and no forced deletion was requested.",),
            "Maintenance",
        ),
        ("530", ("something else",), "present state"),
        ("NEVER_HEARD_OF", (), ""),
    ],
)
def test_a_code_has_a_meaning_or_none(code: str, params: tuple[str, ...], part: str) -> None:
    assert part in meaning(code, params)
    assert bool(meaning(code, params)) == bool(part)


def test_a_refusal_that_nobody_knows_is_told_word_by_word() -> None:
    no = Refused("XenServer", "NEVER_HEARD_OF", "OpaqueRef:1", "why")
    assert no.says == "XenServer refused: NEVER_HEARD_OF OpaqueRef:1 why."
    assert (no.code, no.params) == ("NEVER_HEARD_OF", ("OpaqueRef:1", "why"))
