"""A house for benches: settings and tables in a folder of its own, a broker, beat, and a worker that can be killed."""

from __future__ import annotations

import os
import secrets
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
WORKER = ("worker", "--queues", "runs", "--pool", "prefork", "--concurrency", "2", "--loglevel", "ERROR")
SUPERVISOR_S = 1.0
"""After so long the units of deploy/systemd, and the demo's supervisor, start again what has died."""


class Workers:
    """The broker, beat, and a worker that can be killed."""

    def __init__(self, words: Sequence[str] = WORKER) -> None:
        self._words = words
        self._all: list[subprocess.Popen[bytes]] = []
        try:
            self._all.append(self._start("-m", "dashboard.broker"))
            self._all.append(self._celery("beat", "--loglevel", "ERROR", "--pidfile", ""))
            self._all.append(self._celery(*self._words))
        except BaseException:
            self.stop()
            raise

    @property
    def pid(self) -> int:
        """Of the worker that runs now."""
        return self._all[-1].pid

    def kill_whole(self, _name: str) -> None:
        """kill -9 of the worker with its children, and a new one in its place when the supervisor would start it."""
        worker = self._all.pop()
        os.killpg(worker.pid, signal.SIGKILL)
        worker.wait()
        time.sleep(SUPERVISOR_S)  # what a supervisor takes to notice
        self._all.append(self._celery(*self._words))

    def kill_child(self, name: str) -> None:
        """kill -9 of the one process that calls itself `host:pid` in the run's row; its parent makes another."""
        os.kill(int(name.rpartition(":")[2]), signal.SIGKILL)

    def stop(self) -> None:
        """The broker last: without it the others would complain at length."""
        for process in reversed(self._all):
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()

    def _celery(self, *words: str) -> subprocess.Popen[bytes]:
        return self._start("-m", "celery", "--app", "dashboard", *words)

    def _start(self, *words: str) -> subprocess.Popen[bytes]:
        # None outlives a bench that is killed.
        tethered = (sys.executable, "-m", "deploy.tether", str(os.getpid()))
        return subprocess.Popen([*tethered, sys.executable, *words], cwd=ROOT, start_new_session=True)


@contextmanager
def processes(words: Sequence[str] = WORKER) -> Iterator[Workers]:
    """All of them, killed at the end; `words` say what worker it is."""
    running = Workers(words)
    try:
        yield running
    finally:
        running.stop()


def settle_in(folder: str) -> None:
    """Settings, tables and ada, who may do everything."""
    os.environ |= {
        "DJANGO_SETTINGS_MODULE": "dashboard.settings",
        "DATA_DIR": folder,
        "LOG_LEVEL": "ERROR",
        "SECRET_KEY": secrets.token_urlsafe(48),
    }
    for name in ("DATABASE_URL", "REDIS_URL"):
        os.environ.pop(name, None)
    import django

    django.setup()
    from django.contrib.auth.models import User
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    call_command("collectstatic", interactive=False, verbosity=0)
    User.objects.create_superuser("ada")
