"""The dashboard app."""

from django.apps import AppConfig, apps
from django.db.models.signals import post_migrate


class DashboardConfig(AppConfig):
    """What spans every room."""

    name = "dashboard"

    def ready(self) -> None:
        """Register the system checks, and grant the roles after every migration."""
        from dashboard import checks  # noqa: F401 - registers on import
        from dashboard.people import grant_roles  # models are not there before this

        # After the last app that has models: by then each has made its permissions, in its own turn.
        last = [app for app in apps.get_app_configs() if app.models_module][-1]
        post_migrate.connect(grant_roles, sender=last, dispatch_uid="grant_roles")
