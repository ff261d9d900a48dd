"""``python manage.py rotate_credentials``: encrypt every stored password and key with the first key."""

from __future__ import annotations

from typing import Any

from django.apps import apps
from django.core.management.base import BaseCommand, CommandError
from django.db import models, transaction

from pools.credentials import CredentialsUnreadable, EncryptedTextField


class Command(BaseCommand):
    help = "Encrypt all stored credentials with the first of CREDENTIAL_KEYS; after it the older keys may go."

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            with transaction.atomic():
                count = sum(_rotate(model) for model in apps.get_models())
        except CredentialsUnreadable as error:
            raise CommandError(f"{error} Nothing was changed.") from None
        self.stdout.write(f"Encrypted {count} credentials with the first key.")


def _rotate(model: type[models.Model]) -> int:
    """Re-encrypt one model's columns, each by an update of its own that touches nothing else."""
    names = [field.name for field in model._meta.concrete_fields if isinstance(field, EncryptedTextField)]
    rows = model._default_manager.select_for_update().only("pk", *names) if names else ()
    count = 0
    for row in rows:
        count += len(names)
        model._default_manager.filter(pk=row.pk).update(
            **{name: getattr(row, name).rotated() for name in names}
        )
    return count
