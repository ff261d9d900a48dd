"""Which commands there are, what they need, and who may give them."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, cast

from lab.cloudstack.envelope import Listing, Record
from lab.cloudstack.errors import PARAM_ERROR, ApiError, invalid

if TYPE_CHECKING:
    from lab.cloudstack.model import Cluster, HostRow, User
    from lab.cloudstack.state import CloudStack
    from lab.cloudstack.versions import Version

Answer = Listing | Record
Handler = Callable[["Call"], "Answer | Generator[Any, None, Answer]"]
REFERENCES = {
    "zoneid": "zone",
    "podid": "pod",
    "clusterid": "cluster",
    "hostid": "host",
    "virtualmachineid": "vm",
    "storageid": "storagepool",
}
"""What a parameter of that name is the id of, in every command that takes it. ``id`` is the command's subject's."""
OLD_NAMES = {
    "enableStorageMaintenance": "preparePrimaryStorageForMaintenance",
    "cancelStorageMaintenance": "cancelPrimaryStorageMaintenance",
}


@dataclass(frozen=True)
class Command:
    """An API command. ``subject`` names what its ``id`` is an id of (a kind of ``CloudStack.table``).

    ``newer`` are the optional parameters that came later than the command: older versions ignore them, as every
    CloudStack ignores what it does not know.
    """

    name: str
    handler: Handler
    required: tuple[str, ...] = ()
    optional: tuple[str, ...] = ()
    newer: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    subject: str = ""
    is_async: bool = False
    for_users: bool = False
    changing: bool = False
    since: tuple[int, ...] = ()
    java_class: str = ""
    later_class: tuple[tuple[int, ...], str] | None = None
    """Since which version its Java class is called otherwise, and how; jobs tell."""
    event: str = ""
    """The type of the events that its job writes, and what they say is done."""
    doing: str = ""
    summary: str = ""

    @property
    def response_key(self) -> str:
        """Of the two commands that were renamed once, the key is still the old name's (BaseCmd)."""
        return f"{OLD_NAMES.get(self.name, self.name).lower()}response"

    def class_in(self, version: Version) -> str:
        """The Java class that carries it out, as a job's ``cmd`` names it."""
        if self.later_class is not None and version.since(*self.later_class[0]):
            return self.later_class[1]
        return self.java_class

    def references(self) -> Iterator[tuple[str, str]]:
        """The parameters that are ids, each with the kind of thing it must name."""
        if self.subject:
            yield "id", self.subject
        yield from ((name, REFERENCES[name]) for name in self.parameters if name in REFERENCES)

    @property
    def parameters(self) -> tuple[str, ...]:
        return (*self.required, *self.optional, *self.newer)


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

    def named(self, parameter: str) -> Any:
        """What the parameter's id names; it may have gone since the call came in."""
        kind = dict(self.command.references())[parameter]
        row = self.cloud.table(kind).get(self.params[parameter])
        if row is None:
            raise no_such_entity(self.command.name, parameter, self.params[parameter])
        return row

    @property
    def host(self) -> HostRow:
        """The host that ``id`` or ``hostid`` names."""
        return cast("HostRow", self.named("id" if self.command.subject == "host" else "hostid"))

    @property
    def cluster(self) -> Cluster:
        """The cluster that ``id`` names."""
        return cast("Cluster", self.named("id"))


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
