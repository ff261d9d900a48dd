"""Which cluster of which CloudStack a pool is. No API tells a cluster's pool, so its hosts' addresses have to prove it.

A proof is said in words, and what proves nothing is never guessed: names alone, an address that two clusters have, a
pool in two clusters, a cluster with two pools. Pure.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A cluster with its hosts, each a name and an address. `key` is unique among all CloudStacks."""

    key: int
    cloudstack: str
    name: str
    zone: str
    hosts: tuple[tuple[str, str], ...]

    @property
    def title(self) -> str:
        """As sentences call it."""
        return f"{self.name} ({self.zone})" if self.zone else self.name


@dataclass(frozen=True, slots=True)
class Match:
    """`cluster` is the one that the facts speak for; `sure` when they prove it. `proof` says how, or what is odd."""

    cluster: Candidate | None
    sure: bool
    proof: tuple[str, ...]


Members = Sequence[tuple[str, str]]
"""Name and address of each host of the pool."""


def match(
    pool: str, members: Members, candidates: Sequence[Candidate], others: Mapping[str, str] | None = None
) -> Match:
    """What the addresses prove. `others` has the addresses of other pools' hosts, with the pool's name."""
    found = {c.key: _shared(members, c) for c in candidates}
    hits = [c for c in candidates if found[c.key]]
    if not hits:
        return _by_name(pool, members, candidates)
    if len(hits) > 1:
        return _spread(pool, hits, found)
    (cluster,) = hits
    proof = [_proof(pool, members, cluster), *_rest(members, cluster, found[cluster.key])]
    strangers = _others(members, cluster, others or {})
    return Match(cluster, not strangers, (*proof, *strangers))


def _shared(members: Members, cluster: Candidate) -> set[str]:
    return {address for _name, address in members} & {address for _name, address in cluster.hosts if address}


def _proof(pool: str, members: Members, cluster: Candidate) -> str:
    number = len(_shared(members, cluster))
    of = "addresses" if len(members) > 1 else "address"
    return f"{number} of {len(members)} {of} of pool {pool} are hosts of cluster {cluster.title}."


def _rest(members: Members, cluster: Candidate, shared: set[str]) -> list[str]:
    missing = [f"{name} ({address})" for name, address in members if address not in shared]
    says = [f"No cluster has {_listed(missing)}."] if missing else []
    ours = {address for _name, address in members}
    more = [f"{name} ({address})" for name, address in cluster.hosts if address not in ours]
    return [*says, f"The cluster has {_listed(more)} besides."] if more else says


def _others(members: Members, cluster: Candidate, others: Mapping[str, str]) -> list[str]:
    ours = {address for _name, address in members}
    pools = sorted({others[a] for _name, a in cluster.hosts if a in others and a not in ours})
    if not pools:
        return []
    return [f"It holds hosts of pool {_listed(pools)} too: CloudStack takes a cluster for one pool."]


def _spread(pool: str, hits: Sequence[Candidate], found: Mapping[int, set[str]]) -> Match:
    """Several clusters have its addresses: the same ones, where networks overlap, or each its part."""
    first, second = hits[0], hits[1]
    if both := sorted(found[first.key] & found[second.key]):
        says = (
            f"{both[0]} is a host’s address in {first.title} of {first.cloudstack} and in {second.title} of "
            f"{second.cloudstack}: addresses prove nothing here."
        )
    else:
        parts = (f"{c.title} has {_listed(sorted(found[c.key]))}" for c in hits)
        says = f"The hosts of pool {pool} stand in {len(hits)} clusters: {'; '.join(parts)}."
    return Match(None, False, (says, "Which one is meant, a person has to say."))


def _by_name(pool: str, members: Members, candidates: Sequence[Candidate]) -> Match:
    ours = {name for name, _address in members if name}
    named = [c for c in candidates if ours & {name for name, _address in c.hosts}]
    nothing = f"No cluster has a host at an address of pool {pool}."
    if len(named) != 1:
        also = f" Hosts of the same names are in {_listed([c.title for c in named])}." if named else ""
        return Match(None, False, (nothing + also,))
    (cluster,) = named
    number = len(ours & {name for name, _address in cluster.hosts})
    says = f"By name, {number} of its {len(members)} hosts are in {cluster.title}, at other addresses."
    return Match(cluster, False, (nothing, says, "Names prove nothing: a person has to say that it is so."))


def _listed(words: Sequence[str]) -> str:
    return f"{', '.join(words[:-1])} and {words[-1]}" if len(words) > 1 else "".join(words)
