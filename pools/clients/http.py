"""Requests over sockets of ours: trusted before a byte is sent, bounded in time and size, nothing sent twice."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool
from urllib3.connection import HTTPConnection

from pools.clients.trust import Trust
from pools.clients.wire import Deadline, connect

CHUNK = 64 * 1024


class Unfit(Exception):
    """A reply that is not read to its end; says why."""


class Wire:
    """What the connections of one session share. `read_s` may be changed before each request."""

    def __init__(self, trust: Trust, deadline: Deadline, read_s: float) -> None:
        self.trust, self.deadline, self.read_s = trust, deadline, read_s


class _Adapter(HTTPAdapter):
    """Makes `requests` use `wire.connect`, for http and https alike."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire
        super().__init__(max_retries=0)

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        pool = _pool_class(self._wire)
        self.poolmanager.pool_classes_by_scheme = {"http": pool, "https": pool}


def _pool_class(wire: Wire) -> type[HTTPConnectionPool]:
    class Connection(HTTPConnection):
        is_verified = True  # by wire.connect

        def __init__(self, host: str, port: int | None = None, **_: Any) -> None:
            super().__init__(host, port)

        def connect(self) -> None:
            self.sock = connect(self.host, self.port, wire.trust, wire.deadline, wire.read_s)

    class Pool(HTTPConnectionPool):
        ConnectionCls = Connection

    return Pool


def session(wire: Wire) -> requests.Session:
    """A session that follows no environment: no proxy and no .netrc may see or change what is signed."""
    http = requests.Session()
    http.trust_env = False
    # A packed reply of a megabyte may hold a gigabyte.
    http.headers["Accept-Encoding"] = "identity"
    adapter = _Adapter(wire)
    http.mount("http://", adapter)
    http.mount("https://", adapter)
    return http


def body(response: requests.Response, at_most: int, grown: Callable[[int], None]) -> bytes:
    """The reply's body of so many bytes at most; `grown` is told how many there are by now. Raises Unfit, what `grown`
    raises, or what `requests` raises."""
    if response.headers.get("Content-Encoding", "identity").lower() != "identity":
        raise Unfit("packed, which nobody asked for")
    read = bytearray()
    for chunk in response.iter_content(CHUNK):
        read += chunk
        if len(read) > at_most:
            raise Unfit(f"larger than {at_most // 2**20} MB")
        grown(len(read))
    return bytes(read)
