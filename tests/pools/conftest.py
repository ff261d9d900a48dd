"""What all tests of the pools share."""

from __future__ import annotations

import pytest

from lab.xapi.calls import joining, session


@pytest.fixture(autouse=True)
def _quick_refusals(monkeypatch: pytest.MonkeyPatch) -> None:
    """A wrong password is refused after five seconds, as PAM does it. These labs run in real time, so that nothing
    happens in them by itself; that the five seconds pass is the lab's own test."""
    for room in (joining, session):
        monkeypatch.setattr(room, "WRONG_PASSWORD_SECONDS", 0.1)
