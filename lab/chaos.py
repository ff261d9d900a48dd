"""What a person or a test can break, and how it is mended: the words of ``python -m lab break``."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

from lab.cloudstack import switches
from lab.faults import KINDS, Fault
from lab.world import power
from lab.world.things import SR, Host

if TYPE_CHECKING:
    from lab.server.running import Lab
    from lab.world import World

ALIASES = {"unhang": "hang", "unslow": "slow"}


class Nonsense(ValueError):
    """An order that cannot be carried out; the text says why and what there is."""


@dataclass(frozen=True)
class Physical:
    """Something that happens to a machine rather than to the wire."""

    summary: str
    act: Callable[[World, Host, dict[str, Any]], object]


def _sr(host: Host, options: dict[str, Any]) -> SR:
    name = options.get("sr") or "nfs-hb"
    for pbd in host.pbds:
        if pbd.sr.name == name:
            return pbd.sr
    raise Nonsense(
        f"{host.name} has no storage called {name!r}; there are: {', '.join(p.sr.name for p in host.pbds)}"
    )


def _set_password(world: World, host: Host, options: dict[str, Any]) -> None:
    host.root_password = options.get("what") or "changed"


def _skew(world: World, host: Host, options: dict[str, Any]) -> None:
    host.clock_skew = float(options.get("delay") or 600)


def _unplug(world: World, host: Host, options: dict[str, Any]) -> None:
    sr = _sr(host, options)
    next(pbd for pbd in host.pbds if pbd.sr is sr).attached = False


def _disable(world: World, host: Host, options: dict[str, Any]) -> None:
    host.enabled, host.keep_disabled = False, True
    world.announce("enabled", host)


def _cut(world: World, host: Host, options: dict[str, Any]) -> None:
    if options.get("from"):
        power.cut_between(world, [host], hosts_named(world, str(options["from"])))
        world.announce("power", host)
    else:
        power.cut_network(world, host)


def _cut_clients(world: World, host: Host, options: dict[str, Any]) -> None:
    host.clients_cut = True
    world.announce("power", host)


def _mend_cut(world: World, host: Host, options: dict[str, Any]) -> None:
    others = hosts_named(world, str(options["from"])) if options.get("from") else world.machines
    power.mend_between(world, [host], others)
    host.clients_cut = False
    power.mend_network(world, host)


def _stop(world: World, host: Host, options: dict[str, Any]) -> None:
    power.stop_toolstack(world, host)
    world.announce("power", host)


def _never_boot(world: World, host: Host, options: dict[str, Any]) -> None:
    host.fails_to_boot = True


PHYSICAL = {
    "kill": Physical("power loss: refuses connections, its VMs die", lambda w, h, o: power.kill(w, h)),
    "revive": Physical("power on: boots in minutes of lab time", lambda w, h, o: power.revive(w, h)),
    "reboot": Physical("a reset: off and on again", lambda w, h, o: power.reboot(w, h)),
    "no-boot": Physical("whoever powers it on or reboots it waits in vain", _never_boot),
    "toolstack-restart": Physical("xapi restarts; VMs go on", lambda w, h, o: power.restart_toolstack(w, h)),
    "toolstack-stop": Physical("xapi dies and does not come back; VMs go on", _stop),
    "network-cut": Physical("nobody reaches it; with --from only those hosts do not, and it not them", _cut),
    "console-cut": Physical("clients do not reach it, while its pool does", _cut_clients),
    "network-mend": Physical("the network is back", _mend_cut),
    "storage-cut": Physical("the host loses --sr", lambda w, h, o: power.cut_storage(w, h, _sr(h, o))),
    "storage-mend": Physical("--sr is back", lambda w, h, o: power.mend_storage(w, h, _sr(h, o))),
    "unplug": Physical("the PBD of --sr is found unplugged", _unplug),
    "disable": Physical("somebody disabled the host", _disable),
    "password": Physical("the root password becomes --what", _set_password),
    "clock-skew": Physical("the host's clock is --delay seconds ahead", _skew),
}
NEW_CERTIFICATE = "new-certificate"
OPTIONS: dict[str, tuple[type, ...]] = {
    "sr": (str,),
    "from": (str,),
    "call": (str,),
    "what": (str,),
    "times": (int,),
    "after": (int,),
    "delay": (int, float),
}


def words() -> dict[str, str]:
    """Every word that ``break`` knows, with what it does."""
    machine = {name: physical.summary for name, physical in PHYSICAL.items()}
    server = {name: f"cloudstack: {switch.summary}" for name, switch in switches.SWITCHES.items()}
    server["clock-skew"] = f"{machine['clock-skew']}; {server['clock-skew']}"
    return {**machine, NEW_CERTIFICATE: "the host shows another TLS certificate", **server, **KINDS}


async def break_(lab: Lab, kind: str, where: str, options: dict[str, Any]) -> str:
    """Break something; a sentence that says what was done. Nonsense when it makes no sense."""
    check_options(options)
    if kind in ALIASES:
        gone = lab.world.faults.remove(where, ALIASES[kind])
        return f"{gone} faults of kind {ALIASES[kind]} at {where} are gone."
    if kind in KINDS:
        return _add_fault(lab, kind, where, options)
    if where == "cloudstack" and kind in switches.SWITCHES:
        switches.SWITCHES[kind].turn_on(lab.world.cloudstack, options)
        return f"cloudstack: {switches.SWITCHES[kind].summary}."
    if where == "cloudstack" and kind in ("kill", "revive"):
        await lab.cloudstack.set_mode("closed" if kind == "kill" else "open")
        return f"cloudstack: {kind}."
    hosts = hosts_named(lab.world, where)
    for host in hosts:
        if kind == NEW_CERTIFICATE:
            lab.new_certificate(host)
        elif kind in PHYSICAL:
            PHYSICAL[kind].act(lab.world, host, options)
        else:
            raise Nonsense(f"nothing is called {kind!r}; there are: {', '.join(words())}")
    return f"{', '.join(host.name for host in hosts)}: {kind}."


def check_options(options: dict[str, Any]) -> None:
    """Nonsense if one is unknown, or of the wrong kind."""
    for name, value in options.items():
        kinds = OPTIONS.get(name)
        if kinds is None:
            raise Nonsense(f"nothing is called {name!r} here; there are: {', '.join(OPTIONS)}")
        if value is not None and (isinstance(value, bool) or not isinstance(value, kinds)):
            raise Nonsense(
                f"{name} is {value!r}, and should be {' or '.join(kind.__name__ for kind in kinds)}"
            )
        if isinstance(value, (int, float)) and not 0 <= value < 1e9:
            raise Nonsense(f"{name} is {value}, and should be from 0 to 1000000000")


def _add_fault(lab: Lab, kind: str, where: str, options: dict[str, Any]) -> str:
    known = {field.name for field in fields(Fault)} - {"kind", "where", "number"}
    if where not in ("*", "cloudstack") and not any(char in where for char in "*?["):
        where = "|".join(host.name for host in hosts_named(lab.world, where))
    chosen = {name: value for name, value in options.items() if name in known and value is not None}
    for one in where.split("|"):
        lab.world.faults.add(Fault(kind, one, **chosen))
    return f"{where}: {kind} ({KINDS[kind]})."


def hosts_named(world: World, where: str) -> list[Host]:
    """``amber-1``, ``amber`` (all its hosts) or ``amber:master``; Nonsense with the names there are."""
    pool_name, _, part = where.partition(":")
    for pool in world.pools:
        if pool.name and pool.name == pool_name:
            return [pool.master] if part == "master" and pool.master else list(pool.hosts)
    for host in world.machines:
        if host.name == where:
            return [host]
    names = ", ".join(pool.name for pool in world.pools if pool.name)
    raise Nonsense(f"no host or pool is called {where!r}; the pools are: {names}")


async def mend(lab: Lab, where: str) -> str:
    """Undo what was broken there, or everywhere for ``all``: faults, power, network, storage, password, clock."""
    everywhere = where == "all"
    hosts = (
        lab.world.machines if everywhere else [] if where == "cloudstack" else hosts_named(lab.world, where)
    )
    if everywhere or where == "cloudstack":
        await lab.cloudstack.set_mode("open")
        switches.mend(lab.world.cloudstack)
        lab.world.faults.remove("*" if everywhere else "cloudstack")
    lab.world.faults.remove_within({host.name for host in hosts}, {host.name for host in lab.world.machines})
    for host in hosts:
        _mend_host(lab.world, host)
    return f"{where}: mended."


def _mend_host(world: World, host: Host) -> None:
    host.network_cut, host.clients_cut, host.clock_skew, host.root_password = False, False, 0.0, "baton-lab"
    power.mend_between(world, [host], world.machines)
    host.cut_srs.clear()
    if host.fails_to_boot and host.power == "booting":
        host.power = "off"
    host.fails_to_boot = False
    power.revive(world, host)
    if host.toolstack == "stopped":
        power.restart_toolstack(world, host)
    world.announce("power", host)
