"""A CloudStack management server that we know how to ask."""

from __future__ import annotations

from django.db import models

from pools.credentials import EncryptedTextField


class CloudStack(models.Model):
    """One CloudStack: where its API is and the keys of the account that we use there."""

    name = models.SlugField(max_length=64, unique=True)
    url = models.URLField(max_length=300)
    """The API's address, e.g. `https://cloud.example.org:8443/client/api`."""
    api_key = EncryptedTextField()
    secret_key = EncryptedTextField()
    pins = models.JSONField(default=list, blank=True)
    """SHA-256 of certificates (DER, hex) that are trusted without an authority."""
    ca = models.TextField(blank=True)
    """PEM of the authorities to trust; empty means the system's, unless `pins` says otherwise."""
    version = models.CharField(max_length=40, blank=True)
    """As `listCapabilities` gave it last."""

    class Meta:
        ordering = ("name",)
        verbose_name = "CloudStack"
        verbose_name_plural = "CloudStacks"

    def __str__(self) -> str:
        return self.name
