"""`manage.py docs_states`: write docs/states.md from the table of moves, or check that it is what the table says."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from workflows.engine.statespage import markdown


class Command(BaseCommand):
    help = "Write docs/states.md from the table of moves; with --check only compare."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--check", action="store_true", help="fail when the page is not what the table says"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        page = Path(settings.BASE_DIR, "docs", "states.md")
        if not options["check"]:
            page.write_text(markdown(), encoding="utf-8")
        elif not page.exists() or page.read_text(encoding="utf-8") != markdown():
            raise CommandError(
                "docs/states.md is not what the table says: run `python manage.py docs_states`."
            )
