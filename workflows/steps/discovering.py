"""Steps by which CloudStack gets to know a pool's hosts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from pools.cloudstack_facts import CloudStackFacts, CsHost, CsPod
from pools.facts import Facts, Host
from workflows.engine.situation import NotKnown, Situation
from workflows.engine.step import Api, Call, Check, Progress, Resend, Risk, Step, Word
from workflows.steps import checks

POD = "pod"
NEW_CLUSTER = "$NEW_CLUSTER"
"""What a plan says for the id that CloudStack gives the cluster only when it is made."""


@dataclass(frozen=True)
class MakeCluster(Step):
    """The pool is complete, and only now CloudStack hears of it: it finds all hosts of a pool at once, and takes none
    that is not in it."""

    title = "Make the cluster in CloudStack"
    risk = Risk.LOW
    sends = ("addCluster",)
    undo = "Delete the cluster in CloudStack, while no host is in it."
    within = 120.0
    settle = 15.0

    def preconditions(self, s: Situation) -> Iterator[Check]:
        yield Check(
            bool(_pod(s).id), f"The pod {_pod(s).name} of zone {_pod(s).zone} is there", "Choose another one."
        )

    def expect(self, s: Situation) -> Facts:
        pod = _pod(s)
        return s.facts.with_cloudstack(cluster=NEW_CLUSTER, zone=pod.zone, zone_id=pod.zone_id, pod_id=pod.id)

    def calls(self, s: Situation) -> Iterator[Call]:
        words = " ".join(f"{key}={value}" for key, value in self._params(s).items())
        by_hand = f"cmk add cluster {words} filter=id  # {NEW_CLUSTER} is its id from here on"
        yield Call("CloudStack", f"POST command=addCluster {words}", by_hand)

    def act(self, api: Api, s: Situation) -> None:
        api.cloudstack.do("addCluster", **self._params(s))

    def done(self, s: Situation) -> bool:
        return bool(_seen(s).cluster)

    def _params(self, s: Situation) -> dict[str, str]:
        pod = _pod(s)
        where = {"zoneid": pod.zone_id, "podid": pod.id, "clustername": _seen(s).cluster_name}
        return {**where, "hypervisor": "XenServer", "clustertype": "CloudManaged"}


@dataclass(frozen=True)
class AddToCloudStack(Step):
    """One address is enough: CloudStack logs in there, asks for the pool's master, and adds every member that it does
    not know. That takes minutes, and goes on when nobody waits for the answer any more: it is looked for, and not
    repeated."""

    title = "Add the hosts to CloudStack"
    risk = Risk.MEDIUM
    sends = ("addHost",)
    undo = "Put them into maintenance in CloudStack and delete them there; they stay in the pool."
    danger = "CloudStack logs in to every host with the pool's password, by SSH as well, and sets it up."
    within = 1800.0
    settle = 900.0
    resend = Resend.ASK

    def applies(self, s: Situation) -> Check:
        return Check(s.has_cloudstack, "the pool is not connected to a CloudStack")

    def preconditions(self, s: Situation) -> Iterator[Check]:
        master = s.pool.master_host
        if master:
            yield checks.is_enabled(s, master)
        late = [host.name for host in unknown(s) if not (host.live and host.enabled)]
        yield Check(
            not late,
            "Every host that CloudStack does not know is live and enabled",
            f"It would fail on {', '.join(late)} with a bare 530: enable it first.",
        )
        managed = s.cloudstack.managedstate
        yield Check(
            managed == "Managed", "CloudStack manages the cluster", f"It is {managed}: set it to Managed."
        )

    def expect(self, s: Situation) -> Facts:
        new = tuple(
            CsHost(
                id=f"new {host.name}",
                name=host.name,
                address=host.address,
                state="Up",
                resourcestate="Enabled",
            )
            for host in unknown(s)
        )
        return s.facts.with_cloudstack(hosts=(*s.cloudstack.hosts, *new))

    def calls(self, s: Situation) -> Iterator[Call]:
        words = " ".join(f"{key}={value}" for key, value in self._params(s).items())
        yield Call("CloudStack", f"POST command=addHost {words}", f"cmk add host {words}")

    def act(self, api: Api, s: Situation) -> None:
        api.cloudstack.do("addHost", **self._params(s))

    def done(self, s: Situation) -> bool:
        return not unknown(s)

    def progress(self, s: Situation) -> Progress:
        left = len(unknown(s))
        return Progress(f"{left} of {len(s.pool.hosts)} hosts are not known yet", left=left)

    def _params(self, s: Situation) -> dict[str, str]:
        where = s.cloudstack
        first = next(iter(unknown(s)), None)
        if first is None:
            raise NotKnown("CloudStack knows every host of the pool already.")
        ids = {"zoneid": where.zone_id, "podid": where.pod_id, "clusterid": where.cluster}
        login = {"username": Word.POOL_USER, "password": Word.POOL_PASSWORD}
        return {**ids, "hypervisor": "XenServer", "url": f"http://{first.address}", **login}


@dataclass(frozen=True)
class AllDiscovered(Step):
    """The answer of the call says what was added; whether the hosts are of use only their state says."""

    title = "Wait until CloudStack shows every host Up"
    within = 900.0

    def applies(self, s: Situation) -> Check:
        return Check(s.has_cloudstack, "the pool is not connected to a CloudStack")

    def preconditions(self, s: Situation) -> Iterator[Check]:
        for host in s.pool.hosts:
            known = s.cloudstack.host_at(host.address)
            says = known.state if known else "not known there"
            yield Check(says == "Up", f"CloudStack shows {host.name} Up", "It follows within 4 min.", says)

    def expect(self, s: Situation) -> Facts:
        facts = s.facts
        for host in s.cloudstack.hosts:
            facts = facts.with_cs_host(host.id, state="Up")
        return facts

    def done(self, s: Situation) -> bool:
        return all(check.ok for check in self.preconditions(s))

    def progress(self, s: Situation) -> Progress:
        up = sum(1 for host in s.cloudstack.hosts if host.state == "Up")
        return Progress(f"{up} of {len(s.pool.hosts)} hosts are Up", up / max(1, len(s.pool.hosts)))


def unknown(s: Situation) -> tuple[Host, ...]:
    """Members that CloudStack does not know. A host that just joined comes before one that was always there."""
    before = {h.uuid for h in s.baseline.pool.hosts} if s.baseline.pool else set()
    found = [host for host in s.pool.hosts if s.cloudstack.host_at(host.address) is None]
    return tuple(sorted(found, key=lambda host: (host.uuid in before, host.name)))


def _seen(s: Situation) -> CloudStackFacts:
    """CloudStack as it answered, with the cluster or without."""
    if s.facts.cloudstack is None:
        trouble = s.facts.cloudstack_trouble
        raise NotKnown(trouble.says if trouble else "This pool is not connected to a CloudStack.")
    return s.facts.cloudstack


def _pod(s: Situation) -> CsPod:
    """The pod that was chosen, as it was when the run was planned."""
    known = s.baseline.cloudstack
    chosen = s.inputs.get(POD, "")
    found = next((pod for pod in (known.pods if known else ()) if pod.id == chosen), None)
    if found is None:
        raise NotKnown(f"CloudStack showed no pod {chosen or '(none given)'}.")
    return found
