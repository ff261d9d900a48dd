"""One line of a run's journal: written once, chained by hash to the line before."""

from __future__ import annotations

from typing import Any, NoReturn

from django.db import models

from workflows.models.run import Run


class AppendOnly(Exception):
    """Somebody tried to change or remove a line of the journal."""


class Lines(models.QuerySet["Entry"]):
    """A query set that reads."""

    def update(self, **_: Any) -> NoReturn:
        raise AppendOnly("A journal entry is never changed; write another one.")

    def delete(self) -> NoReturn:
        raise AppendOnly("A journal entry is never deleted.")


class Entry(models.Model):
    """Who did or saw what. `hash` covers every field and the previous hash (engine/chain.py)."""

    run = models.ForeignKey(Run, models.PROTECT, related_name="journal")
    seq = models.PositiveIntegerField()
    at = models.DateTimeField()
    kind = models.CharField(max_length=32)
    step_index = models.PositiveIntegerField(null=True, blank=True)
    actor = models.CharField(max_length=160)
    """A person's name, or `engine`."""
    says = models.TextField()
    data = models.JSONField(default=dict, blank=True)
    previous = models.CharField(max_length=64, blank=True)
    hash = models.CharField(max_length=64)

    objects = Lines.as_manager()

    class Meta:
        ordering = ("run", "seq")
        constraints = [models.UniqueConstraint(fields=["run", "seq"], name="one_entry_per_number")]

    def __str__(self) -> str:
        return f"{self.seq}. {self.says}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise AppendOnly("A journal entry is never changed; write another one.")
        super().save(*args, **kwargs)

    def delete(self, *_: Any, **__: Any) -> NoReturn:
        raise AppendOnly("A journal entry is never deleted.")
