"""Finding a pool's master: a member names it, and is believed; when it is silent the other members are asked."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from pools.clients.certificates import is_vouched_for
from pools.clients.errors import ClientError, LoginRefused, Refused, TlsUntrusted
from pools.clients.wire import Deadline
from pools.clients.xapi import READ_S, Endpoint, Xapi


@contextmanager
def open_session(
    endpoint: Endpoint, *, deadline: Deadline | None = None, read_s: float = READ_S
) -> Iterator[Xapi]:
    """A session with the master, logged out at the end. Raises the errors of pools/clients/errors.py: the named
    master's own one, if it is known who that is."""
    xapi = _Search(endpoint, deadline or Deadline(), read_s).run()
    try:
        yield xapi
    finally:
        xapi.close()


class _Search:
    """One round through the known addresses, and those that members name."""

    def __init__(self, endpoint: Endpoint, deadline: Deadline, read_s: float) -> None:
        self._endpoint, self._deadline, self._read_s = endpoint, deadline, read_s
        self._waiting = list(endpoint.addresses)
        self._troubles: dict[str, ClientError] = {}
        self._named = self._named_by = ""

    def run(self) -> Xapi:
        """The session that was let in."""
        while self._waiting:
            address = self._waiting.pop(0)
            if address not in self._troubles and (xapi := self._try(address)):
                return xapi
        raise self._troubles.get(self._named) or next(iter(self._troubles.values()))

    def _try(self, address: str) -> Xapi | None:
        xapi = self._at(address)
        try:
            xapi.login()
            return xapi
        except LoginRefused:
            raise  # it is the same password everywhere, and each try costs five seconds and an alert
        except TlsUntrusted as error:
            if address == self._named and self._believes(address, error.fingerprint):
                return self._try(address)
            self._troubles[address] = error
        except ClientError as error:
            self._troubles[address] = error
            self._follow(address, error)
        xapi.close()
        return None

    def _at(self, address: str) -> Xapi:
        return Xapi(self._endpoint, address, self._deadline, self._read_s)

    def _follow(self, address: str, error: ClientError) -> None:
        if isinstance(error, Refused) and error.code == "HOST_IS_SLAVE" and error.params:
            self._named, self._named_by = error.params[0], address
            self._waiting.insert(0, self._named)

    def _believes(self, address: str, fingerprint: str) -> bool:
        """The master's certificate may be new to us; the member that named it knows it, and is trusted itself."""
        member = self._at(self._named_by)
        try:
            if not self._endpoint.trust.pins or not is_vouched_for(member, address, fingerprint):
                return False
        finally:
            member.close()
        self._endpoint = replace(self._endpoint, trust=self._endpoint.trust.also(fingerprint))
        return True
