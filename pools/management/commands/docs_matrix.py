"""`manage.py docs_matrix`: write docs/captains.md from the captains' matrix, or check that it is fresh."""

from __future__ import annotations

from dashboard.madepage import MadePage
from pools.matrix_page import markdown


class Command(MadePage):
    help = "Write docs/captains.md from the captains' matrix; with --check only compare."
    page = "captains.md"

    def markdown(self) -> str:
        return markdown()
