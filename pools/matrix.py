"""What it means when the two captains say this and that of one host: one table, for every combination that can occur.

Read from the top: the first row that fits is the meaning. docs/captains.md is made from it. Sources: CloudStack's
`Status` and `ResourceState` machines, its cluster's managed state (`com.cloud.org.Managed`), and what XAPI's
`host.enabled` and `host_metrics.live` mean for its ping (a host that XenServer has disabled does not answer it).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from itertools import product


class XenServer(StrEnum):
    """A host as its pool's master describes it; `unknown` while the master is silent."""

    ENABLED = "live, enabled"
    DISABLED = "live, disabled"
    DEAD = "dead"
    ABSENT = "not in the pool"
    UNKNOWN = "not known"


ABSENT = "not in CloudStack"
STATUSES = (
    *(
        "Up",
        "Connecting",
        "Disconnected",
        "Alert",
        "Down",
        "Rebalancing",
        "Creating",
        "Error",
        "Removed",
        "Unknown",
    ),
)
RESOURCE_STATES = (
    *("Enabled", "Disabled", "PrepareForMaintenance", "Maintenance", "ErrorInPrepareForMaintenance"),
    *("ErrorInMaintenance", "Degraded", "Creating", "Error"),
)
MANAGED_STATES = ("Managed", "PrepareUnmanaged", "Unmanaged", "PrepareUnmanagedError")

X = XenServer
LIVE = (X.ENABLED, X.DISABLED)
ANY: tuple[str, ...] = ()
NEXT_SCAN = "Wait about 4 min: CloudStack's next scan takes it back. If not, look for a disabled master."


@dataclass(frozen=True, slots=True)
class Meaning:
    """One row. An empty tuple fits any value. `well` is for what needs nobody."""

    xenserver: tuple[str, ...]
    status: tuple[str, ...]
    resource: tuple[str, ...]
    managed: tuple[str, ...]
    means: str
    cause: str
    then: str
    well: bool = False

    def fits(self, xenserver: str, status: str, resource: str, managed: str) -> bool:
        said = (xenserver, status, resource, managed)
        wanted = (self.xenserver, self.status, self.resource, self.managed)
        return all(not words or word in words for words, word in zip(wanted, said, strict=True))


M = Meaning
# fmt: off
MATRIX: tuple[Meaning, ...] = (
    # A host that only one of them knows.
    M((X.ABSENT,), ("Removed",), ANY, ANY,
      "It has left both.",
      "A removal that CloudStack still remembers.",
      "Nothing.", well=True),
    M((X.ABSENT,), ANY, ("Maintenance", "PrepareForMaintenance"), ANY,
      "It has left the pool; CloudStack keeps it in maintenance.",
      "A removal that was not finished.",
      "Delete it in CloudStack."),
    M((X.ABSENT,), ANY, ANY, ANY,
      "CloudStack counts on a host that the pool does not have.",
      "It was ejected or destroyed in XenServer alone, or it is another pool's.",
      "Delete it in CloudStack, or join it to the pool again."),
    M((X.UNKNOWN,), (ABSENT,), ANY, ANY,
      "Neither can be asked about it now.",
      "The pool's master does not answer.",
      "Bring the master back first."),
    M(ANY, (ABSENT, "Removed"), ANY, ANY,
      "The pool has a host that CloudStack does not use.",
      "It was joined in XenServer alone, or deleted in CloudStack while still a member: addHost brings it back.",
      "Add it to CloudStack, or take it out of the pool."),
    # CloudStack is letting the cluster go, or has.
    M(ANY, ANY, ANY, ("PrepareUnmanaged",),
      "CloudStack is letting go of the cluster.",
      "Somebody asked for Unmanaged; it takes up to 200 s.",
      "Wait for Unmanaged."),
    M(ANY, ANY, ANY, ("PrepareUnmanagedError",),
      "CloudStack could not let go of the cluster.",
      "A host was not Up, Down, Disconnected or Alert at that moment, Connecting for example.",
      "Set the cluster to Managed again, let its hosts come Up, and ask once more."),
    M((X.UNKNOWN,), ANY, ANY, ("Unmanaged",),
      "Nobody watches this host: the master is silent and CloudStack looks away.",
      "Expected while a run reboots the master; otherwise the cluster was forgotten.",
      "Bring the master back, then set the cluster to Managed."),
    M((X.DEAD,), ANY, ANY, ("Unmanaged",),
      "The host is dead, and CloudStack looks away.",
      "A reboot under way, or a crash while the cluster was unmanaged: nothing restarts its guests.",
      "Bring the host back, then set the cluster to Managed."),
    M(LIVE, ANY, ANY, ("Unmanaged",),
      "CloudStack does not look at this cluster; what it shows of the host is old.",
      "Somebody set the cluster to Unmanaged, and it still is.",
      "Set the cluster to Managed: its hosts are Up again in about 4 min."),
    # The cluster is managed; what an administrator wants of the host comes before what CloudStack sees of it.
    M(ANY, ANY, ("ErrorInMaintenance",), ("Managed",),
      "CloudStack gave up putting the host into maintenance.",
      "A guest could not be moved off it.",
      "Move or stop the guests that are left and ask again, or cancel the maintenance."),
    M(ANY, ANY, ("ErrorInPrepareForMaintenance",), ("Managed",),
      "CloudStack cannot move a guest off the host, and goes on trying.",
      "No other host can take the guest, or a migration failed.",
      "Move or stop the guests that are left; cancel the maintenance if they must stay."),
    M((X.DEAD,), ANY, ("PrepareForMaintenance",), ("Managed",),
      "The host died while CloudStack was emptying it.",
      "A crash, or a reboot that came too early: what was left on it cannot be moved any more.",
      "Bring the host back; CloudStack then goes on."),
    M((X.UNKNOWN,), ANY, ("PrepareForMaintenance",), ("Managed",),
      "CloudStack was emptying the host, and cannot go on: the master is silent.",
      "A dead or unreachable master: every migration goes through it.",
      "Bring the master back first, or elect one."),
    M(LIVE, ("Alert", "Disconnected", "Down"), ("PrepareForMaintenance",), ("Managed",),
      "CloudStack has lost the host while it was emptying it: nothing moves off it.",
      "It was disabled, rebooted or cut off before it was empty.",
      "See that it is live and enabled: the next scan takes it back, and the emptying goes on."),
    M(ANY, ANY, ("PrepareForMaintenance",), ("Managed",),
      "CloudStack is emptying the host.",
      "Somebody, or a run, put it into maintenance.",
      "Wait for Maintenance; the guests left are counted on the run's page.", well=True),
    M((X.DEAD,), ANY, ("Maintenance",), ("Managed",),
      "The host is off while in maintenance, as it may be.",
      "A reboot under way, or a host that did not come back.",
      "Bring it back, see it live and enabled, then cancel the maintenance."),
    M((X.UNKNOWN,), ANY, ("Maintenance",), ("Managed",),
      "CloudStack keeps guests off the host; how the host is, nobody can say.",
      "Somebody's wish, and a pool whose master does not answer.",
      "Bring the master back first, then see to the maintenance."),
    M(LIVE, ("Alert",), ("Maintenance",), ("Managed",),
      "CloudStack keeps guests off the host, and has lost it besides.",
      "It was lost before it came into maintenance, or is disabled in XenServer.",
      "See that it is live and enabled: the next scan takes it back. Cancel the maintenance only then."),
    M((X.DISABLED,), ANY, ("Maintenance",), ("Managed",),
      "Both keep guests off the host: it is ready to be worked on.",
      "Somebody's wish in both systems.",
      "Enable it in XenServer before the maintenance is cancelled.", well=True),
    M(ANY, ANY, ("Maintenance",), ("Managed",),
      "CloudStack keeps guests off the host.",
      "Somebody's wish.",
      "Cancel the maintenance when the work is done.", well=True),
    M(ANY, ANY, ("Degraded",), ("Managed",),
      "Somebody declared the host degraded: CloudStack restarts its guests elsewhere.",
      "An outage that CloudStack could not judge by itself.",
      "Make sure that no guest still runs on it; cancel Degraded when it is well."),
    M(ANY, ANY, ("Creating", "Error"), ("Managed",),
      "CloudStack has not finished taking the host in.",
      "An addHost under way, or one that failed.",
      "Look at CloudStack's events; add the host again if it stays so."),
    # CloudStack may use the host: what does it see?
    M((X.ENABLED,), ("Up",), ("Enabled",), ("Managed",),
      "Agree.",
      "",
      "Nothing.", well=True),
    M((X.ENABLED,), ("Up",), ("Disabled",), ("Managed",),
      "The host is well; CloudStack starts nothing new on it.",
      "Somebody disabled it in CloudStack.",
      "Enable it there when that is no longer wanted.", well=True),
    M((X.DISABLED,), ("Up",), ANY, ("Managed",),
      "CloudStack will take it to Alert within minutes.",
      "The host is disabled in XenServer, so it does not answer CloudStack's ping.",
      "Find out why it is disabled, and enable it."),
    M((X.DEAD,), ("Up", "Connecting"), ANY, ("Managed",),
      "CloudStack still believes in a host that is gone.",
      "It has not finished investigating: without an answer from the master that may last 30 min.",
      "Do not trust Up. Bring the host or its master back."),
    M((X.UNKNOWN,), ("Up", "Connecting"), ANY, ("Managed",),
      "CloudStack says so, and cannot know: the master is silent.",
      "A dead or unreachable master: its members look Up for up to 30 min.",
      "Do not trust Up. Bring the master back, or elect one."),
    M((X.DISABLED,), ("Connecting",), ANY, ("Managed",),
      "CloudStack is taking the host back, and will fail.",
      "The host is disabled in XenServer, and the setup wants it enabled.",
      "Find out why it is disabled, and enable it."),
    M((X.ENABLED,), ("Connecting",), ANY, ("Managed",),
      "CloudStack is taking the host back.",
      "Its scan has found the host; the setup takes a minute or two.",
      "Wait. A disabled master makes it fail."),
    M(ANY, ("Rebalancing",), ANY, ("Managed",),
      "The host changes from one management server to another.",
      "CloudStack balances its load.",
      "Wait."),
    M((X.ENABLED,), ("Alert",), ANY, ("Managed",),
      "The host is well again; CloudStack has not seen it yet.",
      "It was disabled or gone, and its next scan is due; reconnectHost does not heal Alert.",
      NEXT_SCAN),
    M((X.DISABLED,), ("Alert",), ANY, ("Managed",),
      "CloudStack does not use the host, because XenServer has it disabled.",
      "A crash or a reboot after which it came back disabled, or somebody's wish.",
      "Find out why it is disabled, and enable it: no call to CloudStack is needed."),
    M((X.DEAD,), ("Alert",), ANY, ("Managed",),
      "Both have lost the host; CloudStack has not declared it dead.",
      "It crashed, was fenced, or is cut off.",
      "Bring the host back."),
    M((X.UNKNOWN,), ("Alert", "Disconnected", "Down"), ANY, ("Managed",),
      "CloudStack has lost the host, and the master cannot be asked.",
      "A dead or unreachable master.",
      "Bring the master back first, or elect one."),
    M((X.DEAD,), ("Down",), ANY, ("Managed",),
      "Both hold the host for dead; CloudStack restarts its guests elsewhere.",
      "It crashed or was switched off.",
      "Repair it, or remove it from both."),
    M(LIVE, ("Down",), ANY, ("Managed",),
      "CloudStack holds a living host for dead.",
      "It was judged dead while it was cut off or rebooting: its guests may have been started elsewhere.",
      "Make sure that no guest runs twice before anything else; its next scan takes the host back."),
    M((X.DEAD,), ("Disconnected",), ANY, ("Managed",),
      "The host is off, and CloudStack does not ask for it.",
      "A reboot after maintenance, or a management server that stopped.",
      "Bring the host back."),
    M((X.DISABLED,), ("Disconnected",), ANY, ("Managed",),
      "CloudStack does not watch the host, and cannot take it back while it is disabled.",
      "A reboot after which it came back disabled, or somebody's wish.",
      "Find out why it is disabled, and enable it."),
    M((X.ENABLED,), ("Disconnected",), ANY, ("Managed",),
      "The host is well; CloudStack does not watch it at the moment.",
      "A reconnect, a management server that stopped, or a cluster that was just managed again.",
      NEXT_SCAN),
    M(ANY, ("Creating", "Error", "Unknown"), ANY, ("Managed",),
      "CloudStack has no picture of the host yet.",
      "An addHost under way, or one that failed.",
      "Look at CloudStack's events; add the host again if it stays so."),
)
# fmt: on


def meaning(xenserver: str, status: str, resource: str, managed: str) -> Meaning | None:
    """The first row that fits; None only for a word that no known release of CloudStack says."""
    return next((row for row in MATRIX if row.fits(xenserver, status, resource, managed)), None)


def combinations() -> Iterator[tuple[str, str, str, str]]:
    """Every combination: what XenServer says, status, resource state, managed state."""
    yield from product(map(str, XenServer), STATUSES, RESOURCE_STATES, MANAGED_STATES)
    yield from ((xenserver, ABSENT, "", "") for xenserver in map(str, XenServer) if xenserver != X.ABSENT)
