"""`manage.py look NAME`: a pool as both captains see it now, judged. It changes nothing, and stores nothing but whether
a captain refuses us: the watch need not try that again by itself."""

from __future__ import annotations

import json
import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from pools import refusals
from pools.glance import COULD_NOT_LOOK, report, status
from pools.glance_text import text
from pools.models import Finding, Pool
from pools.rules import judge_all
from pools.seeing import case_of, look_at
from pools.watching import LOOK_S


class Command(BaseCommand):
    help = (
        "Look at a pool now, through XenServer and CloudStack. Exit status: 0 nothing above info, 1 warnings, "
        "2 critical, 3 could not look. Takes at most 20 s."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("name", help="the pool's name")
        parser.add_argument("--json", action="store_true", help="print the look as JSON, for scripts")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            found, exit_status = self._look(options["name"])
        except CommandError:
            raise
        except Exception as error:
            # Whatever it was (a key that is gone, a database that is away), 1 and 2 would say something of the pool.
            sentence = f"Could not look at {options['name']}: {error}"
            raise CommandError(sentence, returncode=COULD_NOT_LOOK) from error
        self.stdout.write(json.dumps(found, indent=2, ensure_ascii=False) if options["json"] else text(found))
        sys.exit(exit_status)

    def _look(self, name: str) -> tuple[dict[str, Any], int]:
        pool = self._pool(name)
        facts = look_at(pool, timezone.now(), LOOK_S)
        refusals.note(pool, facts.pool_trouble, facts.at)
        if pool.cloudstack:
            refusals.note(pool.cloudstack, facts.cloudstack_trouble, facts.at)
        case = case_of(pool, facts, timezone.now())
        findings = judge_all(case)
        since = {row.key: row.since for row in Finding.objects.open().filter(pool=pool)}
        return report(case, pool.uuid or "", findings, since), status(findings)

    def _pool(self, name: str) -> Pool:
        pool = Pool.objects.select_related("cloudstack").filter(name=name).first()
        if pool is None:
            names = ", ".join(Pool.objects.values_list("name", flat=True)) or "none yet (see add_pool)"
            raise CommandError(f"No pool is called {name!r}. Pools: {names}.", returncode=COULD_NOT_LOOK)
        return pool
