"""A rolling reboot as the script did it that operators had before: its steps in order, its fixed waits, no memory.

After xenserver_rolling_reboot.py of cloudstackOps. It is told here in the clients of this program, so that what is
compared is the procedure and not the language. It waits on the lab's clock.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial

from bench import pace
from pools import collector
from pools.clients.cloudstack import CloudStackEndpoint, open_cloudstack
from pools.clients.errors import ClientError
from pools.clients.master import open_session
from pools.clients.xapi import Endpoint
from pools.facts import Facts, Host, PoolFacts, Vm

AFTER_EVACUATION_S, AFTER_OFF_S, AFTER_ENABLE_S, AFTER_MANAGED_S = 120.0, 120.0, 60.0, 60.0
BETWEEN_TRIES_S = 5.0
BY_EVENT_S = 0.5
"""`xe` is told by an event that a task has ended; asking so often is as good."""
THREADS = 5
TRIES = 720
"""An hour of them. The script itself has no end to its patience."""


@dataclass(frozen=True)
class Script:
    """One run of it, in the lab at that control port. Killed, it has nothing to go on from."""

    way: Endpoint
    cloud: CloudStackEndpoint
    cluster: str
    control: int

    def run(self) -> None:
        """HA off, the master with the cluster unmanaged, the others, HA on."""
        pool = self._pool()
        master = next(host for host in pool.hosts if host.is_master)
        self._call("pool.disable_ha")
        self._until(lambda: not self._pool().ha.enabled)
        self._cluster_to("Unmanaged")
        self._reboot(master)
        self._cluster_to("Managed")
        self._sleep(AFTER_MANAGED_S)
        for host in pool.hosts:
            if host.uuid != master.uuid:
                self._reboot(host)
        heartbeat = [sr.ref for sr in pool.srs if sr.type == "nfs"]
        self._call("pool.enable_ha", heartbeat, {"timeout": "180"})
        self._until(lambda: self._pool().ha.enabled)
        self._call("pool.set_ha_host_failures_to_tolerate", pool.ref, "1", wait=False)

    def _reboot(self, host: Host) -> None:
        self._call("host.disable", host.ref)
        self._evacuate(host)
        before = host.boot_time or 0.0
        self._call("host.reboot", host.ref, wait=False)
        self._until(lambda: not self._answers(host))
        self._sleep(AFTER_OFF_S)
        self._until(lambda: self._answers(host) and self._enabled(host, before))
        self._sleep(AFTER_ENABLE_S)

    def _evacuate(self, host: Host) -> None:
        """Each guest to the host with the most free memory, a few at a time."""
        while guests := self._pool().vms_on(host.uuid):
            for guest in guests[:THREADS]:
                self._move(guest, host)
            moving = {guest.uuid for guest in guests[:THREADS]}
            self._until(partial(self._has_none_of, host, moving))
        self._sleep(AFTER_EVACUATION_S)

    def _has_none_of(self, host: Host, guests: set[str]) -> bool:
        return not guests & {vm.uuid for vm in self._pool().vms_on(host.uuid)}

    def _move(self, guest: Vm, away_from: Host) -> None:
        others = [h for h in self._pool().hosts if h.uuid != away_from.uuid and h.enabled and h.live]
        target = max(others, key=lambda h: h.memory_free or 0)
        self._call("VM.pool_migrate", guest.ref, target.ref, {"live": "true"}, wait=False)

    def _enabled(self, host: Host, before: float) -> bool:
        """`xe host-enable` until it succeeds is how the script finds out that xapi is up."""
        try:
            now = self._pool().host(host.uuid)
            if now is None or (now.boot_time or 0.0) <= before:
                return False
            self._call("host.enable", host.ref)
        except (ClientError, LookupError):
            return False
        return True

    # What it works with

    def _pool(self) -> PoolFacts:
        facts = self._look()
        if facts.pool is None:
            raise LookupError(facts.pool_trouble.says if facts.pool_trouble else "no pool")
        return facts.pool

    def _look(self) -> Facts:
        return collector.look(self.way, None, "", now=datetime.now(UTC))

    def _answers(self, host: Host) -> bool:
        return any(probe.address == host.address and probe.answers for probe in self._look().probes)

    def _call(self, call: str, *args: object, wait: bool = True) -> None:
        with open_session(self.way) as xapi:
            if not wait and not call.startswith(("VM.", "host.reboot")):
                xapi.call(call, *args)
                return
            task = xapi.start(call, *args)
            while wait and xapi.task(task).state == "pending":
                self._sleep(BY_EVENT_S)

    def _cluster_to(self, state: str) -> None:
        with open_cloudstack(self.cloud) as cloudstack:
            id = next(c["id"] for c in cloudstack.list("listClusters", "cluster", name=self.cluster))
            cloudstack.do("updateCluster", id=id, managedstate=state)

    def _sleep(self, seconds: float) -> None:
        """The script's own fixed waits, on the lab's clock: they are what is measured."""
        pace.sleep(self.control, seconds)

    def _until(self, condition: Callable[[], bool]) -> None:
        """Asked every five seconds; the script asks for ever."""
        for _try in range(TRIES):
            try:
                if condition():
                    return
            except LookupError:
                pass  # the master is down
            self._sleep(BETWEEN_TRIES_S)
        raise TimeoutError("the script would wait for ever")
