"""Enable pool HA: so that the pool elects a new master by itself, with a timeout that forgives a storage hiccup.

1. Look at both captains.
2. Let XenServer HA restart no guest, one step for each that it would: restarting guests is CloudStack's job.
3. Guard the timeout against other tools.
4. Turn HA on with the heartbeat SR and the timeout said out loud, and read both again.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from pools.elections import elects_master
from pools.facts import Facts, PoolFacts, Sr
from pools.timing import timing
from workflows.engine.situation import Situation
from workflows.engine.step import Candidate, Check, Input, Step, Workflow
from workflows.steps import checks
from workflows.steps.clocks import how_near_it_came, what_it_means
from workflows.steps.guests import UnprotectGuest, unprotect_all
from workflows.steps.ha import SetTimeoutGuard, TurnHaOn, enough_hosts, timeout_input
from workflows.steps.look import LookAtBothCaptains

NEVER_A_STATEFILE = ("ext", "lvm", "iso", "udev", "dummy")


class EnableHa(Workflow):
    slug = "enable-ha"
    title = "Enable HA on {pool}"
    family = "High availability"
    why = (
        "CloudStack 4.3.2, 4.4 and later elect no new master: without pool HA one dead master stops the whole cluster. "
        "HA needs a shared SR for its heartbeat, three hosts, and a timeout that is said out loud."
    )
    duration = "2 to 5 min"
    inputs = (
        Input("sr", "Heartbeat SR", "sr", "Shared storage on which every host writes its heartbeat."),
        Input(
            "timeout",
            "Timeout, seconds",
            "text",
            "How long a host may be cut off from storage or network before it fences itself.",
            initial="180",
        ),
    )
    steps = (LookAtBothCaptains(), UnprotectGuest("", ""), SetTimeoutGuard(), TurnHaOn())

    def build(self, s: Situation) -> tuple[Step, ...]:
        first, _, *rest = self.steps
        return (first, *unprotect_all(s), *rest)

    def candidates(self, name: str, facts: Facts, inputs: Mapping[str, str]) -> tuple[Candidate, ...]:
        if name != "sr" or facts.pool is None:
            return ()
        pool = facts.pool
        srs = [_candidate(pool, sr) for sr in pool.srs if sr.type not in ("iso", "udev", "dummy")]
        return tuple(sorted(srs, key=lambda c: (len(c.out), len(c.con), c.label)))

    def refusals(self, s: Situation) -> Iterator[Check]:
        timeout_input(s)
        off = not s.pool.ha.enabled
        yield Check(off, "HA is off", "It is on already: to change its timeout, use change HA timeout.")
        yield enough_hosts(s)
        for host in s.pool.hosts:
            yield checks.is_enabled(s, host)
        yield checks.one_version(s)
        yield checks.licensed_for_ha(s)
        sr = s.pool.sr(s.inputs.get("sr", ""))
        chosen = _candidate(s.pool, sr) if sr else None
        why = ", ".join(chosen.out) if chosen else "it is not in the pool"
        name = sr.name if sr else "The chosen SR"
        yield Check(bool(chosen and chosen.possible), f"{name} can hold the heartbeat", f"It cannot: {why}.")

    def warnings(self, s: Situation) -> Iterator[str]:
        clocks = timing(s.facts.cloudstack) if s.has_cloudstack else None
        yield from what_it_means(timeout_input(s), len(s.pool.hosts), clocks)
        yield from how_near_it_came(s.pool)
        if s.has_cloudstack and elects_master(s.cloudstack.version):
            yield (
                f"CloudStack {s.cloudstack.version} makes another host the master by itself, and now XenServer "
                "will too: two captains. Update CloudStack soon, to 4.4 or later."
            )


def _candidate(pool: PoolFacts, sr: Sr) -> Candidate:
    """What speaks for and against an SR as the heartbeat's home; XAPI has the last word when HA is turned on."""
    attached = sum(1 for p in pool.pbds if p.sr == sr.uuid and p.attached)
    out: list[str] = []
    pro: list[str] = []
    (pro if sr.shared else out).append("shared" if sr.shared else "not shared")
    if attached < len(pool.hosts):
        out.append(f"attached on {attached} of {len(pool.hosts)} hosts")
    else:
        pro.append("attached on every host")
    if sr.type in NEVER_A_STATEFILE or sr.can_host_statefile is False:
        out.append(f"{sr.type} cannot hold a statefile")
    con = ["holds guests' disks"] if sr.vdis else []
    if sr.uuid in pool.ha.statefile_srs:
        pro.append("held the heartbeat before")
    return Candidate(sr.uuid, f"{sr.name} ({sr.type})", tuple(pro), tuple(con), tuple(out))
