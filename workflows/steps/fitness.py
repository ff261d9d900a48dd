"""Whether a host may join a pool: what XAPI asks, in its order, each with the code that it would answer. Pure.

The questions are those of xapi_pool.ml, pre_join_checks. That the pool has HA on is not one of them here: a run turns
it off before it joins anybody.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from ipaddress import ip_address

from pools.facts import Newcomer, Passport, PoolFacts
from workflows.engine.situation import NotKnown, Situation
from workflows.engine.step import Check

NAME = re.compile(r"[A-Za-z0-9]([A-Za-z0-9.-]{0,251}[A-Za-z0-9])?")
"""A host's name, or its IPv4 address."""
LARGEST_SKEW_S = 300
"""From there on XAPI raises HOST_CLOCK_SKEW_DETECTED about a member."""
SAME = {
    "platform version": "HOSTS_NOT_COMPATIBLE",
    "brand": "HOSTS_NOT_COMPATIBLE",
    "xapi": "HOSTS_NOT_HOMOGENEOUS",
    "git id": "HOSTS_NOT_HOMOGENEOUS",
    "kernel": "HOSTS_NOT_HOMOGENEOUS",
    "management VLAN": "POOL_JOINING_HOST_MANAGEMENT_VLAN_DOES_NOT_MATCH",
    "external authentication": "POOL_JOINING_EXTERNAL_AUTH_MISMATCH",
    "network backend": "OPERATION_NOT_ALLOWED",
    "API version": "POOL_JOINING_HOST_MUST_HAVE_SAME_API_VERSION",
    "database schema": "POOL_JOINING_HOST_MUST_HAVE_SAME_DB_SCHEMA",
    "updates": "HOSTS_NOT_HOMOGENEOUS",
    "address type": "OPERATION_NOT_ALLOWED",
    "TLS verification": "POOL_JOINING_HOST_TLS_VERIFICATION_MISMATCH",
}
"""What must be the same on both, and how XAPI refuses it."""


@dataclass(frozen=True, slots=True)
class Named:
    """A host as the form names it. `fingerprint` is what a person has compared, empty while nobody has."""

    address: str
    fingerprint: str = ""


def named(text: str) -> tuple[Named, ...]:
    """The hosts of a form: one on each line, or by commas; after the address its certificate's fingerprint."""
    found: dict[str, Named] = {}
    for line in text.replace(",", "\n").splitlines():
        words = line.split()
        if len(words) > 2:
            raise NotKnown(f"“{line.strip()}” is not an address with at most a fingerprint after it.")
        if words and not _is_address(words[0]):
            raise NotKnown(f"“{words[0]}” is neither a host’s name nor its address.")
        if words:
            found.setdefault(words[0], Named(*words))
    return tuple(found.values())


def _is_address(text: str) -> bool:
    try:
        return bool(NAME.fullmatch(text) or ip_address(text))
    except ValueError:
        return False


def newcomer(s: Situation, address: str) -> Newcomer:
    """The host at that address as it was just seen. Raises NotKnown when it could not be."""
    for facts in (s.facts, s.baseline):
        found = next((n for n in facts.newcomers if n.address == address), None)
        if found and found.trouble is None:
            return found
        if found and found.trouble:
            raise NotKnown(found.trouble.says)
    raise NotKnown(f"The host at {address} has not been looked at.")


@dataclass(frozen=True, slots=True)
class Question:
    """One thing that is compared, by `name`: how it is `here`, on the pool's master, and `there`, on the new host.
    `check` judges it; `code` is what XAPI refuses with, empty for what it does not ask. `aside` is said of a
    difference that does no harm."""

    name: str
    here: str
    there: str
    check: Check
    code: str = ""
    aside: str = ""


def fits(found: Newcomer, measure: Passport | None, pool: PoolFacts) -> tuple[Check, ...]:
    """Every check, with the code that XAPI refuses with. One of them when the host could not be read."""
    if found.trouble:
        return (Check(False, f"{found.name} answers and lets us in", found.trouble.says),)
    return tuple(question.check for question in questions(found, measure, pool))


def questions(found: Newcomer, measure: Passport | None, pool: PoolFacts) -> tuple[Question, ...]:
    """Every question about a host that could be read, the weightiest first. Raises NotKnown without its measure."""
    if found.passport is None or measure is None:
        raise NotKnown("The pool's master could not be read, so there is nothing to measure by.")
    same = _same(found.name, found.passport, measure)
    return (
        *same,
        *_alone(found, pool),
        *_brings(found, pool),
        *_usable(found, measure),
        *_traits(found.name, found.passport, measure),
    )


def _asked(name: str, here: str, there: str, ok: bool, says: str, code: str, cure: str) -> Question:
    return Question(name, here, there, Check(ok, says, f"{code}: {cure}"), code)


def _alone(found: Newcomer, pool: PoolFacts) -> Iterator[Question]:
    """What it must not have, or be, when it comes."""
    who, none = found.name, "none"
    yield _asked(
        "Licence for pools",
        "yes",
        "no" if found.passport is None or found.passport.pooling is False else "yes",
        found.passport is not None and found.passport.pooling is not False,
        f"The licence of {who} has pools",
        "LICENCE_RESTRICTION",
        "give it the licence that the pool has.",
    )
    member = any(h.uuid == found.uuid for h in pool.hosts)
    yield _asked(
        "Pool",
        pool.name,
        "this one" if member else "one of its own" if found.members == 1 else f"{found.members} hosts",
        not member,
        f"{who} is not a member already",
        "OPERATION_NOT_ALLOWED",
        "it is in this pool.",
    )
    yield _asked(
        "Other hosts in its pool",
        none,
        str(found.members - 1) if found.members > 1 else none,
        found.members == 1,
        f"{who} leads no other hosts",
        "JOINING_HOST_CANNOT_BE_MASTER_OF_OTHER_HOSTS",
        f"its pool has {found.members}; eject it from there first.",
    )
    yield _asked(
        "HA in its own pool",
        "off while it joins",
        "on" if found.ha_enabled else "off",
        not found.ha_enabled,
        f"HA is off on {who}",
        "HA_IS_ENABLED",
        "turn it off in its own pool first.",
    )
    yield _asked(
        "Running guests",
        "may run",
        ", ".join(found.guests[:3]) or none,
        not found.guests,
        f"No guest runs on {who}",
        "JOINING_HOST_CANNOT_HAVE_RUNNING_VMS",
        f"stop {', '.join(found.guests[:3])}.",
    )
    yield _asked(
        "Restart due",
        "does not matter",
        ", ".join(found.guidances) or none,
        not found.guidances,
        f"{who} waits for no restart",
        "HOST_PENDING_MANDATORY_GUIDANCE_NOT_EMPTY",
        f"{', '.join(found.guidances)}.",
    )


def _brings(found: Newcomer, pool: PoolFacts) -> Iterator[Question]:
    """What the pool gives it, so that it must not have it already."""
    who, none = found.name, "none"
    shared = [sr.name for sr in pool.srs if sr.shared]
    yield _asked(
        "Shared storage of its own",
        f"gives {', '.join(shared)}" if shared else none,
        ", ".join(found.shared_srs) or none,
        not found.shared_srs,
        f"{who} has no shared storage of its own",
        "JOINING_HOST_CANNOT_CONTAIN_SHARED_SRS",
        f"forget {', '.join(found.shared_srs)} there; the pool's own comes.",
    )
    yield _asked(
        "Bonds, VLANs, tunnels",
        "gives its networks",
        ", ".join(found.network) or none,
        not found.network,
        f"{who} has no bonds, VLANs or tunnels",
        f"POOL_JOINING_HOST_HAS_{'_'.join(found.network).upper()}",
        "remove them; the pool's own networks come.",
    )


def _same(who: str, mine: Passport, theirs: Passport) -> Iterator[Question]:
    yield _asked(
        "Version",
        theirs.version,
        mine.version,
        mine.version == theirs.version,
        f"{who} runs {theirs.version or 'the version of the master'}",
        "HOSTS_NOT_HOMOGENEOUS",
        f"it runs {mine.version or 'an unknown version'}. Install the pool's, with its updates.",
    )
    yield _asked(
        "CPU maker",
        theirs.cpu_vendor,
        mine.cpu_vendor,
        mine.cpu_vendor == theirs.cpu_vendor,
        f"{who} has CPUs of {theirs.cpu_vendor or 'the same maker'}",
        "HOSTS_NOT_HOMOGENEOUS",
        f"its CPUs are of {mine.cpu_vendor or 'an unknown maker'}. Guests could not move.",
    )
    yield _cpu_features(who, mine, theirs)
    yield _asked(
        "Licence",
        theirs.edition,
        mine.edition,
        mine.edition == theirs.edition,
        f"{who} has the edition {theirs.edition or 'of the master'}",
        "LICENSE_HOST_POOL_MISMATCH",
        f"it has {mine.edition or 'none'}. Apply the pool's licence to it.",
    )


def _cpu_features(who: str, mine: Passport, theirs: Passport) -> Question:
    """From 7.0 on a pool levels its CPUs' features by itself: then a difference is no obstacle."""
    here, there = _counted(theirs.cpu_features, mine.cpu_features)
    if not theirs.version.startswith("6."):
        levelled = Check(True, f"The pool levels the features of its CPUs, also of {who}", "", there)
        return Question("CPU features", here, there, levelled, aside="the pool uses what all its CPUs have")
    return _asked(
        "CPU features",
        here,
        there,
        mine.cpu_features == theirs.cpu_features,
        f"The CPUs of {who} have the master's features",
        "HOSTS_NOT_HOMOGENEOUS",
        "mask them in the host's boot options, or take the same CPUs.",
    )


def _counted(here: str, there: str) -> tuple[str, str]:
    """Two sets of features as people can compare them: XAPI writes them as hexadecimal words, a bit for each."""
    try:
        ours, theirs = (int(words.replace("-", ""), 16) for words in (here, there))
    except ValueError:
        return here, there
    count = f"{ours.bit_count()} features"
    if ours == theirs:
        return count, count
    lacks, more = (ours & ~theirs).bit_count(), (theirs & ~ours).bit_count()
    return count, " and ".join(
        filter(None, (f"lacks {lacks}" * bool(lacks), f"has {more} more" * bool(more)))
    )


def _traits(who: str, mine: Passport, theirs: Passport) -> Iterator[Question]:
    own = dict(mine.traits)
    for name, here in theirs.traits:
        if name in SAME:
            there = own.get(name, "")
            yield _asked(
                name[:1].upper() + name[1:],
                here,
                there,
                there == here,
                f"{who} has the master's {name}",
                SAME[name],
                f"{there or 'none'} there, {here or 'none'} on the master.",
            )


def _usable(found: Newcomer, measure: Passport) -> Iterator[Question]:
    """XAPI does not ask these, and a member that fails them is of little use."""
    who, nics = found.name, found.passport.nics if found.passport else 0
    yield Question(
        "Network cards",
        str(measure.nics),
        str(nics),
        Check(
            nics >= measure.nics,
            f"{who} has as many network cards as the master",
            f"It has {nics}, the master {measure.nics}: guests on the missing networks could not run there.",
        ),
        aside="more than the master has",
    )
    skew = found.clock_skew_s
    ahead = f"{skew:+.0f} s" if skew is not None else "not known"
    yield Question(
        "Clock",
        "measured by",
        "agrees" if skew is not None and abs(skew) < 1 else ahead,
        Check(
            skew is None or abs(skew) < LARGEST_SKEW_S,
            f"The clock of {who} agrees with the master's",
            "HOST_CLOCK_SKEW_DETECTED would be raised about it: set up NTP first.",
            ahead,
        ),
    )
