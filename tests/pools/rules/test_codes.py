"""Every code: the facts on which it fires, and the healthy pool on which it does not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

import pytest

from pools.exposure import Kind
from pools.facts import CloudStackFacts
from pools.rules import CODES, judge_all
from pools.rules.case import Case, Severity
from tests.pools import world
from tests.pools.rules.trouble import (
    alerts,
    alone,
    cloudstack,
    exposed,
    no_cloudstack,
    only_local_storage,
    owing,
    protected,
    refused,
    stale,
    waiting,
)
from tests.pools.world import NOW, amber, ha_off, judged, master_silent, unplugged, with_probe

CRITICAL, WARNING, INFO = Severity.CRITICAL, Severity.WARNING, Severity.INFO


E_ = "amber-3"
FIRES: Mapping[str, tuple[str, Severity, str, Case]] = {
    "a dead master": ("master-unreachable", CRITICAL, "amber-1", judged(master_silent())),
    "a master that answers a probe only": (
        "master-suspect",
        WARNING,
        "amber-1",
        judged(replace(amber(), pool=None, pool_trouble=world.SILENT)),
    ),
    "a member that lost the master we see": (
        "master-suspect",
        WARNING,
        "amber-1",
        judged(with_probe(amber(), "127.10.1.2", emergency=True, master=None)),
    ),
    "a master whose own probe fails": (
        "master-suspect",
        WARNING,
        "amber-1",
        judged(with_probe(amber(), "127.10.1.1", answers=False, code="timeout")),
    ),
    "another master since the last look": (
        "master-moved",
        WARNING,
        "amber-2",
        judged(amber().with_master("amber-2"), known=amber()),
    ),
    "another master since an hour": (
        "master-moved",
        WARNING,
        "amber-1",
        judged(amber(), master_was="amber-4", master_moved_at=NOW - timedelta(hours=1)),
    ),
    "two masters": (
        "master-disputed",
        CRITICAL,
        "amber",
        judged(with_probe(amber(), "127.10.1.4", master="127.10.1.4")),
    ),
    "a disabled master": (
        "master-disabled",
        CRITICAL,
        "amber-1",
        judged(amber().with_host("amber-1", enabled=False)),
    ),
    "HA off under CloudStack 4.20": ("no-master-recovery", CRITICAL, "amber", judged(ha_off())),
    "HA off, and CloudStack silent that was 4.20": (
        "no-master-recovery",
        CRITICAL,
        "amber",
        judged(replace(ha_off(), cloudstack=None, cloudstack_trouble=world.SILENT), known=amber()),
    ),
    "HA off, and the master dead": (
        "no-master-recovery",
        CRITICAL,
        "amber",
        judged(master_silent(), known=ha_off()),
    ),
    "HA on under CloudStack 4.3.1": ("two-captains", WARNING, "amber", judged(cloudstack(version="4.3.1"))),
    "HA off against the policy": ("ha-off-unwanted", CRITICAL, "amber", judged(ha_off())),
    "no timeout": ("ha-timeout-unset", CRITICAL, "amber", judged(amber().with_ha(timeout_s=None))),
    "a timeout of 120 s": ("ha-timeout-short", WARNING, "amber", judged(amber().with_ha(timeout_s=120))),
    "a timeout of 60 s": ("ha-timeout-short", CRITICAL, "amber", judged(amber().with_ha(timeout_s=60))),
    "no guard": ("ha-timeout-guard", INFO, "amber", judged(amber().with_ha(default_timeout_s=None))),
    "another guard": ("ha-timeout-guard", INFO, "amber", judged(amber().with_ha(default_timeout_s=30))),
    "two live hosts": (
        "ha-too-few-hosts",
        CRITICAL,
        "amber",
        judged(amber().with_host("amber-3", live=False).with_host("amber-4", live=False)),
    ),
    "local storage only": ("ha-no-shared-sr", WARNING, "amber", judged(only_local_storage())),
    "the heartbeat SR unplugged": (
        "ha-statefile-detached",
        CRITICAL,
        E_,
        judged(unplugged("amber-3", "nfs-hb")),
    ),
    "a host outside the statefile": (
        "ha-statefile-detached",
        CRITICAL,
        E_,
        judged(amber().with_host("amber-3", ha_statefiles=())),
    ),
    "no plan": ("ha-plan-short", WARNING, "amber", judged(amber().with_ha(plan_exists_for=0))),
    "overcommitted": ("ha-overcommitted", WARNING, "amber", judged(amber().with_ha(overcommitted=True))),
    "no licence": (
        "ha-unlicensed",
        WARNING,
        "amber",
        judged(amber().with_host("amber-3", ha_licensed=False)),
    ),
    "a protected guest": ("vm-protected", CRITICAL, "amber", judged(protected())),
    "a dead host": ("host-dead", CRITICAL, E_, judged(amber().with_host("amber-3", live=False))),
    "a silent host": (
        "host-dead",
        CRITICAL,
        E_,
        judged(with_probe(amber(), "127.10.1.3", answers=False, code="timeout")),
    ),
    "a disabled host": ("host-disabled", WARNING, E_, judged(amber().with_host("amber-3", enabled=False))),
    "emergency mode": (
        "host-emergency",
        CRITICAL,
        E_,
        judged(with_probe(amber(), "127.10.1.3", emergency=True)),
    ),
    "one fence": ("host-fenced", WARNING, E_, judged(alerts("HA_HOST_WAS_FENCED", 90))),
    "three fences in an hour": ("host-fenced", CRITICAL, E_, judged(alerts("HA_HOST_WAS_FENCED", 5, 25, 45))),
    "a wrong clock": ("host-clock-skew", WARNING, E_, judged(alerts("HOST_CLOCK_SKEW_DETECTED", 5))),
    "storage unplugged": ("host-storage-detached", WARNING, E_, judged(unplugged("amber-3", "iscsi-1"))),
    "a reboot pending": (
        "host-restart-pending",
        INFO,
        E_,
        judged(amber().with_host("amber-3", pending_guidances=("reboot_host",))),
    ),
    "two versions": (
        "host-versions-mixed",
        WARNING,
        "amber",
        judged(amber().with_host("amber-3", version="8.3.0")),
    ),
    "a certificate near its end": (
        "certificate-expiring",
        WARNING,
        E_,
        judged(amber().with_host("amber-3", certificate_expires=NOW + timedelta(days=29))),
    ),
    "Alert": ("cloudstack-alert", CRITICAL, E_, judged(amber().with_cs_host("cs-3", state="Alert"))),
    "Down": ("cloudstack-down", CRITICAL, E_, judged(amber().with_cs_host("cs-3", state="Down"))),
    "Disconnected": (
        "cloudstack-disconnected",
        WARNING,
        E_,
        judged(amber().with_cs_host("cs-3", state="Disconnected")),
    ),
    "maintenance failed": (
        "cloudstack-maintenance-error",
        CRITICAL,
        E_,
        judged(amber().with_cs_host("cs-3", resourcestate="ErrorInMaintenance")),
    ),
    "maintenance that does not end": (
        "cloudstack-maintenance-stuck",
        WARNING,
        E_,
        judged(
            amber().with_cs_host("cs-3", resourcestate="PrepareForMaintenance"),
            preparing_since={"cs-3": NOW - timedelta(minutes=61)},
        ),
    ),
    "Unmanaged": ("cloudstack-unmanaged", CRITICAL, "amber", judged(cloudstack(managedstate="Unmanaged"))),
    "a host CloudStack lacks": (
        "host-unknown-to-cloudstack",
        WARNING,
        E_,
        judged(amber().without_cs_host("cs-3")),
    ),
    "a host the pool lacks": ("host-not-in-pool", CRITICAL, E_, judged(amber().without_host("amber-3"))),
    "Up, and dead": ("cloudstack-stale-up", CRITICAL, E_, judged(amber().with_host("amber-3", live=False))),
    "Up, and the master dead": ("cloudstack-stale-up", CRITICAL, "amber", judged(master_silent())),
    "HA owed": ("debt-unpaid", CRITICAL, "run 7", judged(amber(), obligations=owing("ha"))),
    "maintenance owed": ("debt-unpaid", WARNING, "run 7", judged(amber(), obligations=owing("maintenance"))),
    "a run that waits long": (
        "run-waiting",
        WARNING,
        "Remove amber-1",
        judged(amber(), obligations=waiting(31)),
    ),
    "a run that waits a while": (
        "run-waiting",
        INFO,
        "Remove amber-1",
        judged(amber(), obligations=waiting(16)),
    ),
    "alone in an outage": ("review-owed", WARNING, "run 7", judged(amber(), obligations=alone())),
    "long without HA": ("exposed-too-long", CRITICAL, "amber", exposed(Kind.HA, 61)),
    "long unmanaged": ("exposed-too-long", CRITICAL, "amber", exposed(Kind.UNMANAGED, 61)),
    "long without a host to spare": ("exposed-too-long", WARNING, "amber", exposed(Kind.NO_SPARE, 61)),
    "a look 4 intervals old": ("facts-stale", WARNING, "amber", stale(4)),
    "a look 31 intervals old": ("facts-stale", CRITICAL, "amber", stale(31)),
    "a wrong password": ("login-refused", CRITICAL, "amber", judged(refused("login-refused"))),
    "keys without rights": ("login-refused", CRITICAL, "amber", judged(no_cloudstack("not-permitted"))),
    "another certificate": ("tls-untrusted", CRITICAL, "amber", judged(refused("tls-untrusted"))),
    "a member's other certificate": (
        "tls-untrusted",
        CRITICAL,
        E_,
        judged(with_probe(amber(), "127.10.1.3", answers=False, code="tls-untrusted")),
    ),
    "CloudStack silent": ("cloudstack-unreachable", WARNING, "amber", judged(no_cloudstack())),
    "no such cluster": (
        "cloudstack-cluster-missing",
        WARNING,
        "amber",
        judged(
            replace(amber(), cloudstack=CloudStackFacts(version="4.20.1.0", cluster="", cluster_name="amber"))
        ),
    ),
}

SILENT: Mapping[str, tuple[str, Case]] = {
    "a wrong password is no dead master": ("master-unreachable", judged(refused("login-refused"))),
    "the master before, a day later": (
        "master-moved",
        judged(amber(), master_was="amber-4", master_moved_at=NOW - timedelta(hours=25)),
    ),
    "members may be disabled without blocking the rest": (
        "master-disabled",
        judged(amber().with_host("amber-2", enabled=False)),
    ),
    "CloudStack 4.3.1 elects by itself": (
        "no-master-recovery",
        judged(ha_off().with_cloudstack(version="4.3.1")),
    ),
    "operators recover the master": (
        "no-master-recovery",
        judged(ha_off(), policy=world.policy(recovery="operators")),
    ),
    "a CloudStack whose version nobody knows": (
        "no-master-recovery",
        judged(replace(ha_off(), cloudstack=None, cloudstack_trouble=world.SILENT)),
    ),
    "4.3.2 elects no more": ("two-captains", judged(cloudstack(version="4.3.2"))),
    "HA off by policy": ("ha-off-unwanted", judged(ha_off(), policy=world.policy(wants_ha=False))),
    "a timeout left behind by HA turned off": ("ha-timeout-short", judged(ha_off().with_ha(timeout_s=30))),
    "a longer timeout than the policy's": ("ha-timeout-short", judged(amber().with_ha(timeout_s=240))),
    "a guard that follows a longer timeout": (
        "ha-timeout-guard",
        judged(amber().with_ha(timeout_s=240, default_timeout_s=240)),
    ),
    "three live hosts": ("ha-too-few-hosts", judged(amber().with_host("amber-4", live=False))),
    "a dialect without ha_statefiles": (
        "ha-statefile-detached",
        judged(
            amber()
            .with_host("amber-1", ha_statefiles=())
            .with_host("amber-2", ha_statefiles=())
            .with_host("amber-3", ha_statefiles=())
            .with_host("amber-4", ha_statefiles=())
        ),
    ),
    "unplugged heartbeat storage while HA is off": (
        "ha-statefile-detached",
        judged(unplugged("amber-3", "nfs-hb", ha_off())),
    ),
    "a pool without CloudStack may protect guests": (
        "vm-protected",
        judged(replace(protected(), cloudstack=None)),
    ),
    "a certificate alarm is no dead host": (
        "host-dead",
        judged(with_probe(amber(), "127.10.1.3", answers=False, code="tls-untrusted")),
    ),
    "a dead host is not called disabled": (
        "host-disabled",
        judged(amber().with_host("amber-3", live=False, enabled=False)),
    ),
    "a fence of the day before yesterday": ("host-fenced", judged(alerts("HA_HOST_WAS_FENCED", 2 * 24 * 60))),
    "storage of a dead host": (
        "host-storage-detached",
        judged(unplugged("amber-3", "iscsi-1").with_host("amber-3", live=False)),
    ),
    "guidance for guests only": (
        "host-restart-pending",
        judged(amber().with_host("amber-3", pending_guidances=("restart_vm",))),
    ),
    "a version that is not known": ("host-versions-mixed", judged(amber().with_host("amber-3", version=""))),
    "a certificate good for 31 days": (
        "certificate-expiring",
        judged(amber().with_host("amber-3", certificate_expires=NOW + timedelta(days=31))),
    ),
    "Disconnected in maintenance": (
        "cloudstack-disconnected",
        judged(amber().with_cs_host("cs-3", state="Disconnected", resourcestate="Maintenance")),
    ),
    "Disconnected in a cluster that a run unmanaged": (
        "cloudstack-disconnected",
        judged(
            cloudstack(managedstate="Unmanaged").with_cs_host("cs-3", state="Disconnected"),
            obligations=owing("unmanaged", moving=True),
        ),
    ),
    "Unmanaged, and a run owes it": (
        "cloudstack-unmanaged",
        judged(cloudstack(managedstate="Unmanaged"), obligations=owing("unmanaged")),
    ),
    "maintenance that began just now": (
        "cloudstack-maintenance-stuck",
        judged(
            amber().with_cs_host("cs-3", resourcestate="PrepareForMaintenance"),
            preparing_since={"cs-3": NOW - timedelta(minutes=59)},
        ),
    ),
    "Alert is not stale": (
        "cloudstack-stale-up",
        judged(amber().with_host("amber-3", live=False).with_cs_host("cs-3", state="Alert")),
    ),
    "a run that moves pays later": ("debt-unpaid", judged(amber(), obligations=owing("ha", moving=True))),
    "a run that waits a little": ("run-waiting", judged(amber(), obligations=waiting(14))),
    "a while without HA": ("exposed-too-long", exposed(Kind.HA, 59)),
    "a look that is nearly due": ("facts-stale", stale(3)),
}


def test_a_healthy_pool_has_no_findings() -> None:
    assert judge_all(judged(amber())) == ()


@pytest.mark.parametrize("name", FIRES)
def test_it_fires_on(name: str) -> None:
    code, severity, subject, case = FIRES[name]
    found = [f for f in judge_all(case) if f.code == code]
    assert [(f.severity, f.subject.name) for f in found] == [(severity, subject)]
    assert found[0].says.endswith(".") and found[0].means


@pytest.mark.parametrize("name", SILENT)
def test_it_is_silent_on(name: str) -> None:
    code, case = SILENT[name]
    assert code not in [f.code for f in judge_all(case)]


def test_every_code_has_a_case_on_which_it_fires() -> None:
    assert {code for code, *_ in FIRES.values()} == set(CODES) - {"rule-failed"}
