"""`manage.py docs_states`: write docs/states.md from the table of moves, or check that it is fresh."""

from __future__ import annotations

from dashboard.madepage import MadePage
from workflows.engine.statespage import markdown


class Command(MadePage):
    help = "Write docs/states.md from the table of moves; with --check only compare."
    page = "states.md"

    def markdown(self) -> str:
        return markdown()
