"""The workflows app."""

from django.apps import AppConfig


class WorkflowsConfig(AppConfig):
    """See the package's docstring."""

    name = "workflows"

    def ready(self) -> None:
        """Tell pools what the runs owe and cause; pools does not know us."""
        from pools.obligations import register  # models are not there before this
        from workflows.running.obliged import of_pool

        register(of_pool)
