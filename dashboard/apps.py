"""The dashboard app."""

from django.apps import AppConfig
from django.db.models.signals import post_migrate


class DashboardConfig(AppConfig):
    """What spans every room."""

    name = "dashboard"

    def ready(self) -> None:
        """Register the system checks, and grant the roles after every migration."""
        from dashboard import checks  # noqa: F401 - registers on import
        from dashboard.people import grant_roles  # models are not there before this

        # After every app, not after this one alone: the permissions of later apps are made in their own turn.
        post_migrate.connect(grant_roles, dispatch_uid="grant_roles")
