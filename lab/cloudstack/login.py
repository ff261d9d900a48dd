"""Sessions of people: login and logout, and the two halves by which a later request proves its session (ApiServlet).

Programs use keys; this is what the web pages of CloudStack do.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from http.cookies import CookieError, SimpleCookie
from typing import TYPE_CHECKING

from lab.calls import masked
from lab.cloudstack.envelope import Reply, error_body, reply
from lab.cloudstack.errors import ACCOUNT_ERROR, PERMISSION_DENIED, ApiError

if TYPE_CHECKING:
    from lab.cloudstack.model import User
    from lab.cloudstack.state import CloudStack

TIMEOUT = 1800
"""Seconds of idleness after which a session ends."""
COMMANDS = ("login", "logout")


@dataclass(eq=False)
class Session:
    """``key`` must come beside the cookie; ``seen`` is by the management server's clock."""

    user: User
    key: str
    seen: float


def answer(cloud: CloudStack, params: Mapping[str, str], cookies: str) -> Reply:
    """The reply to login or logout."""
    folded = {name.lower(): value for name, value in params.items()}
    as_json = folded.get("response", "").lower() == "json"
    name = folded["command"]
    call = cloud.world.calls.record(cloud.now(), "cloudstack", "cloudstack", name, masked(dict(params)))
    made = _log_out(cloud, cookies, as_json) if name.lower() == "logout" else _log_in(cloud, folded, as_json)
    call.outcome = "ok" if made.status == 200 else str(made.status)
    return made


def _log_out(cloud: CloudStack, cookies: str, as_json: bool) -> Reply:
    cloud.sessions.pop(_session_id(cookies), None)
    return reply("logoutresponse", {"description": "success"}, as_json=as_json)


def _log_in(cloud: CloudStack, folded: Mapping[str, str], as_json: bool) -> Reply:
    name, password = folded.get("username", ""), folded.get("password", "")
    user = next((u for u in cloud.users if u.name == name and u.password == password), None)
    if user is None:
        text = f"Failed to authenticate user {name} in domain 1; please provide valid credentials"
        error = ApiError(ACCOUNT_ERROR, text, PERMISSION_DENIED)
        return reply("loginresponse", error_body(error), as_json=as_json, error=error)
    return _let_in(cloud, user, as_json)


def _let_in(cloud: CloudStack, user: User, as_json: bool) -> Reply:
    session_id, session = secrets.token_hex(16), Session(user, secrets.token_urlsafe(20), cloud.wall_time())
    cloud.sessions[session_id] = session
    told = {
        "username": user.name,
        "userid": user.id,
        "domainid": cloud.domain_id,
        "timeout": TIMEOUT,
        "account": user.name,
        "firstname": user.name,
        "lastname": "cloud",
        "type": "1" if user.is_admin else "0",
        "timezone": "Etc/UTC",
        "timezoneoffset": "0.0",
        "registered": "false",
        "sessionkey": session.key,
    }
    made = reply("loginresponse", told, as_json=as_json)
    # Two headers of one name in what becomes a dict: names are the same in any case.
    cookies = (
        ("Set-Cookie", f"JSESSIONID={session_id}; Path=/client; HttpOnly"),
        ("set-cookie", f"sessionkey={session.key}; Path=/client; HttpOnly; SameSite=Lax"),
    )
    return Reply(made.status, (*made.headers, *cookies), made.body)


def user_of(cloud: CloudStack, params: Mapping[str, str], cookies: str) -> User | None:
    """Whose session the request belongs to: the cookie names it and ``sessionkey`` proves it; None otherwise."""
    session = cloud.sessions.get(_session_id(cookies))
    key = next((value for name, value in params.items() if name.lower() == "sessionkey"), "")
    now = cloud.wall_time()
    if session is None or not secrets.compare_digest(session.key.encode(), key.encode()):
        return None
    if now - session.seen > TIMEOUT:
        return None
    session.seen = now
    return session.user


def _session_id(cookies: str) -> str:
    try:
        found = SimpleCookie(cookies).get("JSESSIONID")
    except CookieError:
        return ""
    return found.value if found is not None else ""
