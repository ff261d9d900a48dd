"""The room's name in Django."""

from django.apps import AppConfig


class NoticesConfig(AppConfig):
    """Notifications: tables of their own, pages under /notices/."""

    name = "dashboard.notices"
    label = "notices"
    verbose_name = "Notifications"
