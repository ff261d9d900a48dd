"""The Celery application. Queues: ``watch`` (many short polls), ``runs`` (few, precious), ``notices``
(messages to people, which may take seconds each)."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "dashboard.settings")

app = Celery("baton")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
