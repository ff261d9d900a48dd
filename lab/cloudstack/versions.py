"""What differs between the CloudStack versions the lab can pretend to be."""

from __future__ import annotations

from dataclasses import dataclass

DEFAULT_VERSION = "4.20.1"


@dataclass(frozen=True)
class Version:
    """A CloudStack version and its manners, each by the version that brought it."""

    text: str

    @property
    def number(self) -> tuple[int, ...]:
        return tuple(int(part) for part in self.text.split("."))

    def since(self, *number: int) -> bool:
        return self.number >= number

    @property
    def api_text(self) -> str:
        """``cloudstackversion`` as listCapabilities says it: four parts."""
        return ".".join([*self.text.split("."), "0", "0"][:4])

    @property
    def old_states(self) -> bool:
        """The shorter Status table of 4.3 to 4.5, and its ways."""
        return not self.since(4, 6)

    @property
    def old_resource_states(self) -> bool:
        """The shorter ResourceState table: ErrorInPrepareForMaintenance came with 4.14 (4b43c2684f)."""
        return not self.since(4, 14)

    @property
    def deletes_by_uuid(self) -> bool:
        """The refusal of deleteHost names a "Host with UUID [..]"; 4.20 did not yet."""
        return self.since(4, 21)

    @property
    def elects_master(self) -> bool:
        """It promotes a member itself when the pool's master is gone (until 4.3.1: CLOUDSTACK-5923)."""
        return not self.since(4, 3, 2)

    @property
    def joins_and_ejects(self) -> bool:
        """addHost joins a stranger to the pool and deleteHost ejects (before 4.4)."""
        return not self.since(4, 4)

    @property
    def ping_needs_enabled(self) -> bool:
        """A host that XAPI has disabled no longer answers the ping (a596edbdf6: 4.4)."""
        return self.since(4, 4)

    @property
    def beating_host_is_up(self) -> bool:
        """The investigator says Up while the heartbeat file is fresh (until 4.5; null since 32dc09f2c3)."""
        return not self.since(4, 6)

    @property
    def add_host_names_url(self) -> bool:
        return self.since(4, 17)

    @property
    def server_id_is_uuid(self) -> bool:
        return self.since(4, 19)

    @property
    def unknown_command_is_432(self) -> bool:
        """A command the role lacks is 432 under ``errorresponse`` (4.3 to 4.5) rather than 401."""
        return not self.since(4, 6)
