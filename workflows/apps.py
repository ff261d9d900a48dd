"""The workflows app."""

from django.apps import AppConfig


class WorkflowsConfig(AppConfig):
    """See the package's docstring."""

    name = "workflows"

    def ready(self) -> None:
        """Tell pools what the runs owe and cause, and hear what moves there; pools does not know us."""
        from pools.obligations import register  # models are not there before this
        from pools.signals import moved
        from workflows.running.nudging import nudge
        from workflows.running.obliged import of_pool

        register(of_pool)
        moved.connect(nudge)
