"""The two captains side by side: what XenServer and CloudStack say of every host, and what to make of it. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pools.cloudstack_facts import CloudStackFacts, CsHost
from pools.facts import Facts, Host
from pools.matrix import ABSENT as NOT_THERE
from pools.matrix import Meaning, XenServer, meaning
from pools.rules.case import Finding, Severity

OK, UNKNOWN, ABSENT, WORKING = "ok", "unknown", "absent", "working"
CRITICAL, WARNING = Severity.CRITICAL.value, Severity.WARNING.value


@dataclass(frozen=True, slots=True)
class Word:
    """What one captain says: a mark (`ok`, `warning`, `critical`, `working`, `unknown`, `absent`), a word, a detail."""

    mark: str
    says: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """One host. `verdict` is a sentence; `agree` when there is nothing to say. `cause` and `then` are the matrix's,
    where the captains disagree."""

    uuid: str
    name: str
    address: str
    is_master: bool
    xenserver: Word
    cloudstack: Word
    verdict: str
    agree: bool
    remedy: str = ""
    cause: str = ""
    then: str = ""


def rows(facts: Facts, known: Facts | None, findings: Sequence[Finding]) -> tuple[Row, ...]:
    """Every host of either captain, disagreements first. `known` names the hosts while the master is silent."""
    pool = facts.pool or (known.pool if known else None)
    about, guests = _by_host(findings), facts.pool.vms_by_host() if facts.pool else {}
    found = [
        _row(facts, host, len(guests.get(host.uuid, ())), about.get(host.uuid, ()))
        for host in (pool.hosts if pool else ())
    ]
    addresses = {row.address for row in found}
    strangers = [
        h for h in (facts.cloudstack.hosts if facts.cloudstack else ()) if h.address not in addresses
    ]
    found += [_stranger(facts, host, about.get(host.id, ())) for host in strangers]
    return tuple(sorted(found, key=lambda row: (row.agree, row.name)))


def _by_host(findings: Sequence[Finding]) -> Mapping[str, tuple[Finding, ...]]:
    about: dict[str, tuple[Finding, ...]] = {}
    for finding in findings:
        if finding.subject.kind == "host":
            about[finding.subject.uuid] = (*about.get(finding.subject.uuid, ()), finding)
    return about


def _row(facts: Facts, host: Host, guests: int, findings: Sequence[Finding]) -> Row:
    xenserver, cloudstack = xenserver_says(facts, host, guests), cloudstack_says(facts, facts.cs_host(host))
    odd = next((f for f in findings if f.severity is not Severity.INFO), None)
    cell = _meaning(facts, host)
    is_master = facts.pool is not None and facts.pool.master == host.uuid
    silent = xenserver.mark == UNKNOWN or cloudstack.mark == UNKNOWN
    told = (
        cell.means
        if cell and silent
        else "Not known while a captain is silent"
        if silent
        else _sentence(cell)
    )
    verdict = odd.says if odd else told
    agree = odd is None and not silent and (cell is None or cell.well)
    remedy = odd.remedy if odd else ""
    cause, then = (cell.cause, cell.then) if cell and not agree and not cell.well else ("", "")
    return Row(
        *(host.uuid, host.name, host.address, is_master, xenserver, cloudstack, verdict, agree, remedy),
        cause=cause,
        then=then,
    )


def _meaning(facts: Facts, host: Host) -> Meaning | None:
    """The cell of the matrix; None for a pool without CloudStack, where there is only one captain."""
    seen = facts.cloudstack
    if seen is None:
        return None
    cs = facts.cs_host(host)
    said = (cs.state, cs.resourcestate, seen.managedstate) if cs else (NOT_THERE, "", "")
    return meaning(_xenserver(facts, host), *said)


def _xenserver(facts: Facts, host: Host) -> XenServer:
    if facts.pool is None:
        return XenServer.UNKNOWN
    return XenServer.DEAD if not host.live else XenServer.ENABLED if host.enabled else XenServer.DISABLED


def _sentence(cell: Meaning | None) -> str:
    if cell is None or cell.means == "Agree.":
        return "Agree"
    return cell.means


def _stranger(facts: Facts, host: CsHost, findings: Sequence[Finding]) -> Row:
    word = Word(UNKNOWN, "Not known") if facts.pool is None else Word(ABSENT, "Not in the pool")
    verdict = findings[0].says if findings else "CloudStack knows a host that the pool does not."
    cell = _strange(facts, host)
    return Row(
        *(host.id, host.name, host.address, False, word, cloudstack_says(facts, host), verdict, False),
        cause=cell.cause if cell else "",
        then=cell.then if cell else "",
    )


def _strange(facts: Facts, host: CsHost) -> Meaning | None:
    if facts.pool is None or facts.cloudstack is None:
        return None
    return meaning(XenServer.ABSENT, host.state, host.resourcestate, facts.cloudstack.managedstate)


def xenserver_says(facts: Facts, host: Host, guests: int) -> Word:
    """The host as its pool sees it now, with so many guests on it; not known while the master is silent."""
    if facts.pool is None:
        return Word(UNKNOWN, "Not known", "the master does not answer")
    lost = ", ".join(sr.name for sr in facts.pool.detached(host.uuid))
    if not host.live:
        return Word(CRITICAL, "Dead", "no heartbeat")
    if not host.enabled:
        return Word(WARNING, "Live, disabled", f"storage {lost} unplugged" if lost else "")
    return Word(OK, "Live, enabled", f"storage {lost} unplugged" if lost else f"{guests} guests")


def cloudstack_says(facts: Facts, host: CsHost | None) -> Word:
    """The host as CloudStack shows it now."""
    if facts.cloudstack is None:
        asked = facts.cloudstack_trouble is not None
        return (
            Word(UNKNOWN, "Not known", "CloudStack does not answer")
            if asked
            else Word(ABSENT, "Not connected")
        )
    if host is None:
        return Word(ABSENT, "Not in CloudStack")
    managed = facts.cloudstack.managedstate
    detail = f"{host.resourcestate}, {managed}"
    if host.resourcestate.startswith("ErrorIn"):
        return Word(CRITICAL, host.resourcestate, detail)
    if host.resourcestate in ("Maintenance", "PrepareForMaintenance"):
        return Word(WORKING, host.resourcestate, f"{host.state}, {managed}")
    return Word(_MARK.get(host.state, WARNING), host.state, detail)


def states(cloudstack: CloudStackFacts) -> str:
    """CloudStack's hosts, counted: `3 Up, 1 Alert`. A resource state other than Enabled says more than Up."""
    words = Counter(h.state if h.resourcestate == "Enabled" else h.resourcestate for h in cloudstack.hosts)
    return ", ".join(f"{n} {word}" for word, n in words.most_common()) or "no hosts"


_MARK = {"Up": OK, "Alert": CRITICAL, "Down": CRITICAL}
