"""Whether a host may join a pool: what XAPI asks, in its order, each with the code that it would answer. Pure.

The questions are those of xapi_pool.ml, pre_join_checks. That the pool has HA on is not one of them here: a run turns
it off before it joins anybody.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from pools.facts import Newcomer, Passport, PoolFacts
from workflows.engine.situation import NotKnown, Situation
from workflows.engine.step import Check

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
        if words:
            found.setdefault(words[0], Named(*words))
    return tuple(found.values())


def newcomer(s: Situation, address: str) -> Newcomer:
    """The host at that address as it was just seen. Raises NotKnown when it could not be."""
    for facts in (s.facts, s.baseline):
        found = next((n for n in facts.newcomers if n.address == address), None)
        if found and found.trouble is None:
            return found
        if found and found.trouble:
            raise NotKnown(found.trouble.says)
    raise NotKnown(f"The host at {address} has not been looked at.")


def fits(found: Newcomer, measure: Passport | None, pool: PoolFacts) -> tuple[Check, ...]:
    """Every question, with the code that XAPI refuses with. One check when the host could not be read."""
    who = found.name
    if found.trouble:
        return (Check(False, f"{who} answers and lets us in", found.trouble.says),)
    if found.passport is None or measure is None:
        raise NotKnown("The pool's master could not be read, so there is nothing to measure by.")
    return (*_alone(found, pool), *_same(who, found.passport, measure), *_usable(found, measure))


def _alone(found: Newcomer, pool: PoolFacts) -> Iterator[Check]:
    who = found.name
    member = any(h.uuid == found.uuid for h in pool.hosts)
    yield Check(not member, f"{who} is not a member already", "OPERATION_NOT_ALLOWED: it is in this pool.")
    yield Check(
        found.passport is not None and found.passport.pooling is not False,
        f"The licence of {who} has pools",
        "LICENCE_RESTRICTION: give it the licence that the pool has.",
    )
    yield Check(
        found.members == 1,
        f"{who} leads no other hosts",
        f"JOINING_HOST_CANNOT_BE_MASTER_OF_OTHER_HOSTS: its pool has {found.members}; eject it from there first.",
    )
    yield Check(
        not found.ha_enabled, f"HA is off on {who}", "HA_IS_ENABLED: turn it off in its own pool first."
    )
    yield Check(
        not found.guests,
        f"No guest runs on {who}",
        f"JOINING_HOST_CANNOT_HAVE_RUNNING_VMS: stop {', '.join(found.guests[:3])}.",
    )
    yield Check(
        not found.guidances,
        f"{who} waits for no restart",
        f"HOST_PENDING_MANDATORY_GUIDANCE_NOT_EMPTY: {', '.join(found.guidances)}.",
    )
    yield Check(
        not found.shared_srs,
        f"{who} has no shared storage of its own",
        f"JOINING_HOST_CANNOT_CONTAIN_SHARED_SRS: forget {', '.join(found.shared_srs)} there; the pool's own comes.",
    )
    yield Check(
        not found.network,
        f"{who} has no bonds, VLANs or tunnels",
        f"POOL_JOINING_HOST_HAS_{'_'.join(found.network).upper()}: remove them; the pool's own networks come.",
    )


def _same(who: str, mine: Passport, theirs: Passport) -> Iterator[Check]:
    yield Check(
        mine.version == theirs.version,
        f"{who} runs {theirs.version or 'the version of the master'}",
        f"HOSTS_NOT_HOMOGENEOUS: it runs {mine.version or 'an unknown version'}. Install the pool's, with its updates.",
    )
    yield Check(
        mine.cpu_vendor == theirs.cpu_vendor,
        f"{who} has CPUs of {theirs.cpu_vendor or 'the same maker'}",
        f"HOSTS_NOT_HOMOGENEOUS: its CPUs are of {mine.cpu_vendor or 'an unknown maker'}. Guests could not move.",
    )
    if theirs.version.startswith("6."):  # from 7.0 on a pool levels its CPUs' features by itself
        yield Check(
            mine.cpu_features == theirs.cpu_features,
            f"The CPUs of {who} have the master's features",
            "HOSTS_NOT_HOMOGENEOUS: mask them in the host's boot options, or take the same CPUs.",
        )
    yield Check(
        mine.edition == theirs.edition,
        f"{who} has the edition {theirs.edition or 'of the master'}",
        f"LICENSE_HOST_POOL_MISMATCH: it has {mine.edition or 'none'}. Apply the pool's licence to it.",
    )
    own = dict(mine.traits)
    for name, value in theirs.traits:
        if name in SAME:
            has = own.get(name, "")
            cure = f"{SAME[name]}: {has or 'none'} there, {value or 'none'} on the master."
            yield Check(has == value, f"{who} has the master's {name}", cure)


def _usable(found: Newcomer, measure: Passport) -> Iterator[Check]:
    """XAPI does not ask these, and a member that fails them is of little use."""
    who, nics = found.name, found.passport.nics if found.passport else 0
    yield Check(
        nics >= measure.nics,
        f"{who} has as many network cards as the master",
        f"It has {nics}, the master {measure.nics}: guests on the missing networks could not run there.",
    )
    skew = found.clock_skew_s
    yield Check(
        skew is None or abs(skew) < LARGEST_SKEW_S,
        f"The clock of {who} agrees with the master's",
        "HOST_CLOCK_SKEW_DETECTED would be raised about it: set up NTP first.",
        f"{skew:+.0f} s" if skew is not None else "not known",
    )
