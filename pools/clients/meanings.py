"""Plain words for what XAPI and CloudStack say when they refuse: what it means, and what helps."""

from __future__ import annotations

from collections.abc import Sequence

from pools.clients.cloudstack_codes import CODES, TEXTS
from pools.clients.xapi_codes import XAPI


def meaning(code: str, params: Sequence[str] = ()) -> str:
    """What a code means, in plain words; empty when we do not know. Codes that end in a number are families."""
    if code.isdigit():
        text = " ".join(params).lower()
        return next((words for part, words in TEXTS.items() if part in text), CODES.get(code, ""))
    return XAPI.get(code) or XAPI.get(code.rstrip("0123456789"), "")


def told(code: str, params: Sequence[str] = ()) -> str:
    """A refusal as a sentence: its meaning first, then the captain's own words."""
    own = " ".join([code, *params])
    known = meaning(code, params)
    return f"{known} ({own})" if known else own
