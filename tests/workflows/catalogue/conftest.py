"""For runs in memory: nothing has to be given time to show itself."""

from __future__ import annotations

import pytest

from workflows.catalogue import STEPS


@pytest.fixture
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """No settling."""
    for step in STEPS.values():
        monkeypatch.setattr(step, "settle", 0.0)
