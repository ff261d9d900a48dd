"""`manage.py docs_rules`: write docs/rules.md and the made parts of docs/rules/*.md from the rules, or check them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import CommandError

from dashboard.madepage import MadePage
from pools.rules import CODES
from pools.rules.page import markdown, page_with


class Command(MadePage):
    help = "Write docs/rules.md and docs/rules/*.md from the rules; with --check only compare."
    page = "rules.md"

    def markdown(self) -> str:
        return markdown()

    def handle(self, *args: Any, **options: Any) -> None:
        super().handle(*args, **options)
        for slug, code in CODES.items():
            path = Path(settings.BASE_DIR, "docs", "rules", f"{slug}.md")
            old = path.read_text(encoding="utf-8") if path.exists() else ""
            new = page_with(old, code)
            if options["check"] and old != new:
                raise CommandError(f"docs/rules/{slug}.md is stale: run `python manage.py docs_rules`.")
            if old != new:
                path.write_text(new, encoding="utf-8")
