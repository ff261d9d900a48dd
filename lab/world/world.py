"""The world: everything there is, the clock, and who can hear whom."""

from __future__ import annotations

import itertools
import random
from collections.abc import Callable
from typing import Any

from lab.calls import CallLog
from lab.faults import FaultTable
from lab.world import ha, heartbeat, moving, syncing
from lab.world.clock import Clock, Timer
from lab.world.process import Process, Steps
from lab.world.things import VM, Host, Message, Pool

UUID_FIXED, UUID_4 = 0xF000 << 64 | 0xC000 << 48, 0x4000 << 64 | 0x8000 << 48
Listener = Callable[[str, Any], object]


class World:
    """State and time of the simulated data centre. Touch it only in the thread that runs its clock."""

    def __init__(self, clock: Clock, seed: int = 1) -> None:
        self.clock = clock
        self.rng = random.Random(seed)
        self.pools: list[Pool] = []
        self.outcasts: list[Host] = []  # machines whose record was destroyed: they stand in no pool
        self.calls = CallLog()
        self.faults = FaultTable()
        self.cloudstack: Any = None  # belongs to lab.cloudstack
        self.cloudstack_plan: dict[str, Any] = {}  # what the scenario says of its CloudStack
        self.past: tuple[float, list[Timer]] | None = (
            None  # what is held back, and how long it lives through then
        )
        self.crashes: list[BaseException] = []  # bugs of the lab itself; tests assert that there are none
        self.certificate: Callable[[Host], str] = lambda host: ""  # in PEM; the server knows it
        self._numbers = itertools.count(1)
        self._at: dict[str, Host] = {}  # by address, as last seen
        self.cuts: set[frozenset[Host]] = set()  # pairs of hosts that cannot hear each other
        self.started_twice: list[VM] = []  # VMs that ran on two hosts at once: their disks are ruined
        self._listeners: list[Listener] = []
        self._by_address: dict[str, Host] = {}

    def begin(self) -> None:
        """Let nature run: heartbeats and high availability. Call it once, when the scenario is built."""
        heartbeat.watch(self)
        syncing.watch(self)
        ha.watch(self)

    # Time

    def now(self) -> float:
        """Lab seconds since 1970."""
        return self.clock.now()

    def after(self, seconds: float, action: Callable[[], object]) -> Timer:
        """Run ``action`` once, ``seconds`` of lab time from now."""
        return self.clock.after(seconds, self._guarded(action))

    def on_tick(self, seconds: float, action: Callable[[], object]) -> None:
        """Run ``action`` every ``seconds`` of lab time, for as long as the world lasts."""

        def tick() -> None:
            self.clock.after(seconds, tick)
            guarded()

        guarded = self._guarded(action)
        self.clock.after(seconds, tick)

    def run(self, steps: Steps, host: Host | None = None) -> Process:
        """Start a process. With ``host`` it runs in that host's toolstack and stops when that does."""
        return self.prepare(steps, host).start()

    def prepare(self, steps: Steps, host: Host | None = None) -> Process:
        """A process that is not started yet, for whom must know it before its first step."""
        process = Process(self.clock, steps, self.crashes.append)
        if host is not None:
            host.processes.add(process)
            process.on_done(host.processes.discard)
        return process

    def _guarded(self, action: Callable[[], object]) -> Callable[[], None]:
        def guarded() -> None:
            try:
                action()
            except Exception as bug:
                self.crashes.append(bug)

        return guarded

    # Who is there

    def new_uuid(self) -> str:
        """A random uuid (version 4), the same ones for the same seed."""
        bits = (
            self.rng.getrandbits(128) & ~UUID_FIXED | UUID_4
        )  # uuid.UUID does the same, at three times the price
        text = f"{bits:032x}"
        return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"

    def next_number(self) -> int:
        """1, 2, 3 … for the names of VMs."""
        return next(self._numbers)

    def new_ref(self) -> str:
        return f"OpaqueRef:{self.new_uuid()}"

    @property
    def hosts(self) -> list[Host]:
        """Every host of every pool, each machine once."""
        return [host for pool in self.pools for host in pool.hosts if host.record_of is None]

    @property
    def machines(self) -> list[Host]:
        """Every host, also those whose record was destroyed."""
        return [*self.hosts, *self.outcasts]

    def pool(self, name: str) -> Pool:
        """The pool of that name; KeyError if there is none."""
        return _named(self.pools, name)

    def host(self, name: str) -> Host:
        """The host of that name; KeyError if there is none."""
        return _named(self.machines, name)

    def host_at(self, address: str) -> Host | None:
        """The host at that IP address."""
        found = self._at.get(address)
        if found is None or found.address != address:
            self._at = {host.address: host for host in reversed(self.machines)}
            found = self._at.get(address)
        return found

    # Who can hear whom

    def reachable(self, host: Host) -> bool:
        """A connection to its XAPI port would be accepted and answered by a running toolstack."""
        return host.power == "on" and host.toolstack == "running" and not host.network_cut

    def hears(self, one: Host, other: Host) -> bool:
        """Packets get from one machine to the other: both have power and no cut is between them."""
        if one.power == "off" or other.power == "off":
            return False
        if one is other:
            return True
        cut = one.network_cut or other.network_cut
        return not cut and not (self.cuts and frozenset((one, other)) in self.cuts)

    def connects(self, one: Host, other: Host) -> bool:
        """A connection from one host's toolstack to the other's would be answered."""
        return self.reachable(other) and self.hears(one, other)

    def has_database(self, host: Host) -> bool:
        """The host can read and write its pool's database: it is master, or its master answers it."""
        if host.is_master:
            return host.emergency is None
        master = self.host_at(host.master_address)
        return (
            master is not None
            and master.is_master
            and master.emergency is None
            and self.connects(host, master)
        )

    def pool_answering_for(self, host: Host) -> Pool | None:
        """The pool whose master a client finds that starts from this host's address, following HOST_IS_SLAVE as
        XenServer clients do; None when nobody answers with a database."""
        if not self.reachable(host) or host.emergency is not None:
            return None
        if host.is_master:
            return host.pool
        master = self.host_at(host.master_address)
        if master is None or not master.is_master or master.emergency is not None:
            return None
        return master.pool if self.reachable(master) else None

    # What others hear of

    def announce(self, what: str, thing: Any) -> None:
        """Tell the listeners that something changed: ``power``, ``eject``, ``master`` …"""
        for listener in list(self._listeners):
            listener(what, thing)

    def listen(self, listener: Listener) -> None:
        """Call ``listener(what, thing)`` at every announcement."""
        self._listeners.append(listener)

    def alert(self, pool: Pool, name: str, priority: int, cls: str, obj_uuid: str, body: str = "") -> None:
        """Add a message to the pool."""
        message = Message(self.new_ref(), self.new_uuid(), name, priority, cls, obj_uuid, self.now(), body)
        pool.messages.append(message)

    # Physics that CloudStack may set off too

    def migrate_vm(self, vm: VM, to_host: Host) -> Process:
        """Move a running VM; the process ends when it has arrived, with a Refusal if it may not go."""
        return self.run(moving.migrate(self, vm, to_host), host=vm.pool.master)


def _named(things: list[Any], name: str) -> Any:
    for thing in things:
        if thing.name == name:
            return thing
    raise KeyError(name)
