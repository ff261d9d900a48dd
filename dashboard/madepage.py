"""A page of the docs that is made from the code: the command that writes it, or checks that it is fresh."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any, ClassVar

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError


class MadePage(BaseCommand):
    """`manage.py docs_…` writes the page; with `--check` it only compares, and fails when the page is stale."""

    page: ClassVar[str]
    """The file's name in docs/."""
    requires_system_checks = ()

    def markdown(self) -> str:
        """What the page has to say."""
        raise NotImplementedError

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--check", action="store_true", help="fail when the page is not what the code says"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        page, said = Path(settings.BASE_DIR, "docs", self.page), self.markdown()
        if not options["check"]:
            page.write_text(said, encoding="utf-8")
        elif not page.exists() or page.read_text(encoding="utf-8") != said:
            name = type(self).__module__.rpartition(".")[2]
            raise CommandError(f"docs/{self.page} is stale: run `python manage.py {name}`.")
