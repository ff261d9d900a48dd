"""What a pool's row on the overview needs, stored beside the facts: a thousand pools are shown without decoding
a thousand looks. Pure; written by the watcher with every look.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from pools import captains
from pools.captains import Word
from pools.facts import Facts


@dataclass(frozen=True, slots=True)
class Member:
    """One host in the row's drawing, and what finds it by name, address or uuid."""

    name: str
    address: str
    uuid: str
    is_master: bool
    xenserver: Word
    cloudstack: Word


@dataclass(frozen=True, slots=True)
class Summary:
    """One look in short. What is about HA, and `guests`, is None while the master is silent; `master` is then the
    last one known. `ha_timeout_s` in seconds, None when not set. `ha_plan` is for how many failed hosts XenServer has
    a plan, `ha_tolerates` for how many it was told to."""

    master: str
    ha_enabled: bool | None
    ha_timeout_s: int | None
    guests: int | None
    cloudstack: str
    members: tuple[Member, ...]
    ha_plan: int | None = None
    ha_tolerates: int | None = None


def summary(facts: Facts, known: Facts | None) -> Summary:
    """The look in short. `known` is the last look in which the master answered."""
    pool = facts.pool
    seen = pool or (known.pool if known else None)
    master = seen.master_host if seen else None
    return Summary(
        master=master.name if master else "",
        ha_enabled=pool.ha.enabled if pool else None,
        ha_timeout_s=pool.ha.timeout_s if pool else None,
        guests=len(pool.vms) if pool else None,
        cloudstack=captains.states(facts.cloudstack) if facts.cloudstack else "",
        members=tuple(_member(row) for row in _by_name(captains.rows(facts, known, ()))),
        ha_plan=pool.ha.plan_exists_for if pool else None,
        ha_tolerates=pool.ha.failures_to_tolerate if pool else None,
    )


def summary_to(short: Summary) -> dict[str, Any]:
    """As plain values for a JSON column; a member is a list, as there may be thousands."""
    return {
        "master": short.master,
        "ha": [short.ha_enabled, short.ha_timeout_s, short.ha_plan, short.ha_tolerates],
        "guests": short.guests,
        "cloudstack": short.cloudstack,
        "members": [
            [m.name, m.address, m.uuid, m.is_master, *_plain(m.xenserver), *_plain(m.cloudstack)]
            for m in short.members
        ],
    }


def summary_from(plain: dict[str, Any]) -> Summary:
    """What `summary_to` wrote, now or in an earlier release, which kept less about HA."""
    enabled, timeout_s, plan, tolerates = (*plain["ha"], None, None)[:4]
    members = tuple(
        Member(name, address, uuid, master, Word(xen, xen_says), Word(cs, cs_says))
        for name, address, uuid, master, xen, xen_says, cs, cs_says in plain["members"]
    )
    return Summary(
        plain["master"],
        enabled,
        timeout_s,
        plain["guests"],
        plain["cloudstack"],
        members,
        ha_plan=plan,
        ha_tolerates=tolerates,
    )


def _by_name(rows: tuple[captains.Row, ...]) -> list[captains.Row]:
    return sorted(rows, key=lambda row: row.name)


def _member(row: captains.Row) -> Member:
    xenserver, cloudstack = (Word(w.mark, w.says) for w in (row.xenserver, row.cloudstack))
    return Member(row.name, row.address, row.uuid, row.is_master, xenserver, cloudstack)


def _plain(word: Word) -> tuple[str, str]:
    return word.mark, word.says
