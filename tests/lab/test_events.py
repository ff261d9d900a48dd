"""event.from and its elders: what changed, told once, and nothing for who has heard it."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import XenAPI

from lab.testing import running_lab
from lab.xapi.journal import journal_of
from tests.lab.conftest import Site, code


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """One estate for all of these tests; each looks only at what it changes itself."""
    with running_lab("estate", speed=None, data=tmp_path_factory.getbasetemp() / "lab") as lab:
        yield Site(lab)


def events_from(session: Any, classes: list[str], token: str = "", timeout: float = 0.0) -> dict[str, Any]:
    """``from`` is a word of Python's own."""
    batch: dict[str, Any] = getattr(session.xenapi.event, "from")(classes, token, timeout)
    return batch


def later(action: Any) -> threading.Thread:
    """Do it in another thread, once the call that waits is on its way."""
    thread = threading.Timer(0.3, action)
    thread.start()
    return thread


def rename(site: Site, words: str, pool: str = "basalt") -> None:
    site.lab.do(lambda world: setattr(world.pool(pool), "name_description", words))


def test_the_empty_token_gives_everything_as_added(site: Site) -> None:
    batch = events_from(site.session(), ["*"])
    assert {event["operation"] for event in batch["events"]} == {"add"}
    hosts = [event for event in batch["events"] if event["class"] == "host"]
    assert {event["snapshot"]["name_label"] for event in hosts} == {f"amber-{n}" for n in range(1, 5)}
    assert hosts[0]["snapshot"] == site.session().xenapi.host.get_record(hosts[0]["ref"])


def test_valid_ref_counts_are_the_only_integers_with_a_type(site: Site) -> None:
    counts = events_from(site.session(), ["pool"])["valid_ref_counts"]
    assert (counts["host"], counts["pool"], counts["pbd"]) == (4, 1, 16)


def test_classes_are_named_in_any_case_and_single_objects_too(site: Site) -> None:
    ref = site.host("amber-2").ref
    batch = events_from(site.session(), ["POOL", f"Host/{ref}"])
    assert sorted((event["class"], event["ref"]) for event in batch["events"]) == sorted(
        [("pool", site.pool("amber").ref), ("host", ref)]
    )


def test_who_has_heard_everything_waits_its_time_and_gets_nothing(site: Site) -> None:
    session = site.session("cobalt-1")
    token = events_from(session, ["vm"])["token"]
    began = time.monotonic()
    batch = events_from(session, ["vm"], token, 0.4)
    assert time.monotonic() - began >= 0.4
    assert batch["events"] == []


def test_a_change_by_physics_ends_the_wait(site: Site) -> None:
    session = site.session("basalt-1")
    token = events_from(session, ["pool"])["token"]
    thread = later(lambda: rename(site, "moved by nature"))
    [event] = events_from(session, ["pool"], token, 10.0)["events"]
    thread.join()
    assert (event["operation"], event["snapshot"]["name_description"]) == ("mod", "moved by nature")


def test_many_changes_of_one_object_are_one_event_with_the_latest_state(site: Site) -> None:
    session = site.session("basalt-1")
    token = events_from(session, ["pool"])["token"]
    for words in ("first", "second", "third"):
        rename(site, words)
        events_from(site.session("basalt-1"), ["pool"])  # somebody else looks in between
    batch = events_from(session, ["pool"], token)
    assert [event["snapshot"]["name_description"] for event in batch["events"]] == ["third"]
    assert events_from(session, ["pool"], batch["token"])["events"] == []


def test_what_came_and_went_unseen_is_never_told_and_the_rest_is_deleted(site: Site) -> None:
    session = site.session("cobalt-1")
    first = events_from(session, ["message"])
    refs = [event["ref"] for event in first["events"]]
    session.xenapi.message.destroy(refs[0])
    site.lab.do(lambda world: world.alert(world.pool("cobalt"), "SHORT", 5, "Pool", "x"))
    events_from(site.session("cobalt-1"), ["message"])
    site.lab.do(lambda world: world.pool("cobalt").messages.pop())
    batch = events_from(session, ["message"], first["token"])
    assert [(event["operation"], event["ref"]) for event in batch["events"]] == [("del", refs[0])]
    assert "snapshot" not in batch["events"][0]


def test_a_task_is_followed_to_its_end(site: Site) -> None:
    session = site.session("basalt-1")
    sr = site.sr("basalt", "nfs-hb")
    task = session.xenapi.Async.pool.enable_ha([sr], {"timeout": "30"})
    token, seen = "", []
    for _ in range(200):
        batch = events_from(session, [f"task/{task}"], token)
        token = batch["token"]
        seen += [(event["snapshot"]["status"], event["snapshot"]["progress"]) for event in batch["events"]]
        if seen and seen[-1][0] != "pending":
            break
        site.lab.step(1)
    assert seen[0][0] == "pending"
    assert seen[-1] == ("success", 1.0)
    progress = [done for _status, done in seen]
    assert progress == sorted(progress)
    assert len(set(progress)) > 2


def test_a_token_that_is_none_is_refused(site: Site) -> None:
    with pytest.raises(XenAPI.Failure) as refused:
        events_from(site.session(), ["pool"], "yesterday")
    assert refused.value.details == ["EVENT_FROM_TOKEN_PARSE_FAILURE", "yesterday"]


def test_logging_out_wakes_who_waits(site: Site) -> None:
    session, other = site.session(), site.session()
    other._session = session._session
    token = events_from(session, ["pool"])["token"]
    thread = later(other.xenapi.session.logout)
    session.last_login_method = None  # so that the client does not log in again by itself
    with pytest.raises(Exception, match=r"SESSION_INVALID|You must log in"):
        events_from(session, ["pool"], token, 10.0)
    thread.join()


def test_a_token_counts_for_classes_that_were_not_asked_for_with_it(site: Site) -> None:
    session = site.session()
    token = events_from(session, ["pool"])["token"]
    (host,) = session.xenapi.host.get_by_name_label("amber-2")
    session.xenapi.host.disable(host)
    told = events_from(session, ["host"], token)["events"]
    assert [(event["ref"], event["snapshot"]["enabled"]) for event in told] == [(host, False)]


def test_nothing_is_compared_for_a_pool_that_nobody_asked_about(certificates: Path) -> None:
    with running_lab("estate", speed=None, data=certificates) as lab:
        events_from(Site(lab).session(), ["host"])
        assert "host" in lab.do(lambda world: journal_of(world.pool("amber"))).rows
        assert lab.do(lambda world: journal_of(world.pool("basalt"))).rows == {}


def test_the_older_calls_tell_the_same(site: Site) -> None:
    session = site.session("basalt-1")
    with pytest.raises(XenAPI.Failure) as refused:
        session.xenapi.event.next()
    assert code(refused) == "SESSION_NOT_REGISTERED"
    session.xenapi.event.register(["pool"])
    rename(site, "for the older client")
    [event] = session.xenapi.event.next()
    assert event["snapshot"]["name_description"] == "for the older client"
    assert int(session.xenapi.event.get_current_id()) == int(event["id"])
    session.xenapi.event.unregister(["pool"])


class TestAfterARestart:
    """What a toolstack had only in its memory is gone without a trace."""

    @pytest.fixture
    def stepped(self, certificates: Path) -> Iterator[Site]:
        with running_lab("estate", speed=None, data=certificates) as lab:
            yield Site(lab)

    def restart(self, site: Site) -> None:
        site.session().xenapi.host.restart_agent(site.host("amber-1").ref)
        site.lab.step(60)

    def test_tasks_vanish_without_an_event_and_the_counts_show_it(self, stepped: Site) -> None:
        session = stepped.session()
        stepped.session().xenapi.Async.pool.disable_ha()
        before = events_from(session, ["task"])
        assert len(before["events"]) == before["valid_ref_counts"]["task"] == 1
        self.restart(stepped)
        after = events_from(stepped.session(), ["task"], before["token"])
        assert after["events"] == []
        assert after["valid_ref_counts"]["task"] == 0

    def test_changes_of_what_is_kept_on_disk_are_still_told(self, stepped: Site) -> None:
        before = events_from(stepped.session(), ["host"])
        self.restart(stepped)
        after = events_from(stepped.session(), ["host"], before["token"])
        assert stepped.host("amber-1").ref in [event["ref"] for event in after["events"]]

    def test_an_older_listener_is_told_that_events_were_lost(self, stepped: Site) -> None:
        session = stepped.session()
        session.xenapi.event.register(["pool"])
        stepped.lab.do(lambda world: setattr(world.host("amber-1"), "agent_start_time", world.now()))
        events_from(stepped.session(), ["pool"])
        with pytest.raises(XenAPI.Failure) as refused:
            session.xenapi.event.next()
        assert code(refused) == "EVENTS_LOST"
