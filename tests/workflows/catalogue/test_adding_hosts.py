"""Strangers on the lab: who fits joins, CloudStack discovers all, and the login is gone with the run; who does not is
named with the code that XAPI would answer, before anything is touched."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from lab.testing import RunningLab, running_lab
from lab.world import World, ha_switch
from pools.facts import Facts
from pools.models import Pool
from pools.secret import Secret
from tests.pools.lab import cloudstack_of, pool_of
from tests.workflows import amber, strangers
from tests.workflows.engine.driving import drive_to_the_end, look, person
from workflows.catalogue import WORKFLOWS
from workflows.engine.situation import NotKnown
from workflows.engine.states import RunState
from workflows.models import Login, Run
from workflows.running import choices, newcomers
from workflows.steps.discovering import AddToCloudStack
from workflows.steps.fitness import fits, named
from workflows.steps.joining import JoinPool

ON_THE_LAB = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("broker")]
REASONS = {
    "birch-2": "HOSTS_NOT_HOMOGENEOUS: it runs 8.2.0.",
    "birch-3": "HOSTS_NOT_HOMOGENEOUS: its CPUs are of AuthenticAMD.",
    "birch-4": "JOINING_HOST_CANNOT_HAVE_RUNNING_VMS: stop billing.",
    "birch-5": "JOINING_HOST_CANNOT_CONTAIN_SHARED_SRS: forget nfs-old there",
    "birch-6": "LICENCE_RESTRICTION",
    "birch-8": "LICENSE_HOST_POOL_MISMATCH",
    "birch-9": "POOL_JOINING_EXTERNAL_AUTH_MISMATCH",
    "cedar-1": "JOINING_HOST_CANNOT_BE_MASTER_OF_OTHER_HOSTS: its pool has 2",
}


def credentials(lab: RunningLab) -> newcomers.Credentials:
    return newcomers.Credentials(Secret(lab.user), Secret(lab.password))


def met(lab: RunningLab, pool: Pool, text: str) -> Facts:
    """Fresh facts of the pool, with the hosts of that text as they look."""
    return newcomers.seen(newcomers.Words(pool, credentials(lab), named(text)), look(pool))


def vouched(lab: RunningLab, *names: str) -> str:
    """Addresses, each with the fingerprint that a person has compared."""
    return "\n".join(f"{lab.address(name)} {lab.fingerprint(name)}" for name in names)


def run_to_the_end(lab: RunningLab, pool: Pool, slug: str, text: str, **inputs: str) -> Run:
    """Planned and started by bo, every step confirmed."""
    asked = {"strangers": text, **inputs}
    run = choices.plan_run(WORKFLOWS[slug], pool, asked, person("bo"), met(lab, pool, text))
    newcomers.keep(run, credentials(lab))
    choices.start(run, person("bo"))
    run = drive_to_the_end(run, person("bo"))
    told = [(row.title, row.state, row.says) for row in run.steps.order_by("index")]
    assert run.state == RunState.DONE, (run.reason, told)
    return run


def cluster_of_cedar(lab: RunningLab) -> Run:
    """Of cedar's two hosts and birch-1."""
    lab.do(ha_off_on_cedar)
    pool = pool_of(lab, "cedar", cloudstack=cloudstack_of(lab), approvals_needed=0)
    facts = look(pool)
    assert facts.pool and facts.cloudstack
    sr = next(sr.uuid for sr in facts.pool.srs if sr.name == "nfs-hb")
    inputs = {"sr": sr, "timeout": "180", "pod": facts.cloudstack.pods[0].id}
    return run_to_the_end(lab, pool, "build-cluster", vouched(lab, "birch-1"), **inputs)


def sent(lab: RunningLab) -> list[str]:
    return [call["name"].removeprefix("Async.") for call in lab.calls(changing=True)]


class TestOnTheLab:
    pytestmark = ON_THE_LAB

    def test_a_stranger_joins_and_cloudstack_discovers_it(self) -> None:
        with running_lab("strangers", speed=400) as lab:
            pool = pool_of(lab, "amber", cloudstack=cloudstack_of(lab), approvals_needed=0)
            run = run_to_the_end(lab, pool, "add-hosts", vouched(lab, "birch-1"))

            assert sent(lab) == ["pool.disable_ha", "pool.join", "pool.enable_ha", "addHost"]
            pool.refresh_from_db()
            facts = look(pool)  # with the pins that the pool has by now
            assert facts.pool and facts.pool.ha.enabled and facts.pool.ha.timeout_s == 180
            assert "birch-1" in {host.name for host in facts.pool.hosts}
            assert all(probe.answers for probe in facts.probes)
            assert not Login.objects.exists()
            kept = json.dumps(
                [run.plan, run.inputs, list(run.journal.values_list("says", "data"))], default=str
            )
            assert lab.password not in kept

    def test_a_pool_becomes_a_cluster(self) -> None:
        with running_lab("strangers", speed=400) as lab:
            run = cluster_of_cedar(lab)

            calls = [call for call in sent(lab) if "other_config" not in call]
            assert calls == ["pool.join", "pool.enable_ha", "addCluster", "addHost"]
            by_hand = json.dumps(run.plan)
            assert "cmk add cluster" in by_hand and "$NEW_CLUSTER is its id from here on" in by_hand
            assert "clusterid=$NEW_CLUSTER" in by_hand
            after = look(Pool.objects.get(pk=run.pool_id)).cloudstack
            assert after and [host.state for host in after.hosts] == ["Up"] * 3

    def test_each_stranger_that_may_not_join_is_named_with_xapis_reason(self) -> None:
        with running_lab("strangers", speed=100) as lab:
            pool = pool_of(lab, "amber", cloudstack=cloudstack_of(lab))
            text = vouched(lab, *REASONS, "birch-7")
            facts = met(lab, pool, text)
            assert facts.pool
            against = {
                found.name: [check.cure for check in fits(found, facts.measure, facts.pool) if not check.ok]
                for found in facts.newcomers
            }
            assert {
                name for name, why in REASONS.items() if not any(why in says for says in against[name])
            } == set()
            assert "refuses the connection" in against[lab.address("birch-7")][0]
            with pytest.raises(choices.Refused):
                choices.plan_run(WORKFLOWS["add-hosts"], pool, {"strangers": text}, person("bo"), facts)
            assert sent(lab) == []

    def test_a_host_that_nobody_vouched_for_is_sent_no_password_and_tells_its_fingerprint(self) -> None:
        with running_lab("strangers", speed=100) as lab:
            pool = pool_of(lab, "amber", cloudstack=None)
            lab.do(lambda world: world.calls.clear())
            (found,) = met(lab, pool, lab.address("birch-1")).newcomers
            assert found.trouble and found.trouble.code == "tls-untrusted"
            assert found.trouble.params[-1] == lab.fingerprint("birch-1")


def ha_off_on_cedar(world: World) -> None:
    pool = world.pool("cedar")
    pool.ha_enabled = False
    for host in pool.hosts:
        ha_switch.disarm(host)


def against(**fields: object) -> list[str]:
    """What speaks against birch-1 with those fields."""
    facts = strangers.beside(amber.facts(), **fields)
    assert facts.pool
    return [check.cure for check in fits(facts.newcomers[0], facts.measure, facts.pool) if not check.ok]


def test_a_host_like_the_others_may_join() -> None:
    assert against() == []


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"uuid": "h-amber-2"}, "OPERATION_NOT_ALLOWED"),
        ({"ha_enabled": True}, "HA_IS_ENABLED"),
        ({"network": ("bonds",)}, "POOL_JOINING_HOST_HAS_BONDS"),
        ({"guidances": ("reboot_host",)}, "HOST_PENDING_MANDATORY_GUIDANCE_NOT_EMPTY"),
        ({"clock_skew_s": 400.0}, "HOST_CLOCK_SKEW_DETECTED"),
        ({"passport": replace(strangers.PASSPORT, nics=1)}, "It has 1, the master 2"),
        (
            {"passport": replace(strangers.PASSPORT, traits=(("updates", "u1"),))},
            "HOSTS_NOT_HOMOGENEOUS: u1 there",
        ),
    ],
)
def test_each_difference_is_told_with_the_code_that_xapi_would_answer(
    fields: dict[str, object], code: str
) -> None:
    assert any(says.startswith(code) for says in against(**fields))


def test_the_form_takes_lines_and_commas_and_names_what_it_cannot_read() -> None:
    assert [one.address for one in named("10.0.0.1\n10.0.0.2 ab, 10.0.0.1")] == ["10.0.0.1", "10.0.0.2"]
    with pytest.raises(NotKnown, match="not an address with at most a fingerprint"):
        named("10.0.0.1 ab cd")


def test_a_join_shows_no_password_and_is_not_done_while_the_host_cannot_be_read() -> None:
    step = JoinPool("127.10.9.1", "birch-1")
    s = amber.situation(strangers.beside(amber.facts().with_ha(enabled=False)), {"strangers": "127.10.9.1"})
    (call,) = step.calls(s)
    assert call.by_hand.endswith("master-username=$POOL_USER master-password=$POOL_PASSWORD")
    assert not step.done(s)
    assert step.done(s.after(step.expect(s)))


def test_a_lost_answer_of_addhost_is_looked_for_and_never_repeated_by_itself() -> None:
    facts = amber.facts().without_cs_host("cs-amber-4")
    step = AddToCloudStack()
    assert step.resend == "ask"
    s = amber.situation(facts)
    assert not step.done(s)
    (call,) = step.calls(s)
    assert "url=http://127.10.1.4" in call.request and "password=$POOL_PASSWORD" in call.request


def test_a_licence_that_restricts_the_size_is_told_before_ha_goes_off() -> None:
    small = replace(strangers.PASSPORT, large_pools=False)
    facts = strangers.beside(amber.facts().without_host("h-amber-4"), passport=small)
    asked = {"strangers": "127.10.9.1"}
    for found, refused in ((facts, True), (facts.without_host("h-amber-3"), False)):
        s = amber.situation(found, asked)
        says = [check.cure for check in WORKFLOWS["add-hosts"].refusals(s) if not check.ok]
        assert bool([each for each in says if "3 hosts at most" in each]) == refused
