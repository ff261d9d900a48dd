"""The Celery application. Queues: ``watch`` (many short polls), ``runs`` (few, precious), ``notices``
(messages to people, which may take seconds each)."""

import os
import sys
from typing import Any

from celery import Celery
from celery.signals import task_postrun, task_prerun
from django.db import close_old_connections

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "dashboard.settings")

app = Celery("baton")
app.config_from_object("django.conf:settings", namespace="CELERY")
# By itself Celery closes every connection around each task, whatever CONN_MAX_AGE says; opening an SQLite file takes
# longer than most ticks. Instead it is as around a request: what is broken or too old is closed.
app.conf.CELERY_DB_REUSE_MAX = sys.maxsize
app.autodiscover_tasks()


@task_prerun.connect
@task_postrun.connect
def _close_what_is_old(**_: Any) -> None:
    close_old_connections()
