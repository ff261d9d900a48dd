"""The login to hosts that are to join a pool: for one run, for as long as it lasts."""

from __future__ import annotations

from django.db import models

from pools.credentials import EncryptedTextField
from workflows.models.run import Run


class Login(models.Model):
    """Kept encrypted, written with the run and deleted when it ends (running/moves.py). Nothing else has it: no
    journal, no plan, no report."""

    run = models.OneToOneField(Run, models.CASCADE, related_name="login")
    user = EncryptedTextField()
    password = EncryptedTextField()

    def __str__(self) -> str:
        return f"login of run {self.run_id}"
