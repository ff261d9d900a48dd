"""What is asked of a real pool and a real CloudStack: a login, lists, a logout, and nothing else."""

from __future__ import annotations

import hashlib
import http.client
import json
import ssl
import xmlrpc.client
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode, urlsplit

from lab.cloudstack.signing import signature

CLASSES = ("pool", "host", "host_metrics", "VM", "VBD", "VDI", "SR", "PBD", "SM", "network", "PIF")
SECONDS = 60.0
PAGE = 500
Records = dict[str, dict[str, Any]]


class CannotRecord(Exception):
    """It cannot be done; the text says why and what to do."""


@dataclass
class Captain:
    """A pool's master: where it is, and how it is known: SHA-256 of the certificates it may show, in lower-case hex."""

    address: str
    user: str
    password: str
    fingerprints: tuple[str, ...] = ()
    port: int = 443
    plain: bool = False

    def records(self) -> dict[str, Records]:
        """All records of the classes a world is made of; classes that the release does not have are empty."""
        server = xmlrpc.client.ServerProxy(self._url(), transport=self._transport(), allow_none=True)
        try:
            login: Any = server.session.login_with_password
            session = self._value(login(self.user, self.password, "1.0", "lab record"))
            try:
                return {name: self._all(server, session, name) for name in CLASSES}
            finally:
                server.session.logout(session)
        except (OSError, http.client.HTTPException, xmlrpc.client.Error) as problem:
            raise CannotRecord(f"{self.address} does not answer as XAPI does: {problem}.") from problem

    def _all(self, server: xmlrpc.client.ServerProxy, session: str, name: str) -> Records:
        answer = getattr(server, name).get_all_records(session)
        if answer.get("ErrorDescription", [""])[0] in ("MESSAGE_METHOD_UNKNOWN", "MESSAGE_REMOVED"):
            return {}
        return dict(self._value(answer))

    def _value(self, answer: dict[str, Any]) -> Any:
        if answer.get("Status") == "Success":
            return answer["Value"]
        said: list[str] = answer.get("ErrorDescription", [])
        code, *words = [*said, ""]
        if code == "HOST_IS_SLAVE":
            raise CannotRecord(f"{self.address} is a member of its pool: record from its master, {words[0]}.")
        if code == "SESSION_AUTHENTICATION_FAILED":
            raise CannotRecord(f"{self.address} does not know that user and password.")
        raise CannotRecord(f"{self.address} refuses: {' '.join([code, *words]).strip()}.")

    def _url(self) -> str:
        return f"{'http' if self.plain else 'https'}://{self.address}:{self.port}/"

    def _transport(self) -> xmlrpc.client.Transport:
        if self.plain:
            return xmlrpc.client.Transport()
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE  # pinned instead, before anything is said
        return _Pinned(self, context)


class _Pinned(xmlrpc.client.SafeTransport):
    """Says nothing, and no password, to a host that shows another certificate than it should."""

    def __init__(self, captain: Captain, context: ssl.SSLContext) -> None:
        super().__init__(context=context)
        self._captain = captain

    def make_connection(self, host: Any) -> http.client.HTTPSConnection:
        connection = super().make_connection(host)
        if connection.sock is None:
            connection.timeout = SECONDS
            connection.connect()
            self._compare(connection.sock)
        return connection

    def _compare(self, sock: Any) -> None:
        seen = hashlib.sha256(sock.getpeercert(binary_form=True)).hexdigest()
        if seen in self._captain.fingerprints:
            return
        where = self._captain.address
        if not self._captain.fingerprints:
            raise CannotRecord(
                f"{where} shows a certificate with the fingerprint {seen}: if that is right, say --fingerprint {seen}."
            )
        raise CannotRecord(f"{where} shows another certificate than it should: its fingerprint is {seen}.")


@dataclass
class Station:
    """A CloudStack API, and the keys of somebody who may read hosts and clusters."""

    url: str
    api_key: str
    secret_key: str
    _words: dict[str, str] = field(default_factory=lambda: {"response": "json", "pagesize": str(PAGE)})

    def lists(self) -> dict[str, list[dict[str, Any]]]:
        """Hosts, clusters and capabilities."""
        capability = self._ask("listCapabilities", {})["capability"]
        return {
            "hosts": self._pages("listHosts", "host", type="Routing"),
            "clusters": self._pages("listClusters", "cluster"),
            "capabilities": [capability],
        }

    def _pages(self, command: str, key: str, **options: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        for page in range(1, 1000):
            answer = self._ask(command, {**options, **self._words, "page": str(page)})
            found += answer.get(key, [])
            if len(answer.get(key, [])) < PAGE:
                break
        return found

    def _ask(self, command: str, options: dict[str, str]) -> dict[str, Any]:
        params = {"command": command, "apiKey": self.api_key, "response": "json", **options}
        params["signature"] = signature(params, self.secret_key)
        place = urlsplit(self.url)
        kind = http.client.HTTPSConnection if place.scheme == "https" else http.client.HTTPConnection
        connection = kind(place.hostname or "", place.port, timeout=SECONDS)
        try:
            connection.request("GET", f"{place.path}?{urlencode(params)}")
            answer = connection.getresponse()
            body = json.loads(answer.read())
        except (OSError, ValueError, http.client.HTTPException) as problem:
            raise CannotRecord(f"{self.url} does not answer as CloudStack does: {problem}.") from problem
        finally:
            connection.close()
        inner = dict(next(iter(body.values()), {})) if isinstance(body, dict) else {}
        if answer.status != 200:
            raise CannotRecord(f"CloudStack refuses {command}: {inner.get('errortext', answer.status)}.")
        return inner
