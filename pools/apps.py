"""The pools app."""

from django.apps import AppConfig


class PoolsConfig(AppConfig):
    """See the package's docstring."""

    name = "pools"
