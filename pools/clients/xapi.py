"""One session with a pool's master, on the XenAPI SDK. A session belongs to the thread that opened it."""

from __future__ import annotations

import threading
import xmlrpc.client
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any

import XenAPI

from pools.clients.errors import (
    AnswerLost,
    BadAnswer,
    ClientError,
    LoginRefused,
    NotXenServer,
    Refused,
    SessionLost,
    without_trace,
)
from pools.clients.json_reads import JsonReads, NoJsonHere
from pools.clients.transport import OneShot
from pools.clients.trust import Trust
from pools.clients.wire import Deadline
from pools.secret import Secret

ORIGINATOR = "baton"
"""XAPI counts sessions per originator; an anonymous one shares a limit with everybody."""
LOGIN, LOCAL_LOGIN = "session.login_with_password", "session.slave_local_login_with_password"
READ_S = 30.0
LOGIN_S = 10.0
"""A wrong password makes XAPI wait five seconds before it says so."""
LOGOUT_S = 3.0
READS = ("get_", "is_", "assert_", "compute_", "local_assert", "retrieve_")
SLOW_S = {
    "host.disable": 60.0,
    "pool.recover_slaves": 300.0,
    "pool.sync_database": 300.0,
    "host.declare_dead": 120.0,
    "host.destroy": 120.0,
    "pool.set_ha_host_failures_to_tolerate": 60.0,
}
"""Seconds for synchronous calls that contact other hosts before they answer."""
EMERGENCY = frozenset(
    {
        "host.emergency_ha_disable",
        "pool.emergency_transition_to_master",
        "pool.emergency_reset_master",
    }
)
"""Calls that change something and are right on a local session (datamodel.ml:10813). Such a session skips roles and is
not forwarded to the master: any other call on it would write to the wrong database, or hang."""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """How to reach a pool: known members (the likely master first), who we are there, and whom to believe."""

    addresses: tuple[str, ...]
    port: int
    user: str
    password: Secret
    trust: Trust


@dataclass(frozen=True, slots=True)
class TaskState:
    """How an XAPI task stands. `state`: pending, success, failure or gone (the master restarted, or it was swept
    away). `progress` is 0..1; `error` is the code and its parameters; `result` is XAPI's XML fragment."""

    state: str
    progress: float = 0.0
    error: tuple[str, ...] = ()
    result: str = ""


class Xapi:
    """A logged-in session. Every call is sent once; one that changes something is never sent again."""

    def __init__(self, endpoint: Endpoint, address: str, deadline: Deadline, read_s: float) -> None:
        self.address, self.trust = address, endpoint.trust
        self._endpoint, self._read_s = endpoint, read_s
        self._transport = OneShot(address, endpoint.port, endpoint.trust, deadline, read_s)
        url = f"{endpoint.trust.scheme}://{self._transport.place}"
        self._sdk = XenAPI.Session(url, transport=self._transport)
        self._thread = threading.get_ident()
        self._json = JsonReads(self._transport)

    def login(self) -> None:
        """Open the session. Raises LoginRefused, Refused (HOST_IS_SLAVE with the master's address) and the wire's."""
        who = self._endpoint
        try:
            self._send(LOGIN, (who.user, who.password, "1.0", ORIGINATOR), LOGIN_S)
        except Refused as no:
            if no.code == "SESSION_AUTHENTICATION_FAILED":
                raise LoginRefused(self._transport.place, who.user) from None
            raise

    @contextmanager
    def local(self) -> Iterator[None]:
        """Instead of `login`: a session with this very host, which members and hosts in emergency mode give too.
        For reads and emergency calls only: such a session is bound to no role and to no master."""
        who = self._endpoint
        self._send(LOCAL_LOGIN, (who.user, who.password), LOGIN_S)
        try:
            yield
        finally:
            with suppress(ClientError):
                self._send("session.local_logout", (), LOGOUT_S)
            self._sdk._session = None

    def urgent(self, call: str, *args: Any) -> Any:
        """Send an emergency call to this very host, on a local session of its own. Raises ValueError for any other."""
        if call not in EMERGENCY:
            raise ValueError(f"{call} is no emergency call: it has no place on a local session")
        with self.local():
            return self._send(call, args, self._read_s, changing=True)

    def call(self, call: str, *args: Any) -> Any:
        """Send a synchronous call and return its value. A read is repeated once when the session has ended."""
        seconds = SLOW_S.get(call, self._read_s)
        if changes(call):
            return self._send(call, args, max(seconds, self._read_s), changing=True)
        try:
            return self._read(call, args, seconds)
        except SessionLost:
            self.login()
            return self._read(call, args, seconds)

    def brief(self, seconds: float, call: str, *args: Any) -> Any:
        """A read that is worth no more than so many seconds; it is not repeated."""
        return self._read(call, args, seconds)

    def start(self, call: str, *args: Any) -> str:
        """Send `Async.<call>` and return the task's ref. Raises AnswerLost when it may have been started."""
        return str(self._send(f"Async.{call}", args, self._read_s, changing=True))

    def task(self, ref: str) -> TaskState:
        """How a task stands."""
        try:
            record = self.call("task.get_record", ref)
        except Refused as no:
            if no.code == "HANDLE_INVALID":
                return TaskState("gone")
            raise
        return task_state(record)

    def close(self) -> None:
        """Log out, however it goes: XAPI forgets a session after a day by itself."""
        if self._sdk.handle:
            with suppress(ClientError):
                self._send("session.logout", (), LOGOUT_S)
        self._transport.close()

    def _read(self, call: str, args: tuple[Any, ...], seconds: float) -> Any:
        """By JSON-RPC where the host has it, which costs a small part of XML's time; else as everything is sent."""
        if self._json.offered and threading.get_ident() == self._thread:
            self._transport.changing = ""
            self._transport.allow(seconds)
            with suppress(NoJsonHere):
                return self._json.call(call, self._sdk.handle, args)
        return self._send(call, args, seconds)

    def _send(self, call: str, args: tuple[Any, ...], seconds: float, *, changing: bool = False) -> Any:
        if threading.get_ident() != self._thread:
            raise RuntimeError("an XAPI session belongs to the thread that opened it")
        self._transport.changing = call if changing else ""
        self._transport.allow(seconds)
        problem: ClientError
        try:
            return self._through_sdk(call, args)
        except ClientError as error:
            problem = error
        except XenAPI.Failure as failure:
            problem = self._refusal(failure)
        except xmlrpc.client.Fault as fault:
            # The SDK's own words for SESSION_INVALID, when it must not log in again by itself.
            lost = fault.faultCode == 401
            says = str(fault.faultString)
            problem = SessionLost(self._transport.place) if lost else self._odd(call, says, changing)
        except (TypeError, LookupError):
            problem = self._odd(call, "not a struct with a Status", changing)
        # No traceback may lead to the SDK's frames, which hold the password in clear.
        raise without_trace(problem)

    def _through_sdk(self, call: str, args: tuple[Any, ...]) -> Any:
        args = tuple(arg.reveal() if isinstance(arg, Secret) else arg for arg in args)
        if call == "session.logout":
            return getattr(self._sdk, call)(self._sdk.handle)
        if call not in (LOGIN, LOCAL_LOGIN):
            return self._sdk.xenapi_request(call, args)
        getattr(self._sdk, call.removeprefix("session."))(*args)
        # The SDK keeps the password and logs in again by itself; it shall do neither.
        self._sdk.last_login_method = self._sdk.last_login_params = None
        return None

    def _refusal(self, failure: XenAPI.Failure) -> ClientError:
        code, *params = [str(part) for part in failure.details] or ["INTERNAL_ERROR"]
        return Refused("XenServer", code, *params)

    def _odd(self, call: str, saw: str, changing: bool) -> ClientError:
        """Whoever answers nonsense has had the call: one that changes something may have been carried out."""
        if call == LOGIN:
            return NotXenServer(self._transport.place, saw)
        odd = BadAnswer(self._transport.place, saw)
        return AnswerLost(call, odd.says) if changing else odd


def changes(call: str) -> bool:
    """Whether a call may change something; what is not known to be harmless does."""
    return not call.rpartition(".")[2].startswith(READS)


def task_state(record: dict[str, Any]) -> TaskState:
    """A task's record in our words."""
    status = str(record.get("status", ""))
    state = {"success": "success", "failure": "failure", "cancelled": "failure"}.get(status, "pending")
    error = tuple(str(part) for part in record.get("error_info") or ())
    if status == "cancelled" and not error:
        error = ("TASK_CANCELLED",)
    return TaskState(state, float(record.get("progress") or 0.0), error, str(record.get("result") or ""))
