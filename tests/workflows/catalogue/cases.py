"""One case for each workflow: a pool of the lab that it can be run on to its end, and the calls that must be sent.

A workflow without a case fails a test, so that a new one is held to the same account as the others.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from lab.cloudstack.versions import Version
from lab.testing import RunningLab, running_lab
from lab.world import World, ha_switch, power
from lab.xapi import dialects
from pools import watching
from pools.facts import Facts
from pools.models import Pool
from tests.pools.lab import cloudstack_of, pool_of
from tests.workflows.engine.driving import look, person
from workflows.catalogue import WORKFLOWS
from workflows.models import Run
from workflows.running import choices

Inputs = Callable[[Facts], dict[str, str]]


def nothing(world: World) -> None:
    """The pool is left as the scenario made it."""


def anytime(world: World) -> bool:
    return True


@dataclass(frozen=True)
class Release:
    """What both captains speak: a dialect of the lab, and a version of its CloudStack."""

    xenserver: str
    cloudstack: str

    def spoken(self, world: World) -> None:
        """From now on, by every pool."""
        for pool in world.pools:
            dialects.speak(pool, self.xenserver)
        world.cloudstack.version = Version(self.cloudstack)

    def __str__(self) -> str:
        return f"{self.xenserver} under {self.cloudstack}"


RELEASES = tuple(
    Release(*each)
    for each in (
        ("6.2", "4.3.1"),
        ("6.2", "4.3.2"),
        ("6.5", "4.5.2"),
        ("7.1", "4.9.3"),
        ("8.2", "4.14.1"),
        ("8.2", "4.19.1"),
        ("8.3", "4.20.1"),
        ("current", "4.22.0"),
    )
)
"""Every release that the lab speaks, each with CloudStacks of its time; between them all manners of both."""


@dataclass(frozen=True)
class Case:
    """`calls` are those that change something, in order."""

    pool: str
    inputs: Inputs
    calls: tuple[str, ...]
    scenario: str = "healthy"
    was: Callable[[World], None] = nothing
    """How the pool was before it was seen for the first time."""
    happens: Callable[[World], None] = nothing
    """What befell it since then, before the run is planned."""
    ready: Callable[[World], object] = anytime
    """What has to come about by itself before the run is planned."""
    speed: float = 1000

    @property
    def all_calls(self) -> tuple[str, ...]:
        return tuple(call.rstrip("?") for call in self.calls)

    @property
    def needed(self) -> tuple[str, ...]:
        """Without those that a captain may make superfluous, marked with `?`."""
        return tuple(call for call in self.calls if not call.endswith("?"))


@contextmanager
def laid_out(
    case: Case, release: Release | None = None, *, called: str = ""
) -> Iterator[tuple[RunningLab, Pool]]:
    """The lab with the pool registered and seen while it was well; then what happens to it, happens."""
    with running_lab(case.scenario, speed=case.speed, plain=True) as lab:
        if release:
            lab.do(release.spoken)
        lab.do(case.was)
        pool = pool_of(
            lab,
            case.pool,
            cloudstack=cloudstack_of(lab, name=f"lab{called}"),
            name=f"{case.pool}{called}",
            approvals_needed=0,
            plain_http=True,
            patience_s=3600,
        )
        assert watching.watch(pool.pk)
        lab.do(case.happens)
        lab.wait_until(case.ready, seconds=60)
        pool.refresh_from_db()
        yield lab, pool


def begin(slug: str, pool: Pool, inputs: Inputs) -> Run:
    """Planned on fresh facts and started by bo."""
    facts = look(pool)
    known = facts if facts.pool else pool.last_good_facts()
    assert known
    run = choices.plan_run(WORKFLOWS[slug], pool, inputs(known), person("bo"), facts)
    choices.start(run, person("bo"))
    return run


def named(facts: Facts, name: str) -> str:
    """uuid of a host."""
    host = facts.pool.host_named(name) if facts.pool else None
    assert host
    return host.uuid


def hosts(**names: str) -> Inputs:
    """Inputs that are hosts, by name."""
    return lambda facts: {key: named(facts, name) for key, name in names.items()}


def heartbeat(facts: Facts) -> dict[str, str]:
    """nfs-hb and 180 s."""
    assert facts.pool
    return {"sr": next(sr.uuid for sr in facts.pool.srs if sr.name == "nfs-hb"), "timeout": "180"}


def master_dies(world: World) -> None:
    power.kill(world, world.host("basalt-1"))


def ha_goes_off(world: World) -> None:
    pool = world.pool("basalt")
    pool.ha_enabled = False
    for host in pool.hosts:
        ha_switch.disarm(host)


def guard_goes_wrong(world: World) -> None:
    """HA is off, and another tool would turn it on with 60 s."""
    ha_goes_off(world)
    world.pool("basalt").other_config["default_ha_timeout"] = "60"


def the_timeout_is_short(world: World) -> None:
    """As in the text that all this began with."""
    pool = world.pool("basalt")
    pool.ha_timeout, pool.ha_configuration = 30.0, {"timeout": "30"}
    pool.other_config["default_ha_timeout"] = "30"


def somebody_protects_a_guest(world: World) -> None:
    guest = next(vm for vm in world.pool("basalt").vms if not vm.is_control_domain)
    guest.ha_restart_priority, guest.ha_always_run = "restart", True


def the_other_dies(world: World) -> None:
    """From now on amber-1 fences itself, boots, waits, and fences itself again."""
    power.kill(world, world.host("amber-2"))


def it_fences_itself(world: World) -> bool:
    """It has just booted, and answers for the timeout and a minute from now on."""
    host = world.host("amber-1")
    return host.emergency is not None and world.now() - host.boot_time < 60


def a_member_dies(world: World) -> None:
    power.kill(world, world.host("amber-4"))


def both_captains_noticed(world: World) -> bool:
    row = next(h for h in world.cloudstack.hosts.values() if h.name == "amber-4")
    return not world.host("amber-4").live and row.status != "Up"


EMPTY = "prepareHostForMaintenance"
CASES: dict[str, Case] = {
    "elect-master": Case(
        "basalt",
        hosts(host="basalt-1", successor="basalt-2"),
        # CloudStack may have restarted the guests first, and then nobody has to be declared dead.
        ("pool.emergency_transition_to_master", "pool.recover_slaves", "host.declare_dead?"),
        was=ha_goes_off,
        happens=master_dies,
    ),
    "change-master": Case(
        "basalt",
        hosts(successor="basalt-2"),
        ("pool.disable_ha", "pool.designate_new_master", "pool.enable_ha"),
    ),
    "remove-master": Case(
        "amber",
        hosts(host="amber-1", successor="amber-2"),
        (EMPTY, "pool.disable_ha", "pool.designate_new_master", "pool.eject", "deleteHost", "pool.enable_ha"),
    ),
    "remove-host": Case(
        "amber",
        hosts(host="amber-4"),
        (EMPTY, "pool.disable_ha", "pool.eject", "deleteHost", "pool.enable_ha"),
    ),
    "reenable-host": Case("cobalt", hosts(host="cobalt-2"), ("PBD.plug", "host.enable?"), scenario="estate"),
    "enable-ha": Case(
        "basalt",
        heartbeat,
        ("pool.remove_from_other_config", "pool.add_to_other_config", "pool.enable_ha"),
        was=guard_goes_wrong,
    ),
    "change-ha-timeout": Case(
        "basalt",
        lambda facts: {"timeout": "180"},
        ("pool.remove_from_other_config", "pool.add_to_other_config", "pool.disable_ha", "pool.enable_ha"),
        was=the_timeout_is_short,
    ),
    "disable-ha": Case("basalt", lambda facts: {"wish": "for-now"}, ("pool.disable_ha",)),
    "unprotect-vms": Case(
        "basalt", lambda facts: {}, ("VM.set_ha_restart_priority",), was=somebody_protects_a_guest
    ),
    "break-fence-loop": Case(
        "amber",
        hosts(successor="amber-1"),
        ("host.emergency_ha_disable",),
        scenario="two-host",
        happens=the_other_dies,
        ready=it_fences_itself,
        speed=50,  # it answers only between two boots, so that the run has to keep pace with it
    ),
    "remove-host, dead": Case(
        "amber",
        hosts(host="amber-4"),
        ("host.declare_dead?", "pool.disable_ha", "host.destroy", "deleteHost", "pool.enable_ha"),
        happens=a_member_dies,
        ready=both_captains_noticed,
    ),
}
"""Workflow (and after a comma, which of its ways) → case."""
