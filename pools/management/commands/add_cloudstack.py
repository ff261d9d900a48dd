"""``python manage.py add_cloudstack``: ask a CloudStack, and remember how to reach it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.core.validators import validate_slug

from pools.adding import CloudStackSpec, Wrong, check_cloudstack, store_cloudstack
from pools.clients.trust import Trust
from pools.management.secrets import add_trust_options, secret_from, trust_from, vouches


class Command(BaseCommand):
    help = "Add a CloudStack. It is asked first; nothing is stored when anything is wrong."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name")
        parser.add_argument("--url", required=True, help="e.g. https://cloud.example.org:8443/client/api")
        parser.add_argument("--api-key-env", metavar="VAR", help="the variable that holds the API key")
        parser.add_argument("--secret-key-env", metavar="VAR", help="the variable that holds the secret key")
        add_trust_options(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            validate_slug(options["name"])
        except ValidationError:
            raise CommandError(
                f"{options['name']!r} is no name for a CloudStack: use letters, digits, hyphens and underscores."
            ) from None
        spec = CloudStackSpec(
            name=options["name"],
            url=options["url"],
            api_key=secret_from(options["api_key_env"], "API key", "--api-key-env"),
            secret_key=secret_from(options["secret_key_env"], "secret key", "--secret-key-env"),
            trust=trust_from(options),
        )
        try:
            self._add(spec)
        except Wrong as wrong:
            hint = f" Then add: --fingerprint {wrong.seen}" if wrong.seen else ""
            raise CommandError(f"{wrong.says}{hint}") from None

    def _add(self, spec: CloudStackSpec) -> None:
        try:
            found = check_cloudstack(spec)
        except Wrong as wrong:
            if not wrong.seen or spec.trust.ca or not vouches(wrong.seen, wrong.says):
                raise
            spec = replace(spec, trust=Trust(frozenset({wrong.seen})))
            found = check_cloudstack(spec)
        cloudstack = store_cloudstack(spec, found)
        for note in found.notes:
            self.stdout.write(note)
        self.stdout.write(f"Added CloudStack {cloudstack.name}, version {found.version or 'unknown'}.")
