"""The self-lockout guard: what Baton needs to be there itself, and which steps would take it away. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from pools.facts import Facts, Host
from workflows.engine.situation import NotKnown, Situation
from workflows.engine.step import Step

ENDS = {
    "host.reboot": "reboots",
    "host.shutdown": "shuts down",
    "host.power_cycle": "cuts the power of",
    "host.destroy": "forgets",
    "pool.eject": "ejects and reboots",
}
EMPTIES = {"host.evacuate": "empties", "prepareHostForMaintenance": "empties"}
"""Calls that take a host away, or the guests on it, in words that go before the host's name."""


@dataclass(frozen=True, slots=True)
class Own:
    """Something that Baton needs: `what` it is, and `where`, an address, a uuid or a name of a guest or a host."""

    what: str
    where: str


@dataclass(frozen=True, slots=True)
class Stands:
    """Where that is in this pool: on a host, in a guest there or on the host itself (`guest` is empty)."""

    what: str
    host: str
    guest: str = ""


def standing(own: Iterable[Own], facts: Facts, *earlier: Facts) -> tuple[Stands, ...]:
    """Which of it is found in this pool. `earlier` facts may know a guest's address that these do not tell: the watch
    does not ask CloudStack for it."""
    return tuple(found for each in own for found in _found(each, facts, (facts, *earlier)))


def threats(step: Step, s: Situation, own: Iterable[Own]) -> tuple[str, ...]:
    """Sentences: what this step would do to what Baton needs, as the situation is by then."""
    try:
        host = step.around(s).host
        calls = [call.request for call in step.calls(s)]
    except (NotKnown, ValueError, KeyError):
        return ()
    here = [found for found in standing(own, s.known, s.baseline) if found.host == host.uuid]
    return tuple(_says(found, host, verb, ends) for verb, ends in _verbs(calls) for found in here)


def _found(own: Own, facts: Facts, told: tuple[Facts, ...]) -> Iterator[Stands]:
    if facts.pool is None:
        return
    for host in facts.pool.hosts:
        if own.where in (host.uuid, host.name, host.address):
            yield Stands(own.what, host.uuid)
    named = {own.where, *_at(own.where, told)}
    for vm in facts.pool.vms:
        if vm.host and named & {vm.uuid, vm.name}:
            yield Stands(own.what, vm.host, vm.name)


def _at(address: str, told: Iterable[Facts]) -> Iterator[str]:
    """Names of the guests that have this address: CloudStack knows its instances' addresses."""
    for facts in told:
        for vm in facts.cloudstack.vms if facts.cloudstack else ():
            if address in vm.addresses:
                yield vm.instance


def _verbs(requests: list[str]) -> Iterator[tuple[str, bool]]:
    for call, verb in (ENDS | EMPTIES).items():
        if any(call in request for request in requests):
            yield verb, call in ENDS


def _says(found: Stands, host: Host, verb: str, ends: bool) -> str:
    where = f"the guest {found.guest}, on {host.name}" if found.guest else f"{host.name} itself"
    if ends or not found.guest:
        then = (
            "it goes down, and this run with it until it is back" if "Baton" in found.what else "it goes down"
        )
    else:
        then = f"the guest is moved to another host, and {found.what} may not answer for a moment"
    return f"{found.what} runs on {where}. This step {verb} {host.name}: {then}."
