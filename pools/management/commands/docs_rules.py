"""`manage.py docs_rules`: write docs/rules.md from the rules, or check that it is fresh."""

from __future__ import annotations

from dashboard.madepage import MadePage
from pools.rules.page import markdown


class Command(MadePage):
    help = "Write docs/rules.md from the rules; with --check only compare."
    page = "rules.md"

    def markdown(self) -> str:
        return markdown()
