"""``python -m deploy.demo`` (which ``make demo`` calls): the whole console beside a lab, under one supervisor.

PORT (8000), DATA_DIR (var/), SCENARIO (estate) and SPEED (of the lab's time) come from the environment.
"""

from __future__ import annotations

import logging
import os
import secrets
import signal
import subprocess
import sys
from logging.handlers import RotatingFileHandler
from pathlib import Path

from deploy.lock import hold, release
from deploy.ports import Ports
from deploy.refusal import Refusal
from deploy.scenario import switch

ROOT = Path(__file__).resolve().parent.parent


def main() -> None:
    """Start; whatever prevents it is one sentence and exit code 1."""
    os.umask(0o077)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    try:
        run()
    except Refusal as reason:
        sys.exit(f"baton: {reason}.")
    except ModuleNotFoundError as missing:
        sys.exit(
            f"baton: the module {missing.name} is missing; `make clean demo` installs requirements.txt afresh."
        )
    except KeyboardInterrupt:
        sys.exit(130)


def run() -> None:
    """Check, prepare, supervise until Ctrl-C or SIGTERM."""
    from django.core.exceptions import ImproperlyConfigured

    from dashboard.env import env

    try:
        data_dir = env.folder("DATA_DIR", ROOT / "var")
        ports = Ports(env.number("PORT", 8000, minimum=1024, maximum=65532, unit="ports"))
        speed = env.number("SPEED", 10, minimum=1, maximum=10_000, unit="times real time")
        own_broker, own_database = not env.text("REDIS_URL"), not env.text("DATABASE_URL")
        scenario = env.text("SCENARIO", "estate")
    except ImproperlyConfigured as nonsense:
        raise Refusal(str(nonsense).rstrip(".")) from None
    handle, notice = hold(data_dir / "demo.lock")
    if notice:
        print(f"baton: {notice}", flush=True)
    try:
        ports.check()
        make_secret(data_dir / "secret_key")
        if notice := switch(data_dir, scenario, own_database):
            print(f"baton: {notice}", flush=True)
        supervise(ports, data_dir, scenario, str(speed), own_broker)
    finally:
        release(handle)


def make_secret(file: Path) -> None:
    """The demo's SECRET_KEY, made once; nobody else may read it."""
    if not file.exists():
        with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as handle:
            handle.write(secrets.token_urlsafe(48))


def supervise(ports: Ports, data_dir: Path, scenario: str, speed: str, own_broker: bool) -> None:
    """Prepare the database and the static files, then run every process until told to stop."""
    from deploy.house import House

    environment = {**os.environ, "DATA_DIR": str(data_dir), "PORT": str(ports.web), "SCENARIO": scenario}
    environment["PYTHONUNBUFFERED"] = "1"
    prepare = [
        sys.executable,
        "-m",
        "deploy.tether",
        str(os.getpid()),
        sys.executable,
        "-m",
        "deploy.prepare",
    ]
    if subprocess.run(prepare, cwd=ROOT, env=environment, check=False).returncode:
        raise Refusal("the preparation failed, for the reason above")
    keep_own_log(data_dir / "log")
    House(ports, data_dir, scenario, speed, own_broker, environment).arbiter().start()
    print("baton: stopped.", flush=True)


def keep_own_log(folder: Path) -> None:
    """The supervisor's own words go to a file: the terminal is for people."""
    folder.mkdir(exist_ok=True)
    file = RotatingFileHandler(folder / "supervisor.log", maxBytes=5_000_000, backupCount=3)
    logging.basicConfig(
        handlers=[file], level=logging.INFO, force=True, format="{asctime} {levelname} {message}", style="{"
    )


if __name__ == "__main__":
    main()
