"""Steps about who is master."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from pools.facts import Facts, Host
from workflows.engine.situation import NotKnown, Situation
from workflows.engine.step import Api, Call, Candidate, Causes, Check, Handle, Risk, Step, Traces
from workflows.steps import checks


@dataclass(frozen=True)
class DesignateMaster(Step):
    """XAPI does not let a master leave its pool, so another host takes the role first. The pool's API is away for
    about a minute; running guests are not touched."""

    title = "Make {successor} the master"
    risk = Risk.HIGH
    sends = ("pool.designate_new_master",)
    undo = "Hand the role back. Possible until the host is ejected."
    danger = (
        "Sessions and tasks on the old master end, and nobody can start, stop or migrate a guest until the new master "
        "answers. If the answer is lost, the run looks and does not send it again."
    )
    within = 600.0
    settle = (
        30.0  # toolstacks restart ten seconds after the call: before that, the old picture proves nothing
    )
    traces = Traces(tasks=("Async.pool.designate_new_master",), operations=("designate_new_master",))
    causes = Causes(
        pool=("master-moved",),
        passing=(
            "master-unreachable",
            "master-suspect",
            "master-disputed",
            "master-disabled",
            "host-disabled",
            "host-dead",
            "host-storage-detached",
            "cloudstack-alert",
            "cloudstack-disconnected",
            "cloudstack-stale-up",
        ),
    )

    def target(self, s: Situation) -> Host:
        return s.successor

    def preconditions(self, s: Situation) -> Iterator[Check]:
        target = self.target(s)
        yield checks.ha_is_off(s)
        yield checks.all_live(s)
        yield checks.all_answer(s)
        yield checks.is_live(s, target)
        yield checks.is_enabled(s, target)
        master = s.pool.master_host
        if master:
            yield checks.same_version(s, target, master)
        yield checks.storage_attached(s, target)
        yield checks.nothing_under_way(s)

    def expect(self, s: Situation) -> Facts:
        return s.facts.with_master(self.target(s).uuid)

    def calls(self, s: Situation) -> Iterator[Call]:
        target = self.target(s)
        yield Call(
            "XenServer",
            f'Async.pool.designate_new_master("{target.ref}")',
            f"xe pool-designate-new-master host-uuid={target.uuid}",
        )

    def act(self, api: Api, s: Situation) -> Handle:
        return Handle("xapi-task", api.xapi.start("pool.designate_new_master", self.target(s).ref))

    def done(self, s: Situation) -> bool:
        return s.pool.master == self.target(s).uuid


@dataclass(frozen=True)
class DesignateBack(DesignateMaster):
    """The role goes back to the host that had it when the run began."""

    title = "Make {master} the master again"
    undo = "Hand the role over once more."

    def heading(self, s: Situation) -> str:
        return self.title.format(master=self.target(s).name)

    def target(self, s: Situation) -> Host:
        was = s.baseline.pool.master_host if s.baseline.pool else None
        if was is None:
            raise NotKnown("It is not known who was master when the run began.")
        return was


DesignateMaster.undo_with = (DesignateBack,)


def fit_to_be_master(s: Situation) -> Iterator[Check]:
    """What must hold of the successor before a run that makes it the master is planned."""
    yield checks.is_live(s, s.successor)
    yield checks.is_enabled(s, s.successor)
    if master := s.pool.master_host:
        yield checks.same_version(s, s.successor, master)
    yield checks.storage_attached(s, s.successor)


def successors(facts: Facts, leaving: str) -> tuple[Candidate, ...]:
    """Who could become master, best first: attached storage, same version, enabled, and few guests to bother."""
    pool = facts.pool
    if pool is None:
        return ()
    ranked = [_candidate(facts, host) for host in pool.hosts if host.uuid not in (leaving, pool.master)]
    load = {h.uuid: len(pool.vms_on(h.uuid)) for h in pool.hosts}
    return tuple(sorted(ranked, key=lambda c: (len(c.out), len(c.con), load[c.value], c.label)))


def _candidate(facts: Facts, host: Host) -> Candidate:
    pool = facts.pool
    if pool is None:
        raise NotKnown("The pool could not be read.")
    out: list[str] = []
    pro: list[str] = []
    con: list[str] = []
    master, lost = pool.master_host, [sr.name for sr in pool.detached(host.uuid)]
    (pro if host.live else out).append("live" if host.live else "not live")
    (pro if host.enabled else out).append("enabled" if host.enabled else "disabled")
    if master and host.version != master.version:
        out.append(f"runs {host.version}, the master runs {master.version}")
    else:
        pro.append("same version as the master")
    if lost:
        out.append(f"storage unplugged: {', '.join(lost)}")
    else:
        pro.append("all storage attached")
    if cs := facts.cs_host(host):
        (pro if cs.state == "Up" else con).append(f"CloudStack shows it {cs.state}")
    guests = len(pool.vms_on(host.uuid))
    pro.append("no guests" if not guests else f"{guests} guests")
    return Candidate(host.uuid, host.name, tuple(pro), tuple(con), tuple(out))
