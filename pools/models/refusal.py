"""A captain that does not let us in, and when it is asked again: too many wrong logins lock an account."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from pools.models.cloudstack import CloudStack
from pools.models.pool import Pool
from pools.rules.case import Pause


class Refusal(models.Model):
    """There while a pool's master or a CloudStack refuses our credentials, or its certificate is not the pinned one;
    gone with the first answer. Exactly one of `pool` and `cloudstack` is set."""

    pool = models.OneToOneField(Pool, models.CASCADE, null=True, blank=True, related_name="refusal")
    cloudstack = models.OneToOneField(
        CloudStack, models.CASCADE, null=True, blank=True, related_name="refusal"
    )
    code = models.CharField(max_length=64)
    says = models.TextField()
    since = models.DateTimeField()
    tried_at = models.DateTimeField()
    tries = models.PositiveIntegerField(default=1)
    next_at = models.DateTimeField()
    """Not asked before, unless the credentials are others than those of `mark`."""
    mark = models.CharField(max_length=64)
    """A digest of the credentials as stored (encrypted), the pins and the addresses that were refused."""

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=Q(pool=None, cloudstack__isnull=False) | Q(pool__isnull=False, cloudstack=None),
                name="refused_by_one",
            ),
        )

    def __str__(self) -> str:
        return f"{self.pool or self.cloudstack}: {self.code} since {self.since:%Y-%m-%d %H:%M:%S}"

    def pause(self) -> Pause:
        """As the rules and the pages take it."""
        return Pause(
            since=self.since,
            tried_at=self.tried_at,
            tries=self.tries,
            next_at=self.next_at,
            code=self.code,
            says=self.says,
        )
