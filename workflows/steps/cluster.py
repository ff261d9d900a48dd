"""Steps about the whole CloudStack cluster: let go of it, take it back, see its hosts again."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from pools.facts import Facts
from workflows.engine.situation import Situation
from workflows.engine.step import Api, Call, Causes, Check, Progress, Risk, Step
from workflows.steps.each import LEFT_OUT

UNMANAGED, MANAGED, BROKEN = "Unmanaged", "Managed", "PrepareUnmanagedError"
SLOW_S = 330.0
"""CloudStack answers an updateCluster only when every host is let go: 40 looks, five seconds apart."""


@dataclass(frozen=True)
class LetGoOfCluster(Step):
    """While the master is down CloudStack would find every host of the pool silent, and up to 4.3.1 would make another
    host the master. A cluster that it does not manage is left in peace. Only for as long as the master is away:
    nothing can be done with the cluster's guests meanwhile."""

    title = "Let CloudStack go of the cluster while the master is away"
    risk = Risk.HIGH
    sends = ("updateCluster",)
    undo = "Let CloudStack manage the cluster again."
    danger = "Nobody can start, stop or move a guest of this cluster in CloudStack until it is managed again."
    within = SLOW_S
    settle = SLOW_S  # the server goes on after a lost answer, and no job tells of it
    causes = Causes(pool=("cloudstack-unmanaged", "cloudstack-disconnected"))
    owes = "unmanaged"

    def applies(self, s: Situation) -> Check:
        return Check(s.has_cloudstack, "the pool is not connected to a CloudStack")

    def preconditions(self, s: Situation) -> Iterator[Check]:
        busy = [host.name for host in s.cloudstack.hosts if host.state == "Connecting"]
        yield Check(
            not busy,
            "No host of the cluster is just connecting",
            f"CloudStack refuses with PrepareUnmanagedError: wait for {', '.join(busy)}.",
        )
        state = s.cloudstack.managedstate
        yield Check(
            state in (MANAGED, BROKEN),
            "CloudStack manages the cluster",
            f"It is {state}: wait, or ask who did that.",
        )

    def expect(self, s: Situation) -> Facts:
        away = (replace(h, state="Disconnected") if h.state == "Up" else h for h in s.cloudstack.hosts)
        return s.facts.with_cloudstack(managedstate=UNMANAGED, hosts=tuple(away))

    def calls(self, s: Situation) -> Iterator[Call]:
        yield _update(s, UNMANAGED)

    def owing(self, s: Situation) -> str:
        return f"CloudStack does not manage the cluster {s.cloudstack.cluster_name}."

    def act(self, api: Api, s: Situation) -> None:
        api.cloudstack.do("updateCluster", id=s.cloudstack.cluster, managedstate=UNMANAGED)

    def done(self, s: Situation) -> bool:
        return s.cloudstack.managedstate == UNMANAGED

    def stuck(self, s: Situation) -> str:
        if s.cloudstack.managedstate == BROKEN:
            return f"CloudStack gave up: the cluster is in {BROKEN}. Some host was connecting; retry when it is Up."
        return ""

    def progress(self, s: Situation) -> Progress:
        left = sum(host.state == "Up" for host in s.cloudstack.hosts)
        return Progress(f"{left} hosts are still held, {s.cloudstack.managedstate}", left=left)


@dataclass(frozen=True)
class TakeClusterBack(Step):
    """From here CloudStack looks after the cluster again. Its hosts come back with its scans, within four minutes."""

    title = "Let CloudStack manage the cluster again"
    risk = Risk.LOW
    sends = ("updateCluster",)
    undo = "Let it go again."
    within = 300.0
    settle = 30.0
    pays = ("unmanaged",)

    def applies(self, s: Situation) -> Check:
        return Check(s.has_cloudstack, "the pool is not connected to a CloudStack")

    def expect(self, s: Situation) -> Facts:
        return s.facts.with_cloudstack(managedstate=MANAGED)

    def calls(self, s: Situation) -> Iterator[Call]:
        yield _update(s, MANAGED)

    def act(self, api: Api, s: Situation) -> None:
        api.cloudstack.do("updateCluster", id=s.cloudstack.cluster, managedstate=MANAGED)

    def done(self, s: Situation) -> bool:
        return s.cloudstack.managedstate == MANAGED


@dataclass(frozen=True)
class ClusterIsUp(Step):
    """CloudStack finds the hosts of a cluster that it takes back by itself. The next host may not be emptied before:
    its guests could only go to hosts that are Up."""

    title = "Wait until CloudStack shows the cluster's hosts Up"
    within = 900.0

    def applies(self, s: Situation) -> Check:
        return Check(s.has_cloudstack, "the pool is not connected to a CloudStack")

    def preconditions(self, s: Situation) -> Iterator[Check]:
        late = self._late(s)
        yield Check(
            not late,
            "CloudStack shows the cluster's hosts Up",
            "It finds them within 4 min by itself.",
            ", ".join(late),
        )

    def expect(self, s: Situation) -> Facts:
        hosts = tuple(replace(host, state="Up") for host in s.cloudstack.hosts)
        return s.facts.with_cloudstack(hosts=hosts)

    def done(self, s: Situation) -> bool:
        return not self._late(s)

    def progress(self, s: Situation) -> Progress:
        late = self._late(s)
        return Progress(f"{len(late)} hosts are not Up yet", left=len(late))

    def _late(self, s: Situation) -> list[str]:
        """Whoever is dead, was left out of the run, or is not in the pool at all, is not waited for."""
        left_out = s.memory.get(LEFT_OUT, ())
        wanted = {host.address for host in s.pool.hosts if host.live and host.uuid not in left_out}
        return [
            f"{h.name} is {h.state}" for h in s.cloudstack.hosts if h.state != "Up" and h.address in wanted
        ]


LetGoOfCluster.undo_with = (TakeClusterBack,)


def _update(s: Situation, state: str) -> Call:
    id = s.cloudstack.cluster
    return Call(
        "CloudStack",
        f"POST command=updateCluster id={id} managedstate={state}",
        f"cmk update cluster id={id} managedstate={state}",
    )
