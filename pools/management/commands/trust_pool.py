"""``python manage.py trust_pool``: what to do when a host of a known pool shows a new certificate."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from pools.clients.certificates import members_pins
from pools.clients.errors import ClientError
from pools.clients.master import open_session
from pools.clients.trust import normal
from pools.clients.wire import Deadline
from pools.connect import endpoint
from pools.models import Pool

ASK_S = 30.0


class Command(BaseCommand):
    help = (
        "Trust the certificates of a pool's members as its master knows them now (one was added, or installed anew). "
        "When the master's own certificate changed, compare its fingerprint on the host and give it here."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name")
        parser.add_argument(
            "--fingerprint", metavar="SHA256HEX", help="one that was compared on the host itself"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        pool = Pool.objects.filter(name=options["name"]).first()
        if pool is None:
            names = ", ".join(Pool.objects.values_list("name", flat=True)) or "none"
            raise CommandError(f"No pool named {options['name']} is known (known: {names}).")
        if not pool.pins:
            raise CommandError(
                f"The pool {pool.name} is not trusted by fingerprints, so there is none to add."
            )
        new = _given(options["fingerprint"]) if options["fingerprint"] else _learned(pool)
        added = _store(pool.pk, new)
        for pin in added:
            self.stdout.write(f"Trusts {pin} from now on.")
        if not added:
            self.stdout.write("Nothing new: every certificate was trusted already.")


def _given(text: str) -> set[str]:
    try:
        return {normal(text)}
    except ValueError as error:
        raise CommandError(str(error)) from None


def _learned(pool: Pool) -> set[str]:
    try:
        with open_session(endpoint(pool), deadline=Deadline(ASK_S)) as xapi:
            return {*xapi.trust.pins, *members_pins(xapi).values()}
    except ClientError as error:
        raise CommandError(error.says) from None


def _store(pk: int, new: set[str]) -> list[str]:
    with transaction.atomic():
        pool = Pool.objects.select_for_update().only("pins").get(pk=pk)
        added = sorted(new - set(pool.pins))
        Pool.objects.filter(pk=pk).update(pins=[*pool.pins, *added])
    return added
