"""A pool's cluster on its page: proved, suggested, contradicted, and corrected by a person who says why."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from dashboard.pruning import prune
from pools import mapped, obligations
from pools.cloudstack_facts import CsHost
from pools.encoding import cloudstack_from, cloudstack_to
from pools.models import Change, CloudStack, Cluster, Pool
from pools.rules import console
from pools.rules.case import Obligations
from pools.secret import Secret
from pools.seeing import case_of
from pools.storing import differing, store_clusters
from pools.swept import cluster_of
from tests.pools.remembered import remembered
from tests.pools.world import amber

pytestmark = pytest.mark.django_db


@pytest.fixture
def lab() -> CloudStack:
    return CloudStack.objects.create(
        name="lab", url="http://c/api", api_key=Secret("k"), secret_key=Secret("s")
    )


def clusters(lab: CloudStack, *names: str, offset: int = 0) -> None:
    """Clusters as a sweep stores them: the first has amber's hosts, at addresses moved by the offset."""
    seen = amber().cloudstack
    assert seen
    strange = CsHost(id="x", name="x", address="10.9.9.9", state="Up", resourcestate="Enabled")
    moved = tuple(replace(h, address=f"127.{10 + offset}.1.{i}") for i, h in enumerate(seen.hosts, 1))
    found = [
        replace(
            seen, cluster=name, cluster_name=name, hosts=moved if i == 0 else (replace(strange, id=name),)
        )
        for i, name in enumerate(names)
    ]
    store_clusters(lab, found, (), None, timezone.now())
    assert not differing(lab, found)


def page(client: Client, user: User, pool: Pool) -> str:
    client.force_login(user)
    return client.get(f"/pools/{pool.name}/").content.decode()


def test_the_page_shows_the_proof(admin_client: Client, lab: CloudStack) -> None:
    clusters(lab, "east")
    remembered(amber(), cloudstack=lab, cluster="east")
    text = admin_client.get("/pools/amber/").content.decode()
    assert "4 of 4 addresses of pool amber are hosts of cluster east (AMS-1)." in text and "Proved" in text


def test_a_pool_without_a_cluster_gets_one_suggested(admin_client: Client, lab: CloudStack) -> None:
    clusters(lab, "east", "west")
    remembered(amber())
    text = admin_client.get("/pools/amber/").content.decode()
    assert "east (AMS-1) of lab is suggested." in text


def test_a_wrong_cluster_is_contradicted(lab: CloudStack) -> None:
    clusters(lab, "east", "west")
    tied = mapped.tie_of(remembered(amber(), cloudstack=lab, cluster="west"))
    assert tied.contradicted and tied.suggested and tied.suggested.name == "east"


def test_the_contradiction_is_a_finding_and_a_cluster_with_one_of_its_hosts_is_none(lab: CloudStack) -> None:
    clusters(lab, "east", "west")
    pool = remembered(amber(), cloudstack=lab, cluster="west")
    west = cloudstack_from(Cluster.objects.get(name="west").facts)
    mistaken = case_of(pool, replace(amber(), cloudstack=west), timezone.now())
    found = [f for f in console.judge(mistaken) if f.code == "cloudstack-cluster-missing"]
    assert [f.says for f in found] == [
        "Cluster west has no host of pool amber, and another one has: 4 of 4 addresses of pool amber are hosts of "
        "cluster east (AMS-1)."
    ]
    ours = amber().cloudstack
    assert ours
    partly = replace(west, hosts=(*west.hosts, ours.hosts[0]))
    assert case_of(pool, replace(amber(), cloudstack=partly), timezone.now()).cluster_proof == ""


def test_names_alone_never_contradict(lab: CloudStack) -> None:
    clusters(lab, "east", "west", offset=60)
    tied = mapped.tie_of(remembered(amber(), cloudstack=lab, cluster="west"))
    assert not tied.contradicted and tied.suggested is None
    assert tied.match.cluster and tied.match.cluster.name == "east"


def test_an_admin_corrects_it_and_the_timeline_says_who_when_and_why(
    admin_client: Client, lab: CloudStack
) -> None:
    clusters(lab, "east", "west")
    pool = remembered(amber(), cloudstack=lab, cluster="west")
    text = admin_client.get("/pools/amber/cluster/").content.decode()
    east = Cluster.objects.get(name="east")
    assert f'<option value="{east.pk}" selected>' in text, "the suggested one is chosen already"
    seen = f"{lab.pk}/west"
    answer = admin_client.post(
        "/pools/amber/cluster/", {"cluster": east.pk, "why": "Renamed on Monday.", "seen": seen}
    )
    assert answer.status_code == 302
    pool.refresh_from_db()
    assert pool.cluster == "east"
    line = Change.objects.get(pool=pool, kind="cluster")
    assert (line.by, line.before, line.after) == ("admin", "west of lab", "east of lab")
    assert line.says == "admin tied amber to cluster east of lab; it was west of lab. Renamed on Monday."
    prune(timezone.now() + timedelta(days=4000))
    assert Change.objects.filter(pk=line.pk).exists()


def test_of_two_people_the_later_one_reads_again(admin_client: Client, lab: CloudStack) -> None:
    clusters(lab, "east", "west")
    remembered(amber(), cloudstack=lab, cluster="west")
    form = {"cluster": Cluster.objects.get(name="east").pk, "why": "So.", "seen": "/"}
    answer = admin_client.post("/pools/amber/cluster/", form)
    assert answer.status_code == 422 and "Somebody has just changed it" in answer.content.decode()


def test_nobody_changes_it_under_a_run(
    admin_client: Client, lab: CloudStack, monkeypatch: pytest.MonkeyPatch
) -> None:
    clusters(lab, "east")
    monkeypatch.setattr(obligations, "_providers", [lambda _pool: Obligations(holder=7)])
    pool = remembered(amber(), cloudstack=lab, cluster="west")
    form = {"cluster": Cluster.objects.get().pk, "why": "So.", "seen": f"{lab.pk}/west"}
    assert "Run 7 holds amber" in admin_client.post("/pools/amber/cluster/", form).content.decode()
    pool.refresh_from_db()
    assert pool.cluster == "west"


def test_who_may_not_is_told_who_may(client: Client, django_user_model: type[User], lab: CloudStack) -> None:
    remembered(amber(), cloudstack=lab, cluster="west")
    client.force_login(django_user_model.objects.create_user("cy"))
    assert client.get("/pools/amber/cluster/").status_code == 403


def test_a_cluster_of_the_same_name_in_another_zone_is_not_taken(lab: CloudStack) -> None:
    clusters(lab, "east")
    seen = amber().cloudstack
    assert seen
    Cluster.objects.create(
        cloudstack=lab,
        uid="other",
        name="east",
        facts=cloudstack_to(replace(seen, zone="AMS-2", hosts=())),
        changed_at=timezone.now(),
    )
    found = cluster_of(remembered(amber(), cloudstack=lab, cluster="east"))
    assert found and found.uid == "east"
