"""Build a cluster: make a pool complete, turn HA on, and only then let CloudStack discover it.

1. Look at the pool; CloudStack has no cluster of that name yet.
2. Compare each new host with the master: everything that XAPI will ask.
3. Join one host after the other, and wait until they are live and enabled: three hosts at least.
4. Guard the timeout against other tools; turn HA on, with the timeout said out loud.
5. Make the cluster in CloudStack, add one host, and wait until all are discovered and Up.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from pools.facts import Facts
from workflows.catalogue.add_hosts import LOGIN_INPUT, STRANGERS_INPUT
from workflows.catalogue.enable_ha import EnableHa
from workflows.engine.situation import Situation
from workflows.engine.step import Candidate, Check, Input, Step, Workflow
from workflows.steps.discovering import POD, AddToCloudStack, AllDiscovered, MakeCluster
from workflows.steps.fitness import named
from workflows.steps.ha import ENOUGH_HOSTS, SetTimeoutGuard, TurnHaOn, timeout_input
from workflows.steps.joining import (
    STRANGERS,
    InspectNewcomers,
    JoinPool,
    LookAtThePool,
    MembersReady,
    joins,
    unfit,
)


class BuildCluster(Workflow):
    slug = "build-cluster"
    title = "Build a cluster of {pool}"
    family = "Members and masters"
    why = (
        "CloudStack takes a whole pool in at once, and a single host that is in none never. So the pool is made "
        "complete first, with HA on, and CloudStack comes last."
    )
    duration = "10 to 30 min"
    inputs = (
        STRANGERS_INPUT,
        LOGIN_INPUT,
        *EnableHa.inputs,
        Input(POD, "Pod", "choice", "Where the cluster is made in CloudStack."),
    )
    steps = (
        LookAtThePool(),
        InspectNewcomers(),
        JoinPool("", ""),
        MembersReady(),
        SetTimeoutGuard(),
        TurnHaOn(),
        MakeCluster(),
        AddToCloudStack(),
        AllDiscovered(),
    )

    def build(self, s: Situation) -> tuple[Step, ...]:
        ha = (SetTimeoutGuard(), TurnHaOn())
        cloudstack = (MakeCluster(), AddToCloudStack(), AllDiscovered())
        return (LookAtThePool(), InspectNewcomers(), *joins(s), MembersReady(), *ha, *cloudstack)

    def candidates(self, name: str, facts: Facts, inputs: Mapping[str, str]) -> tuple[Candidate, ...]:
        if name == POD:
            pods = facts.cloudstack.pods if facts.cloudstack else ()
            return tuple(Candidate(pod.id, f"{pod.name}, zone {pod.zone}") for pod in pods)
        return EnableHa().candidates(name, facts, inputs)

    def refusals(self, s: Situation) -> Iterator[Check]:
        timeout_input(s)
        seen = s.facts.cloudstack
        yield Check(
            seen is not None,
            "The pool is connected to a CloudStack that answers",
            "Connect it on the pool's settings page, with the name that the cluster is to have.",
        )
        yield Check(
            seen is None or not seen.cluster,
            f"CloudStack has no cluster {seen.cluster_name if seen else ''} yet",
            "It is there already: use add hosts.",
        )
        yield Check(
            not s.pool.ha.enabled, "HA is off", "It is on already: turn it off first, with disable HA."
        )
        number = len(s.pool.hosts) + len(named(s.inputs.get(STRANGERS, "")))
        yield Check(
            number >= ENOUGH_HOSTS,
            f"The cluster will have at least {ENOUGH_HOSTS} hosts",
            f"It would have {number}: with HA on, two hosts fence each other. Name more hosts.",
        )
        yield from unfit(s)
