"""Why a person's choice was not taken."""

from __future__ import annotations

from collections.abc import Iterable

from workflows.engine.step import Check


class NotNow(Exception):
    """The choice is not open. The message is a sentence for the person: why, and what to do."""

    @property
    def says(self) -> str:
        return str(self)


class Moved(NotNow):
    """The world is not what the person saw. Nothing was sent; `differences` are sentences."""

    def __init__(self, says: str, differences: Iterable[str]) -> None:
        super().__init__(says)
        self.differences = list(differences)


class Refused(NotNow):
    """Such a run may not even be asked for; `checks` are those that do not hold, with their cures."""

    def __init__(self, checks: Iterable[Check]) -> None:
        self.checks = tuple(checks)
        super().__init__(" ".join(f"{check.says}: no. {check.cure}".strip() for check in self.checks))
