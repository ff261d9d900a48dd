"""`manage.py docs_workflows`: write the made part of docs/workflows/*.md from the classes, or check it."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from workflows.catalogue import WORKFLOWS
from workflows.runbook import page_with


class Command(BaseCommand):
    help = "Write the steps into docs/workflows/*.md; with --check only compare."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--check", action="store_true", help="fail when a page is not what the classes say"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        for slug, workflow in WORKFLOWS.items():
            path = Path(settings.BASE_DIR, "docs", "workflows", f"{slug}.md")
            if not path.exists():
                raise CommandError(f"{slug} has no page: write when to use it, and what can go wrong.")
            old = path.read_text(encoding="utf-8")
            new = page_with(old, workflow)
            if old != new and options["check"]:
                raise CommandError(
                    f"docs/workflows/{slug}.md is stale: run `python manage.py docs_workflows`."
                )
            path.write_text(new, encoding="utf-8")
