"""Who is asking, and whether they may: signature, role, rate (ApiServer.verifyRequest,
checkCommandAvailable)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from lab.cloudstack.errors import (
    BAD_REQUEST,
    NO_CAUSE,
    PARAM_ERROR,
    RATE_LIMITED,
    UNAUTHORIZED,
    UNSUPPORTED,
    ApiError,
    unauthorized,
)
from lab.cloudstack.registry import COMMANDS, Command, missing_parameter
from lab.cloudstack.signing import is_genuine

if TYPE_CHECKING:
    from lab.cloudstack.api import Exchange
    from lab.cloudstack.model import User
    from lab.cloudstack.state import CloudStack

Params = Mapping[str, str]
NON_PRINTABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
LATEST_EXPIRY = 900.0
"""Seconds that a signature may live where the server enforces that."""


def known_command(cloud: CloudStack, params: Params) -> Command | None:
    """The command the request names, case-sensitively; None when this version has none of that name."""
    command = COMMANDS.get(_folded(params).get("command", ""))
    return command if command is not None and cloud.version.since(*command.since) else None


def _folded(params: Params) -> dict[str, str]:
    return {name.lower(): value for name, value in params.items()}


def signer(cloud: CloudStack, params: Params) -> User | None:
    """The user whose key signed the request; None for every kind of failure alike."""
    key = _folded(params).get("apikey", "")
    user = next((user for user in cloud.users if user.api_key == key), None)
    latest = LATEST_EXPIRY if _enforces(cloud) else None
    if user is None or not is_genuine(params, user.secret_key, cloud.wall_time(), latest):
        return None
    return user


def check(cloud: CloudStack, request: Exchange) -> tuple[Command, User]:
    """The command and its user, or the ApiError that turns the request away."""
    command, user, folded = request.command, request.user, _folded(request.params)
    if command is None or user is None:
        raise _turned_away(cloud, request)
    if not (user.is_admin or command.for_users):
        raise _not_allowed(cloud, command, user)
    if request.method == "GET" and command.changing and _enforces(cloud):
        text = f"State changing command {command.name} needs to be sent using POST request"
        raise ApiError(BAD_REQUEST, text, NO_CAUSE)
    for name, value in request.params.items():
        if NON_PRINTABLE.search(value):
            text = f"Received value {value} for parameter {name} is invalid, contains illegal ASCII non-printable "
            raise ApiError(PARAM_ERROR, f"{text}characters", NO_CAUSE)
    for name in command.required:
        if not folded.get(name):
            raise missing_parameter(command.name, name)
    return command, user


def _enforces(cloud: CloudStack) -> bool:
    """Changes by POST only, and every signature with an early end: a setting since 4.21 (749ddb975f)."""
    return cloud.version.since(4, 21) and cloud.settings.flag("enforce.post.requests.and.timestamps")


def _turned_away(cloud: CloudStack, request: Exchange) -> ApiError:
    if request.user is not None and request.command is None:
        if request.by_session:
            name = _folded(request.params).get("command", "")
            return ApiError(UNSUPPORTED, f"Unknown API command: {name}", NO_CAUSE, bare=True)
        if cloud.version.unknown_command_is_432:
            text = "The given command does not exist or it is not available for user"
            return ApiError(UNSUPPORTED, text, NO_CAUSE, bare=True)
    error = unauthorized()
    error.bare = request.command is None
    return error


def _not_allowed(cloud: CloudStack, command: Command, user: User) -> ApiError:
    if cloud.version.unknown_command_is_432:
        text = f"The given command:{command.name} does not exist or it is not available for user with id:"
        return ApiError(UNSUPPORTED, text + user.id, NO_CAUSE, bare=True)
    return ApiError(
        UNAUTHORIZED,
        f"The given command '{command.name}' either does not exist, is not available for user.",
        NO_CAUSE,
    )


@dataclass
class RateLimit:
    """Calls counted per account in windows of the setting's seconds, on the machine's clock."""

    windows: dict[str, tuple[float, int]] = field(default_factory=dict)

    def count(self, cloud: CloudStack, user: User) -> None:
        """Count a call; ApiError 429 when there were too many of them."""
        if not cloud.settings.flag("api.throttling.enabled"):
            return
        now, interval = cloud.wall_time(), cloud.settings.number("api.throttling.interval")
        start, calls = self.windows.get(user.account_id, (now, 0))
        if now - start >= interval:
            start, calls = now, 0
        self.windows[user.account_id] = (start, calls + 1)
        if calls + 1 > cloud.settings.number("api.throttling.max"):
            wait = int(1000 * (start + interval - now))
            delay = f"[{wait}]" if not cloud.version.old_states else wait
            raise ApiError(
                RATE_LIMITED,
                f"The given user has reached his/her account api limit, please retry after {delay} ms.",
                NO_CAUSE,
            )
