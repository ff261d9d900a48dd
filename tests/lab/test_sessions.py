"""Who may log in where, and how long it lasts."""

from __future__ import annotations

import xmlrpc.client

import pytest
import XenAPI

from lab.world import World
from lab.xapi import sessions
from tests.lab.conftest import Site, proxy


def test_a_member_names_its_master_instead_of_logging_in(site: Site) -> None:
    with pytest.raises(XenAPI.Failure) as refused:
        site.session("amber-3")
    assert refused.value.details == ["HOST_IS_SLAVE", "127.10.1.1"]


def test_a_masters_session_at_a_member_is_sent_to_the_master(site: Site) -> None:
    master, member = site.session(), proxy(site.lab.url("amber-2"))
    member._session = master._session
    with pytest.raises(XenAPI.Failure) as refused:
        member.xenapi.pool.get_all()
    assert refused.value.details == ["HOST_IS_SLAVE", "127.10.1.1"]


def test_a_wrong_password_is_refused_after_a_pause(fast: Site) -> None:
    before = fast.lab.do(lambda world: world.now())
    with pytest.raises(XenAPI.Failure) as refused:
        proxy(fast.lab.url("amber-1")).xenapi.login_with_password("root", "wrong", "1.0", "tests")
    assert refused.value.details[:2] == ["SESSION_AUTHENTICATION_FAILED", "root"]
    assert fast.lab.do(lambda world: world.now()) - before >= 5


def test_passwords_are_masked_in_the_log_of_calls(site: Site) -> None:
    site.session()
    [login] = site.lab.calls("session.login_with_password")
    assert login["args"] == ["root", "***", "1.0", "tests"]
    assert site.lab.password not in str(site.lab.calls())


def test_after_logout_the_session_is_gone(site: Site) -> None:
    session = site.session()
    reference = session._session
    session.xenapi.session.logout()
    assert reference not in site.pool("amber").sessions


def test_a_toolstack_restart_of_the_master_loses_sessions_and_tasks(site: Site) -> None:
    session = site.session()
    session.xenapi.Async.pool.disable_ha()
    session.xenapi.host.restart_agent(site.host("amber-1").ref)
    site.lab.step(60)
    assert not site.pool("amber").sessions
    assert not site.pool("amber").tasks
    again = site.session()
    assert again.xenapi.task.get_all() == []


def test_a_call_under_way_when_the_toolstack_stops_gets_no_answer(fast: Site) -> None:
    session = fast.session()
    fast.lab.break_("toolstack-restart", "amber-1")
    with pytest.raises((OSError, XenAPI.Failure)):
        session.xenapi.pool.get_all()


def test_a_local_session_works_on_a_healthy_member(site: Site) -> None:
    session = site.local_session("amber-2")
    assert session.xenapi.host.is_in_emergency_mode() is False
    assert session.xenapi.pool.is_slave(site.host("amber-2").ref) is True


def test_a_local_session_on_a_member_reads_through_to_the_master(site: Site) -> None:
    assert len(site.local_session("amber-2").xenapi.host.get_all()) == 4


def test_a_local_session_is_worth_nothing_on_another_host(site: Site) -> None:
    session = site.local_session("amber-2")
    elsewhere = proxy(site.lab.url("amber-1"))
    elsewhere._session = session._session
    with pytest.raises(xmlrpc.client.Fault, match="You must log in"):
        elsewhere.xenapi.pool.get_all()
    assert {call["outcome"] for call in site.lab.calls("pool.get_all")} == {"SESSION_INVALID"}


def test_a_master_says_that_it_is_no_slave(site: Site) -> None:
    assert site.local_session("amber-1").xenapi.pool.is_slave(site.host("amber-1").ref) is False


def test_an_originator_keeps_only_its_last_500_sessions(site: Site) -> None:
    first = site.session()._session

    def fill(world: World) -> None:
        for _ in range(499):
            sessions.open_one(world, site.host("amber-1"), "root", "tests")

    site.lab.do(fill)
    site.session()
    assert first not in site.pool("amber").sessions
    assert len(site.pool("amber").sessions) == 500
