"""Which cluster a pool is: what addresses prove, and what is said and never guessed."""

from __future__ import annotations

import pytest

from pools.mapping import Candidate, match

AMBER = [("amber-1", "10.0.0.1"), ("amber-2", "10.0.0.2"), ("amber-3", "10.0.0.3")]


def cluster(
    name: str, *hosts: tuple[str, str], key: int = 1, zone: str = "AMS-1", of: str = "lab"
) -> Candidate:
    return Candidate(key=key, cloudstack=of, name=name, zone=zone, hosts=hosts)


def test_all_addresses_in_one_cluster_prove_it() -> None:
    found = match("amber", AMBER, [cluster("east", *AMBER), cluster("west", ("x", "10.0.9.9"), key=2)])
    assert found.cluster and (found.cluster.name, found.sure) == ("east", True)
    assert found.proof == ("3 of 3 addresses of pool amber are hosts of cluster east (AMS-1).",)


def test_hosts_that_only_one_side_has_are_named_beside_the_proof() -> None:
    found = match("amber", AMBER, [cluster("east", *AMBER[:2], ("new", "10.0.0.9"))])
    assert found.sure
    assert found.proof[0].startswith("2 of 3 addresses")
    assert found.proof[1:] == (
        "No cluster has amber-3 (10.0.0.3).",
        "The cluster has new (10.0.0.9) besides.",
    )


def test_a_pool_in_two_clusters_is_said_and_not_guessed() -> None:
    found = match("amber", AMBER, [cluster("east", *AMBER[:2]), cluster("west", AMBER[2], key=2)])
    assert (found.cluster, found.sure) == (None, False)
    assert found.proof[0] == (
        "The hosts of pool amber stand in 2 clusters: east (AMS-1) has 10.0.0.1 and 10.0.0.2; "
        "west (AMS-1) has 10.0.0.3."
    )


def test_an_address_in_two_zones_proves_nothing() -> None:
    twice = [cluster("east", *AMBER), cluster("east", *AMBER, key=2, zone="AMS-2", of="other")]
    found = match("amber", AMBER, twice)
    assert (found.cluster, found.sure) == (None, False)
    assert found.proof[0] == (
        "10.0.0.1 is a host’s address in east (AMS-1) of lab and in east (AMS-2) of other: "
        "addresses prove nothing here."
    )


def test_a_cluster_that_holds_two_pools_is_named_but_not_sure() -> None:
    both = cluster("east", *AMBER, ("basalt-1", "10.0.1.1"))
    found = match("amber", AMBER, [both], {"10.0.1.1": "basalt"})
    assert found.cluster == both and not found.sure
    assert found.proof[-1] == "It holds hosts of pool basalt too: CloudStack takes a cluster for one pool."


def test_names_alone_suggest_and_prove_nothing() -> None:
    elsewhere = [(name, address.replace("10.0.", "192.168.")) for name, address in AMBER]
    found = match("amber", AMBER, [cluster("east", *elsewhere)])
    assert found.cluster and not found.sure
    assert found.proof[1:] == (
        "By name, 3 of its 3 hosts are in east (AMS-1), at other addresses.",
        "Names prove nothing: a person has to say that it is so.",
    )


def test_names_in_two_clusters_suggest_nothing() -> None:
    far = [(name, f"192.168.{i}.1") for i, (name, _address) in enumerate(AMBER)]
    found = match("amber", AMBER, [cluster("east", *far), cluster("west", *far, key=2)])
    assert (found.cluster, found.sure) == (None, False)
    assert "Hosts of the same names are in east (AMS-1) and west (AMS-1)." in found.proof[0]


@pytest.mark.parametrize(
    "candidates", [[], [cluster("west", ("x", "10.0.9.9"))], [cluster("west", ("x", ""))]]
)
def test_nothing_alike_is_said_so(candidates: list[Candidate]) -> None:
    found = match("amber", [*AMBER, ("", "")], candidates)
    assert found.proof == ("No cluster has a host at an address of pool amber.",)
