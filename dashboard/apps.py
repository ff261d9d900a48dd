"""The dashboard app."""

from django.apps import AppConfig


class DashboardConfig(AppConfig):
    """What spans every room."""

    name = "dashboard"

    def ready(self) -> None:
        """Register the system checks."""
        from dashboard import checks  # noqa: F401 - registers on import
