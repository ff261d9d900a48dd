"""The Django project, and what spans every room: people, overview, live stream, settings."""

from dashboard.celery import app as celery_app

__all__ = ["celery_app"]
