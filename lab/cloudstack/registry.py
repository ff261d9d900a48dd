"""Which commands there are, what they need, and who may give them."""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from lab.cloudstack.envelope import Listing, Record
from lab.cloudstack.errors import PARAM_ERROR, ApiError, invalid
from lab.cloudstack.model import HostRow

if TYPE_CHECKING:
    from lab.cloudstack.model import Cluster, User
    from lab.cloudstack.state import CloudStack

Answer = Listing | Record
Handler = Callable[["Call"], "Answer | Generator[Any, None, Answer]"]


@dataclass(frozen=True)
class Command:
    """An API command. ``subject`` names what its ``id`` is an id of: host, cluster, or nothing."""

    name: str
    handler: Handler
    required: tuple[str, ...] = ()
    optional: tuple[str, ...] = ()
    subject: str = ""
    is_async: bool = False
    for_users: bool = False
    changing: bool = False
    since: tuple[int, ...] = ()
    java_class: str = ""
    summary: str = ""

    @property
    def response_key(self) -> str:
        return f"{self.name.lower()}response"


@dataclass(frozen=True)
class Call:
    """A command being given: the parameters by lower-cased name."""

    cloud: CloudStack
    command: Command
    user: User
    params: Mapping[str, str]

    def text(self, name: str) -> str | None:
        """A parameter's value, None when it is absent or empty."""
        return self.params.get(name) or None

    def flag(self, name: str) -> bool:
        return self.params.get(name, "").lower() == "true"

    @property
    def host(self) -> HostRow:
        """The host that ``id`` names."""
        return self._existing(self.cloud.hosts, "id")

    @property
    def cluster(self) -> Cluster:
        """The cluster that ``id`` names."""
        return self._existing(self.cloud.clusters, "id")

    def _existing(self, table: Mapping[str, Any], name: str) -> Any:
        row = table.get(self.params[name])
        if row is None:
            raise no_such_entity(self.command.name, name, self.params[name])
        return row


COMMANDS: dict[str, Command] = {}


def command(name: str, **how: Any) -> Callable[[Handler], Handler]:
    """Register a handler as an API command; ``how`` are Command's other fields."""

    def register(handler: Handler) -> Handler:
        summary = (handler.__doc__ or "").strip().splitlines()[0]
        COMMANDS[name] = Command(name, handler, summary=summary, **how)
        return handler

    return register


def missing_parameter(command_name: str, parameter: str) -> ApiError:
    return ApiError(
        PARAM_ERROR,
        f"Unable to execute API command {command_name.lower()} due to missing parameter {parameter}",
        9999,
    )


def no_such_entity(command_name: str, parameter: str, value: str) -> ApiError:
    return invalid(
        f"Unable to execute API command {command_name.lower()} due to invalid value. "
        f"Invalid parameter {parameter} value={value} due to incorrect long value format, or entity does not "
        "exist or due to incorrect parameter annotation for the field in api cmd class."
    )
