"""One look through both captains, on the lab."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from lab.testing import RunningLab, running_lab
from pools.clients.errors import ClientError
from pools.clients.trust import Trust
from pools.collector import actuator, look
from pools.encoding import facts_from, facts_to
from pools.facts import Facts
from pools.probing.known import Asked
from tests.pools.reach import to_cloudstack, to_pool
from tests.support.waiting import eventually, soon

SLOW_S, BRIEF_S = 1.3, 3.0
NOW = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def the_lab() -> Iterator[RunningLab]:
    with running_lab("estate", speed=1.0) as lab:
        yield lab


@pytest.fixture
def lab(the_lab: RunningLab) -> Iterator[RunningLab]:
    yield the_lab
    the_lab.mend()


@pytest.fixture
def doomed() -> Iterator[RunningLab]:
    """An estate of its own, for what cannot be mended at once."""
    with running_lab("estate", speed=1.0) as lab:
        yield lab


def seen(lab: RunningLab, pool: str, *hosts: str, deadline_s: float = 15.0) -> Facts:
    """A look at a pool by its master's address, or by those of the hosts given."""
    endpoint = to_pool(lab, *(hosts or (f"{pool}-1",)))
    return look(endpoint, to_cloudstack(lab), pool, now=NOW, deadline_s=deadline_s)


def test_a_healthy_pool_is_read_through_both_captains(lab: RunningLab) -> None:
    facts = seen(lab, "amber")
    assert facts.pool and facts.cloudstack and facts.at == NOW
    assert (facts.pool_trouble, facts.cloudstack_trouble) == (None, None)
    assert [h.name for h in facts.pool.hosts] == ["amber-1", "amber-2", "amber-3", "amber-4"]
    assert facts.pool.master_host and facts.pool.master_host.name == "amber-1"
    assert all(h.live and h.enabled for h in facts.pool.hosts)
    assert [(h.name, h.state, h.resourcestate) for h in facts.cloudstack.hosts[:2]] == [
        ("amber-1", "Up", "Enabled"),
        ("amber-2", "Up", "Enabled"),
    ]
    assert (facts.cloudstack.zone, facts.cloudstack.version[:2]) == ("AMS-1", "4.")


def test_ha_is_read_with_what_it_refers_to(lab: RunningLab) -> None:
    pool = seen(lab, "amber").pool
    assert pool
    assert (pool.ha.enabled, pool.ha.timeout_s, pool.ha.configuration) == (True, 180, (("timeout", "180"),))
    assert [sr.name for uuid in pool.ha.statefile_srs if (sr := pool.sr(uuid))] == ["nfs-hb"]
    assert all(h.ha_statefiles and h.ha_licensed for h in pool.hosts)


def test_guests_are_counted_without_control_domains_and_templates(lab: RunningLab) -> None:
    facts = seen(lab, "amber")
    assert facts.pool and facts.cloudstack
    known = lab.do(lambda world: {vm.uuid: vm for vm in world.pool("amber").vms})
    assert facts.pool.vms
    assert not any(known[vm.uuid].is_control_domain or known[vm.uuid].is_a_template for vm in facts.pool.vms)
    assert {vm.instance for vm in facts.cloudstack.vms} <= {vm.name for vm in facts.pool.vms}


def test_every_member_is_probed_even_those_that_were_not_known(lab: RunningLab) -> None:
    facts = seen(lab, "amber")
    assert [(p.address, p.answers, p.master) for p in facts.probes] == [
        (lab.address(f"amber-{j}"), True, lab.address("amber-1")) for j in (1, 2, 3, 4)
    ]


def test_a_crashed_host_that_came_back_is_seen_as_both_captains_see_it(lab: RunningLab) -> None:
    facts = seen(lab, "cobalt")
    assert facts.pool and (host := facts.pool.host_named("cobalt-2"))
    assert (host.live, host.enabled) == (True, False)
    assert facts.pool.detached(host.uuid)
    assert (row := facts.cs_host(host)) and row.state == "Alert"


def test_facts_survive_being_stored(lab: RunningLab) -> None:
    facts = seen(lab, "cobalt")
    assert facts_from(facts_to(facts)) == facts


def test_a_dead_master_leaves_what_cloudstack_and_the_members_say(doomed: RunningLab) -> None:
    doomed.break_("kill", "basalt-1")
    facts = seen(doomed, "basalt", "basalt-1", "basalt-2", "basalt-3")
    assert facts.pool is None
    assert facts.pool_trouble and facts.pool_trouble.code == "refused"
    assert facts.cloudstack and len(facts.cloudstack.hosts) == 5
    assert [(p.answers, p.code) for p in facts.probes] == [(False, "refused"), (True, ""), (True, "")]


def test_a_member_that_lost_its_master_tells_that_it_is_in_emergency(doomed: RunningLab) -> None:
    doomed.do(
        lambda world: setattr(world.host("basalt-2"), "emergency", ["HOST_MASTER_CANNOT_TALK_BACK", "x"])
    )
    facts = seen(doomed, "basalt")
    probe = next(p for p in facts.probes if p.address == doomed.address("basalt-2"))
    assert (probe.answers, probe.emergency, probe.code) == (True, True, "HOST_MASTER_CANNOT_TALK_BACK")


def test_a_silent_cloudstack_leaves_what_xenserver_says(lab: RunningLab) -> None:
    lab.break_("reset-before", "cloudstack")
    facts = seen(lab, "amber")
    assert facts.pool
    assert facts.cloudstack is None
    assert facts.cloudstack_trouble and facts.cloudstack_trouble.code == "cut"


@pytest.mark.parametrize("fault", ["hang", "drip"])
def test_no_host_makes_a_look_longer_than_its_deadline(lab: RunningLab, fault: str) -> None:
    lab.break_(fault, "amber-1", call="*", delay=0.2)
    lab.break_(fault, "cloudstack", call="*", delay=0.2)
    with soon():
        facts = seen(lab, "amber", deadline_s=1.0)
    assert facts.pool_trouble and facts.pool_trouble.code == "timeout"
    assert facts.cloudstack_trouble and facts.cloudstack_trouble.code == "timeout"


def test_a_hanging_member_spoils_only_its_own_probe(lab: RunningLab) -> None:
    lab.break_("hang", "amber-3", call="*")
    facts = seen(lab, "amber", deadline_s=4.0)
    assert facts.pool and facts.cloudstack
    assert [(p.answers, p.code) for p in facts.probes] == [
        (True, ""),
        (True, ""),
        (False, "timeout"),
        (True, ""),
    ]


def test_a_master_that_keeps_a_look_waiting_leaves_time_to_ask_the_others(lab: RunningLab) -> None:
    """Who was not asked would seem silent, and the whole pool away."""
    lab.break_("hang", "amber-1", call="VM.get_all_records_where")
    way = to_pool(lab, "amber-1", "amber-2", "amber-3", "amber-4")
    facts = look(way, None, "", now=NOW, deadline_s=10.0, asked=Asked())
    assert facts.pool_trouble and facts.pool_trouble.code == "timeout"
    assert [p.answers for p in facts.probes] == [True] * 4


def test_calls_that_a_version_does_not_know_are_gaps(lab: RunningLab) -> None:
    for call in ("host.compute_free_memory", "message.get_since", "VDI.get_SR", "VM.get_all_records_where"):
        lab.break_("error", "amber-1", call=call, what=f"MESSAGE_METHOD_UNKNOWN,{call}")
    facts = seen(lab, "amber")
    assert facts.pool and facts.pool.vms
    assert facts.pool.ha.statefile_srs == ()
    assert "VDI.get_SR: MESSAGE_METHOD_UNKNOWN" in facts.gaps
    assert {h.memory_free for h in facts.pool.hosts} == {None}


def test_a_list_that_breaks_off_is_a_trouble_and_not_an_empty_list(lab: RunningLab) -> None:
    lab.break_("truncated", "amber-1", call="VM.get_all_records_where")
    facts = seen(lab, "amber")
    assert facts.pool is None
    assert facts.pool_trouble and facts.pool_trouble.code == "bad-answer"


def test_a_cluster_that_is_not_there_is_empty(lab: RunningLab) -> None:
    facts = look(to_pool(lab, "amber-1"), to_cloudstack(lab), "nowhere", now=NOW)
    assert facts.cloudstack and (facts.cloudstack.cluster, facts.cloudstack.hosts) == ("", ())


def test_a_pool_without_cloudstack_is_read_alone(lab: RunningLab) -> None:
    facts = look(to_pool(lab, "amber-1"), None, "", now=NOW)
    assert facts.pool
    assert (facts.cloudstack, facts.cloudstack_trouble) == (None, None)


def test_a_wrong_password_and_a_strange_certificate_are_troubles_with_a_code(lab: RunningLab) -> None:
    wrong = look(to_pool(lab, "amber-1", password="no"), None, "", now=NOW)
    assert wrong.pool_trouble and wrong.pool_trouble.code == "login-refused"
    strange = replace(to_pool(lab, "amber-1"), trust=Trust(frozenset({"ab" * 32})))
    untrusted = look(strange, None, "", now=NOW)
    assert untrusted.pool_trouble and untrusted.pool_trouble.code == "tls-untrusted"
    assert untrusted.probes[0].code == "tls-untrusted"


def test_a_look_changes_nothing_and_leaves_no_session(lab: RunningLab) -> None:
    def sessions() -> set[str]:
        return lab.do(lambda world: set(world.pool("amber").sessions))

    before = lab.calls(changing=True), sessions()
    seen(lab, "amber")
    assert (lab.calls(changing=True), sessions()) == before


def test_the_actuator_opens_only_what_is_used(lab: RunningLab) -> None:
    before = len(lab.calls("session.login_with_password"))
    with actuator(to_pool(lab, "amber-1"), to_cloudstack(lab)) as api:
        assert api.cloudstack.read("listCapabilities")
    assert len(lab.calls("session.login_with_password")) == before


def test_the_actuator_says_how_a_task_and_a_job_stand(lab: RunningLab) -> None:
    with actuator(to_pool(lab, "amber-1"), to_cloudstack(lab)) as api:
        task = api.xapi.start("pool.eject", api.xapi.call("host.get_all")[1])
        eventually(lambda: api.status("xapi-task", task).state == "failure")
        assert api.status("xapi-task", task).error == ("HA_IS_ENABLED",)
        assert api.status("cloudstack-job", "00000000-0000-0000-0000-000000000000").state == "gone"


def test_a_step_that_needs_a_cloudstack_which_is_not_there_is_told(lab: RunningLab) -> None:
    with actuator(to_pool(lab, "amber-1"), None) as api:
        with pytest.raises(ClientError, match="not connected to a CloudStack"):
            api.cloudstack.read("listCapabilities")


def test_a_brief_look_hears_a_slow_master_answer_its_probe(lab: RunningLab) -> None:
    """It is too brief to read the pool, and asks the master beside that from the start: slow is not dead."""
    lab.break_("slow", "amber-1", delay=SLOW_S)
    facts = look(to_pool(lab, "amber-1"), None, "", now=NOW, deadline_s=BRIEF_S)
    assert facts.pool_trouble and facts.pool_trouble.code == "timeout"
    assert [(p.address, p.answers) for p in facts.probes] == [(lab.address("amber-1"), True)]
