"""The processes of a demo, as watchers of circus, which restarts what dies and stops all together."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from circus.watcher import Watcher

from deploy.ports import Ports
from deploy.signals import Supervisor

GRACE_S = 8.0
# Between two starts, so that the first of them, which people wait for, are not slowed down by the last.
BREATH_S = 0.3
TELL_EVERY_S = 60.0
LOG_BYTES = 5_000_000
LOGS_KEPT = 3
ROOT = Path(__file__).resolve().parent.parent
# Told to end, or ended by the supervisor after its grace: nothing to report.
EXPECTED_EXITS = {0, -signal.SIGTERM, -signal.SIGINT}


@dataclass(frozen=True)
class Part:
    """One process: its name, the words after ``python``, and whether to start it again when it ends."""

    name: str
    words: list[str]
    lasting: bool = True
    speaks: bool = False
    """Writes to the terminal rather than to a log."""


@dataclass(frozen=True)
class House:
    """What a demo runs, and where."""

    ports: Ports
    data_dir: Path
    scenario: str
    speed: str
    own_broker: bool
    env: Mapping[str, str] = field(repr=False)

    def parts(self) -> list[Part]:
        """Every process, in the order in which they start."""
        broker = [Part("broker", ["-m", "dashboard.broker"])] if self.own_broker else []
        return [
            *broker,
            Part("lab", ["-m", "lab", *self._lab()]),
            Part("web", ["-m", "uvicorn", "dashboard.asgi:application", *self._web()]),
            Part("welcome", ["-m", "deploy.welcome"], lasting=False, speaks=True),
            Part(
                "watch",
                self._celery("worker", "-n", "watch@%h", "-Q", "watch,notices", "-P", "threads", "-c", "32"),
            ),
            Part("runs", self._celery("worker", "-n", "runs@%h", "-Q", "runs", "-P", "prefork", "-c", "2")),
            Part("beat", self._celery("beat", "--pidfile", "")),
        ]

    def _celery(self, *words: str) -> list[str]:
        celery = [sys.executable, "-m", "celery", "-A", "dashboard", *words, "--loglevel", "INFO"]
        return ["-m", "deploy.after", str(self.ports.web), *celery]

    def _lab(self) -> list[str]:
        lab = ["--scenario", self.scenario, "--port", str(self.ports.xapi), "--speed", self.speed]
        return [*lab, "--held", "--data", str(self.data_dir / "lab")]

    def _web(self) -> list[str]:
        listen = ["--host", "127.0.0.1", "--port", str(self.ports.web)]
        return [*listen, "--no-access-log", "--timeout-graceful-shutdown", "3", "--lifespan", "off"]

    def arbiter(self) -> Supervisor:
        """The supervisor, ready to start; nobody but this process can control it."""
        logs = self.data_dir / "log"
        logs.mkdir(exist_ok=True)
        watchers = [self._watcher(part, logs) for part in self.parts()]
        endpoints = [f"inproc://{name}" for name in ("control", "events")]
        return Supervisor(watchers, *endpoints, check_delay=1.0, warmup_delay=BREATH_S)

    def _watcher(self, part: Part, logs: Path) -> Watcher:
        stream = {
            "class": "FileStream",
            "filename": str(logs / f"{part.name}.log"),
            "max_bytes": LOG_BYTES,
            "backup_count": LOGS_KEPT,
        }
        return Watcher(
            part.name,
            sys.executable,
            args=["-m", "deploy.tether", str(os.getpid()), sys.executable, *part.words],
            working_dir=str(ROOT),
            env=dict(self.env),
            respawn=part.lasting,
            max_retry=-1,
            graceful_timeout=GRACE_S,
            close_child_stdin=True,
            stdout_stream=None if part.speaks else stream,
            stderr_stream=None if part.speaks else stream,
            hooks={"after_reap": (tell_of_death, True)},
        )


_last_told: dict[str, float] = {}


def tell_of_death(watcher: Watcher, exit_code: int, **_more: Any) -> bool:
    """Say on the terminal that a process died by itself, and where its last words are."""
    if watcher.is_stopping() or watcher.is_stopped() or not watcher.respawn or exit_code in EXPECTED_EXITS:
        return True
    # What cannot even start dies every second: once a minute is enough to read.
    now = time.monotonic()
    if now - _last_told.get(watcher.name, -TELL_EVERY_S) < TELL_EVERY_S:
        return True
    _last_told[watcher.name] = now
    log = watcher.stdout_stream_conf["filename"]
    print(f"baton: {watcher.name} died ({_cause(exit_code)}) and is started again; see {log}", flush=True)
    return True


def _cause(exit_code: int) -> str:
    return f"exit {exit_code}" if exit_code >= 0 else f"signal {signal.Signals(-exit_code).name}"
