"""``python manage.py add_pool``: look at a pool, and remember how to reach it."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.core.validators import validate_slug

from pools.adding import PoolSpec, Wrong, check_pool, store_pool
from pools.adding.pools import FoundPool, vouched
from pools.management.secrets import add_trust_options, secret_from, trust_from, vouches
from pools.models import CloudStack

CERTIFICATES = 3
"""How many certificates a person is asked about: a member's, its master's, and one more if the master just moved."""


class Command(BaseCommand):
    help = "Add a XenServer pool. It is looked at first; nothing is stored when anything is wrong."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name")
        parser.add_argument(
            "--address", action="append", required=True, metavar="A", help="a member; may be repeated"
        )
        parser.add_argument("--port", type=int, default=443)
        parser.add_argument("--user", default="root")
        parser.add_argument("--password-env", metavar="VAR", help="the variable that holds the password")
        add_trust_options(parser)
        parser.add_argument(
            "--plain-http", action="store_true", help="no TLS: the password can be read on the way"
        )
        parser.add_argument("--cloudstack", metavar="NAME", help="a CloudStack that was added before")
        parser.add_argument("--cluster", default="", metavar="CLUSTERNAME", help="this pool's cluster there")

    def handle(self, *args: Any, **options: Any) -> None:
        spec = self._spec(options)
        try:
            spec, found = _checked(spec)
            pool = store_pool(spec, found)
        except Wrong as wrong:
            raise CommandError(f"{wrong.says}{_vouch_hint(wrong)}") from None
        for note in found.notes:
            self.stdout.write(note)
        hosts = ", ".join(h.name for h in found.facts.hosts)
        self.stdout.write(f"Added pool {pool.name}: master {found.master}, hosts {hosts}.")

    def _spec(self, options: dict[str, Any]) -> PoolSpec:
        try:
            validate_slug(options["name"])
        except ValidationError:
            raise CommandError(
                f"{options['name']!r} is no name for a pool: use letters, digits, hyphens and underscores."
            ) from None
        if not 0 < options["port"] < 65536:
            raise CommandError(f"There is no port {options['port']}: it is a number from 1 to 65535.")
        return PoolSpec(
            name=options["name"],
            addresses=tuple(dict.fromkeys(options["address"])),
            port=options["port"],
            user=options["user"],
            password=secret_from(options["password_env"], f"password of {options['user']}", "--password-env"),
            trust=trust_from(options),
            cloudstack=_cloudstack(options["cloudstack"]),
            cluster=options["cluster"],
        )


def _cloudstack(name: str | None) -> CloudStack | None:
    if not name:
        return None
    found = CloudStack.objects.filter(name=name).first()
    if found is None:
        names = ", ".join(CloudStack.objects.values_list("name", flat=True)) or "none"
        raise CommandError(
            f"No CloudStack named {name} is known (known: {names}). Add it with add_cloudstack first."
        )
    return found


def _checked(spec: PoolSpec) -> tuple[PoolSpec, FoundPool]:
    """Look, asking the person about certificates that are new."""
    for _ in range(CERTIFICATES):
        try:
            return spec, check_pool(spec)
        except Wrong as wrong:
            if not wrong.seen or spec.trust.ca or not vouches(wrong.seen, wrong.says):
                raise
            spec = vouched(spec, wrong.seen)
    return spec, check_pool(spec)


def _vouch_hint(wrong: Wrong) -> str:
    return f" Then add: --fingerprint {wrong.seen}" if wrong.seen else ""
