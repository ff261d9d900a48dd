"""A step about one host of several: the same step as for a run about one host, with the host as its argument.

`class MaintainOne(EachHost, EnterMaintenance)` asks everything of `EnterMaintenance`, about the host it was made with.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pools.facts import Facts
from workflows.engine.situation import Situation
from workflows.engine.step import Api, Check, Step

LEFT_OUT = "left_out"
"""Key of the memory that holds the uuids of hosts that a person left out of the rest of the run."""


@dataclass(frozen=True)
class EachHost(Step):
    """Stands before the step that it narrows. Without a host it is about the run's own. What that step returns is
    narrower than what `Step` promises, so it is passed on as it comes."""

    host: str = ""
    """uuid."""

    def heading(self, s: Situation) -> str:
        return super().heading(self.around(s))

    def applies(self, s: Situation) -> Check:
        if self.host in s.memory.get(LEFT_OUT, ()):
            return Check(False, f"{self.around(s).host.name} was left out of this run")
        return super().applies(self.around(s))

    def preconditions(self, s: Situation) -> Any:
        return super().preconditions(self.around(s))

    def expect(self, s: Situation) -> Facts:
        return super().expect(self.around(s))

    def calls(self, s: Situation) -> Any:
        return super().calls(self.around(s))

    def remember(self, s: Situation) -> Mapping[str, Any]:
        return super().remember(self.around(s))

    def act(self, api: Api, s: Situation) -> Any:
        return super().act(api, self.around(s))

    def done(self, s: Situation) -> bool:
        return super().done(self.around(s))

    def progress(self, s: Situation) -> Any:
        return super().progress(self.around(s))

    def stuck(self, s: Situation) -> str:
        return super().stuck(self.around(s))

    def owing(self, s: Situation) -> str:
        return super().owing(self.around(s))

    def undoing(self) -> tuple[Step, ...]:
        return tuple(undo(self.host) if issubclass(undo, EachHost) else undo() for undo in self.undo_with)
