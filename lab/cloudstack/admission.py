"""Who is asking, and whether they may: signature, role, rate (ApiServer.verifyRequest,
checkCommandAvailable)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from lab.cloudstack.errors import RATE_LIMITED, UNAUTHORIZED, UNSUPPORTED, ApiError, unauthorized
from lab.cloudstack.registry import COMMANDS, Command, missing_parameter
from lab.cloudstack.signing import is_genuine

if TYPE_CHECKING:
    from lab.cloudstack.model import User
    from lab.cloudstack.state import CloudStack

Params = Mapping[str, str]


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
    if user is None or not is_genuine(params, user.secret_key, cloud.wall_time()):
        return None
    return user


def check(
    cloud: CloudStack, command: Command | None, user: User | None, params: Params
) -> tuple[Command, User]:
    """The command and its user, or the ApiError that turns the request away."""
    if command is None or user is None:
        raise _turned_away(cloud, command, user)
    if not (user.is_admin or command.for_users):
        raise _not_allowed(cloud, command, user)
    folded = _folded(params)
    for name in command.required:
        if not folded.get(name):
            raise missing_parameter(command.name, name)
    return command, user


def _turned_away(cloud: CloudStack, command: Command | None, user: User | None) -> ApiError:
    if user is not None and command is None and cloud.version.unknown_command_is_432:
        text = "The given command does not exist or it is not available for user"
        return ApiError(UNSUPPORTED, text, 9999, bare=True)
    error = unauthorized()
    error.bare = command is None
    return error


def _not_allowed(cloud: CloudStack, command: Command, user: User) -> ApiError:
    if cloud.version.unknown_command_is_432:
        text = f"The given command:{command.name} does not exist or it is not available for user with id:"
        return ApiError(UNSUPPORTED, text + user.id, 9999, bare=True)
    return ApiError(
        UNAUTHORIZED,
        f"The given command '{command.name}' either does not exist, is not available for user.",
        9999,
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
            raise ApiError(
                RATE_LIMITED,
                f"The given user has reached his/her account api limit, please retry after [{wait}] ms.",
                9999,
            )
