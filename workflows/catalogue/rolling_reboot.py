"""Reboot hosts of a pool one after the other, while every guest keeps running.

1.  Look at both captains; nothing is touched on a pool in trouble.
2.  Place every guest of each host in turn, on paper: a host that cannot be emptied is named, with its guest and why.
3.  Remember how HA is set, and where the guests run.
4.  Turn HA off: it would take the reboots for crashes.
5.  For each host, the master first:
    a. put it into maintenance in CloudStack, which moves its guests;
    b. disable it in the pool; move what CloudStack does not know; see that nothing is left;
    c. the master only: let CloudStack go of the cluster;
    d. reboot it, and wait for a newer boot time, its storage, and its answer;
    e. the master only: let CloudStack take the cluster back, and wait until its hosts are Up;
    f. cancel the maintenance, and wait until CloudStack shows it Up. Here the run may rest.
6.  Turn HA on, as it was, with the timeout said out loud: moving guests takes longest, and needs no HA off.
7.  Bring the guests back to where they ran. If a host was left out, this comes first, and HA after it.
8.  Set the failures to tolerate, if they came back different.
9.  Verify the pool with both captains.

A host that does not come back is waited for longer, or left out with a reason; the run goes on with the next one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from pools.facts import Facts, Host, PoolFacts
from workflows.engine.situation import Situation
from workflows.engine.step import Candidate, Check, Input, Step, Workflow
from workflows.steps import room
from workflows.steps.cluster import ClusterIsUp, LetGoOfCluster, TakeClusterBack
from workflows.steps.ha import DisableHa, RememberHa, RestoreTolerance
from workflows.steps.look import LookAtBothCaptains
from workflows.steps.placing import PUT_BACK, BringBackOne
from workflows.steps.rolling import (
    BackOne,
    CancelOne,
    DisableOne,
    EnableOne,
    EvacuateOne,
    MaintainOne,
    RebootOne,
    RememberPlaces,
    RestoreHaAtLast,
    RestoreHaFirst,
    SimulateEvacuation,
    UpOne,
    VerifyHosts,
    chosen,
)

FEWEST = 2


class RollingReboot(Workflow):
    slug = "rolling-reboot"
    title = "Reboot hosts of {pool} one after the other"
    family = "Hosts"
    why = (
        "Updates come into force with a reboot, and every host has its turn: emptied, rebooted, back in service for "
        "both captains before the next one. HA has to be off meanwhile, and is not forgotten; the master goes first."
    )
    duration = "15 to 30 min a host, most of it moving guests"
    inputs = (
        Input("hosts", "Hosts to reboot", "hosts", "The master goes first, whatever the order here."),
        Input(PUT_BACK, "Bring the guests back at the end", "choice", "To the hosts that they run on now."),
    )
    steps = (
        LookAtBothCaptains(),
        SimulateEvacuation(),
        RememberHa(),
        RememberPlaces(),
        DisableHa(),
        MaintainOne(),
        DisableOne(),
        EvacuateOne(),
        LetGoOfCluster(),
        RebootOne(),
        BackOne(),
        EnableOne(),
        TakeClusterBack(),
        ClusterIsUp(),
        CancelOne(),
        UpOne(),
        RestoreHaFirst(),
        BringBackOne(),
        RestoreHaAtLast(),
        RestoreTolerance(),
        VerifyHosts(),
    )

    def build(self, s: Situation) -> tuple[Step, ...]:
        hosts = chosen(s)
        before = (LookAtBothCaptains(), SimulateEvacuation(), RememberHa(), RememberPlaces(), DisableHa())
        turns = tuple(step for host in hosts for step in _turn(host, s.pool.master == host.uuid))
        back = tuple(BringBackOne(host.uuid) for host in hosts)
        after = (RestoreHaAtLast(), RestoreTolerance(), VerifyHosts())
        return (*before, *turns, RestoreHaFirst(), *back, *after)

    def candidates(self, name: str, facts: Facts, inputs: Mapping[str, str]) -> tuple[Candidate, ...]:
        if name == PUT_BACK:
            return (
                Candidate("yes", "Yes", ("the load stands as before",)),
                Candidate("no", "No", ("shorter",), ("the last host stays empty",)),
            )
        if name != "hosts" or facts.pool is None:
            return ()
        found = {host.uuid: _candidate(facts, facts.pool, host) for host in facts.pool.hosts}

        def rank(host: Host) -> tuple[object, ...]:
            return (len(found[host.uuid].out), not _due(host), not host.is_master, host.name)

        return tuple(found[host.uuid] for host in sorted(facts.pool.hosts, key=rank))

    def refusals(self, s: Situation) -> Iterator[Check]:
        hosts = chosen(s)
        yield Check(
            len(s.pool.hosts) >= FEWEST,
            "The pool has another host to take the guests",
            "A pool of one cannot be emptied: stop its guests and reboot it by hand.",
        )
        for host in hosts:
            yield Check(
                host.live,
                f"{host.name} is live",
                "A dead host cannot be emptied: bring it back, or leave it out.",
            )
            if s.has_cloudstack:
                yield Check(
                    s.cloudstack.host_at(host.address) is not None,
                    f"CloudStack knows {host.name}",
                    f"No host of cluster {s.cloudstack.cluster_name} has its address {host.address}: add it there.",
                )
        for emptying in room.in_turn(s.pool, hosts):
            yield emptying.check

    def warnings(self, s: Situation) -> Iterator[str]:
        if s.pool.ha.enabled:
            yield "HA is off from the first host to the last: if the master dies meanwhile, nobody elects a new one."
        if not s.has_cloudstack:
            yield "This pool has no CloudStack: XAPI itself moves the guests."
        if s.pool.master not in {host.uuid for host in chosen(s)} and any(
            _due(h) for h in s.pool.hosts if h.is_master
        ):
            yield "The master needs a reboot too and is not chosen: a member should not run what its master does not."


def _turn(host: Host, is_master: bool) -> tuple[Step, ...]:
    """What is done with one host."""
    uuid = host.uuid
    emptied = (MaintainOne(uuid), DisableOne(uuid), EvacuateOne(uuid))
    rebooted: tuple[Step, ...] = (RebootOne(uuid), BackOne(uuid), EnableOne(uuid))
    if is_master:
        rebooted = (LetGoOfCluster(), *rebooted, TakeClusterBack(), ClusterIsUp())
    return (*emptied, *rebooted, CancelOne(uuid), UpOne(uuid))


def _due(host: Host) -> bool:
    return host.reboot_due or any(guidance.startswith("reboot_host") for guidance in host.pending_guidances)


def _candidate(facts: Facts, pool: PoolFacts, host: Host) -> Candidate:
    pro: list[str] = []
    con: list[str] = []
    out: list[str] = [] if host.live else ["not live"]
    (pro if _due(host) else con).append("a reboot is due" if _due(host) else "no reboot is due")
    if host.is_master:
        pro.append("the master, which goes first")
    emptying, _ = room.emptied(pool, host)
    if emptying.stays:
        out.append(f"cannot be emptied: {emptying.stays[0].guest}: {emptying.stays[0].why}")
    else:
        pro.append(f"{emptying.moved} guests find room elsewhere" if emptying.moved else "no guests")
    known = facts.cs_host(host)
    if known and (known.state, known.resourcestate) != ("Up", "Enabled"):
        con.append(f"CloudStack shows it {known.state}, {known.resourcestate}")
    return Candidate(host.uuid, host.name, tuple(pro), tuple(con), tuple(out))
