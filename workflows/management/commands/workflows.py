"""`manage.py workflows`: the catalogue, for people or, with --json, for other programs."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from workflows.runbook import catalogue


class Command(BaseCommand):
    help = "List the workflows: slug, title, risk, inputs, and steps with their risk and why."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="everything, as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["json"]:
            self.stdout.write(json.dumps(catalogue(), indent=2, ensure_ascii=False))
            return
        for each in catalogue():
            self.stdout.write(f"{each['slug']:20} {each['risk']:7} {each['title']}")
