"""XML-RPC for the XenAPI SDK, and plain posts, over a connection of our own: a request is sent once and never again
by itself.

The standard transport sends a request again when the connection breaks, which could reboot a host twice.
"""

from __future__ import annotations

import http.client
import xmlrpc.client
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, TypeVar

from pools.clients.errors import (
    AnswerLost,
    BadAnswer,
    ClientError,
    NotXenServer,
    TimedOut,
    Unreachable,
    Withheld,
)
from pools.clients.large import Share
from pools.clients.trust import Trust
from pools.clients.wire import MAX_REPLY, Connection, Deadline, place_of

CHUNK = 64 * 1024
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Reply:
    """An HTTP answer as it came."""

    status: int
    content_type: str
    body: bytes


class OneShot(xmlrpc.client.Transport):
    """Speaks to one address. Set `changing` before a call that changes something: it goes over a fresh connection,
    since one that idles may be closed unnoticed, and a lost answer to it is `AnswerLost`."""

    accept_gzip_encoding = False

    def __init__(self, host: str, port: int, trust: Trust, deadline: Deadline, read_s: float) -> None:
        super().__init__()
        self._address, self._port, self._trust, self._deadline = host, port, trust, deadline
        self.place = place_of(host, port)
        self.read_s = read_s
        self.changing = ""
        self._spoken = False
        self._open: Connection | None = None
        self.share = Share()

    def request(self, host: Any, handler: str, request_body: Any, verbose: bool = False) -> Any:
        """Send once. Raises the errors of pools/clients/errors.py."""
        try:
            return self._once(lambda: self.single_request(host, handler, request_body, verbose))
        finally:
            self.share.settled()

    def post(self, path: str, body: bytes, content_type: str) -> Reply:
        """Send once what is no XML-RPC. Raises like `request`, but takes any HTTP status for an answer. The caller says
        to `share` when it has understood it."""
        return self._once(lambda: self._post(path, body, content_type))

    def _post(self, path: str, body: bytes, content_type: str) -> Reply:
        connection = self.make_connection(self._address)
        connection.request("POST", path, body, {"Content-Type": content_type, "User-Agent": self.user_agent})
        response = connection.getresponse()
        whole = b"".join(self._chunks(response))
        return Reply(response.status, response.headers.get_content_type(), whole)

    def _once(self, send: Callable[[], T]) -> T:
        connection = self._ready()
        if connection.sock is None:
            connection.connect()
        # From here on the captain may have understood us.
        problem: ClientError
        try:
            answer = send()
            self._spoken = True
            return answer
        except Withheld:
            self.close()
            raise
        except TimeoutError:
            problem = TimedOut("read", self.place, self.read_s)
        except (OSError, http.client.RemoteDisconnected):
            problem = Unreachable("cut", self.place)
        except xmlrpc.client.ProtocolError as error:
            problem = self._odd(f"it answers HTTP {error.errcode}")
        except http.client.HTTPException as error:
            problem = self._odd(f"it does not speak HTTP: {type(error).__name__}")
        except BadAnswer as error:
            problem = error
        except Exception as error:  # expat's, and whatever the unmarshaller meets in garbage
            problem = self._odd(f"its answer is not XML-RPC: {type(error).__name__}")
        self.close()
        raise AnswerLost(self.changing, problem.says) if self.changing else problem

    def allow(self, seconds: float) -> None:
        """How long the next reply may take, as a whole."""
        self.read_s = seconds
        if self._open is not None:
            self._open.allow(seconds)

    def make_connection(self, host: Any) -> Connection:
        """The connection in use, or a new one that is not yet connected."""
        if self._open is None:
            self._open = Connection(self._address, self._port, self._trust, self._deadline, self.read_s)
        return self._open

    def close(self) -> None:
        """Drop the connection; the next request makes a new one."""
        if self._open is not None:
            self._open.close()
            self._open = None

    def parse_response(self, response: http.client.HTTPResponse) -> Any:
        """Reads a reply that may not be larger than MAX_REPLY."""
        parser, unmarshaller = self.getparser()
        # No XAPI declares a document type, and one that does may have entities that grow without end.
        parser._parser.StartDoctypeDeclHandler = self._refuse_doctype  # type: ignore[attr-defined]  # the standard library keeps it there
        for chunk in self._chunks(response):
            parser.feed(chunk)
        parser.close()
        return unmarshaller.close()

    def _refuse_doctype(self, *_: Any) -> None:
        raise BadAnswer(self.place, "it declares a document type")

    def _chunks(self, response: http.client.HTTPResponse) -> Iterator[bytes]:
        size = 0
        while chunk := response.read1(CHUNK):
            size += len(chunk)
            if size > MAX_REPLY:
                raise BadAnswer(self.place, f"larger than {MAX_REPLY // 2**20} MB")
            self.share.grown(size, self._deadline.left(self.read_s))
            yield chunk
        response.close()  # read to its end: the connection is free again

    def _ready(self) -> Connection:
        connection = self.make_connection(self._address)
        if connection.sock is not None and (self.changing or connection.stale):
            self.close()
            connection = self.make_connection(self._address)
        return connection

    def _odd(self, saw: str) -> ClientError:
        """Who spoke XAPI before is in trouble; who never did is something else."""
        return BadAnswer(self.place, saw) if self._spoken else NotXenServer(self.place, saw)
