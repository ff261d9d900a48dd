"""``python manage.py make_demo_accounts``: one person per role, to try the console with."""

from __future__ import annotations

import json
import os
import secrets
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth.models import Group, User
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

PEOPLE = {"ada": "approver", "bo": "operator", "cy": "viewer", "admin": "admin"}


class Command(BaseCommand):
    """Makes ada, bo, cy and admin; their random passwords are kept in DATA_DIR/demo.json, for this user only."""

    help = "Make the demo accounts (ada approver, bo operator, cy viewer, admin) with random passwords."

    def handle(self, *_args: Any, **options: Any) -> None:
        """Idempotent: a person who is there keeps the password, unless the file with the passwords is gone."""
        file = settings.DATA_DIR / "demo.json"
        renew = not file.exists()
        accounts = new_accounts(file) if renew else kept_accounts(file)
        with transaction.atomic():
            for account in accounts:
                make(account["name"], account["role"], account["password"], renew)
        if options["verbosity"]:
            for account in accounts:
                self.stdout.write("{name:<6} {role:<9} {password}".format(**account))


def kept_accounts(file: Path) -> list[dict[str, str]]:
    """The accounts in ``file``: name, role, password."""
    try:
        kept: list[dict[str, str]] = json.loads(file.read_text())["accounts"]
    except (ValueError, KeyError, TypeError):
        raise CommandError(
            f"{file} does not hold the demo's accounts; remove it to have it made anew"
        ) from None
    return kept


def new_accounts(file: Path) -> list[dict[str, str]]:
    """One account per role with a random password, written to ``file`` for this user only."""
    made = [
        {"name": name, "role": role, "password": secrets.token_urlsafe(9)} for name, role in PEOPLE.items()
    ]
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as handle:
        json.dump({"accounts": made}, handle, indent=2)
    return made


def make(name: str, role: str, password: str, renew: bool) -> None:
    """One account in one role; an existing one gets the password only if it is to be renewed."""
    user, created = User.objects.get_or_create(username=name, defaults={"is_staff": role == "admin"})
    user.groups.set([Group.objects.get_or_create(name=role)[0]])
    if created or renew:
        user.set_password(password)
        user.save(update_fields=["password"])
