"""`python manage.py verify_journal [RUN …]`: is every line of the journals as it was written?"""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from workflows.models import Run
from workflows.running import journal


class Command(BaseCommand):
    """Exit status 1, with each fault named, when a line was edited, removed or moved, or a whole run removed."""

    help = "Check the hash chain of the runs' journals."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("run", nargs="*", type=int, help="Numbers of runs; all of them if none is given.")

    def handle(self, *_: Any, **options: Any) -> None:
        runs = Run.objects.order_by("pk")
        if options["run"]:
            runs = runs.filter(pk__in=options["run"])
            if missing := sorted(set(options["run"]) - set(runs.values_list("pk", flat=True))):
                raise CommandError(f"There is no run {missing[0]}.")
        said, entries = [] if options["run"] else journal.missing(), 0
        for run in runs.iterator():
            said += journal.verify(run)
            entries += run.entries
        if said:
            raise CommandError("\n".join(said))
        self.stdout.write(f"{entries} entries of {runs.count()} runs are as they were written.")
