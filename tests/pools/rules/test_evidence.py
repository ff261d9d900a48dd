"""What each finding rests on: the raw values, and who said them."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from pools.exposure import Kind
from pools.facts import Facts
from pools.rules import CODES
from pools.rules.case import Case, Elsewhere
from tests.pools.rules.judging import text_of, the
from tests.pools.rules.trouble import (
    alerts,
    alone,
    cloudstack,
    everywhere,
    exposed,
    no_cloudstack,
    owing,
    protected,
    refused,
    stale,
    versions,
    waiting,
)
from tests.pools.world import NOW, SILENT, amber, ha_off, judged, master_silent, unplugged, with_probe

X, C, B = "XenServer", "CloudStack", "Baton"
Values = dict[str, tuple[str, str]]
"""What → the value as read, and who said it."""
STATE: Values = {"state": ("Disconnected", C), "resourcestate": ("Enabled", C)}
ALL_WELL: Values = {"live": ("true", X), "enabled": ("true", X)}
PROBES: Values = {f"probe of 127.10.1.{j}": ("names 127.10.1.1", B) for j in (2, 3, 4)}
LOGIN: Values = {"login": (SILENT.says, B), "master amber-1, last answered": ("2026-11-22 03:00:00 UTC", X)}


def amber_3(**changes: object) -> Case:
    return judged(amber().with_host("amber-3", **changes))


def cs_3(**changes: str) -> Case:
    return judged(amber().with_cs_host("cs-3", **changes))


def silent_3() -> Facts:
    return with_probe(amber(), "127.10.1.3", answers=False, code="timeout", says="No answer.")


def srs(kind: str) -> Case:
    pool = amber().pool
    assert pool
    return judged(amber().with_pool(srs=tuple(replace(sr, type=kind) for sr in pool.srs)))


VALUES: dict[str, tuple[Case, Values]] = {
    "master-unreachable": (
        judged(master_silent(ha_off()), known=ha_off()),
        {**LOGIN, "probe of 127.10.1.1": ("timeout", B), **PROBES},
    ),
    "master-suspect": (
        judged(replace(amber(), pool=None, pool_trouble=SILENT)),
        {**LOGIN, "probe of 127.10.1.1": ("names 127.10.1.1", B), **PROBES},
    ),
    "master-disputed": (
        judged(with_probe(amber(), "127.10.1.4", master="127.10.1.4", emergency=True)),
        {
            "probe of 127.10.1.1": ("names 127.10.1.1", B),
            **PROBES,
            "probe of 127.10.1.4": ("names 127.10.1.4, emergency", B),
        },
    ),
    "master-moved": (
        judged(amber().with_master("amber-2"), known=amber()),
        {"master": ("amber-2", X), "master before": ("amber-1", X)},
    ),
    "master-disabled": (
        judged(amber().with_host("amber-1", enabled=False, maintenance_mode=True)),
        {"amber-1 enabled": ("false", X), "other_config:MAINTENANCE_MODE": ("true", X)},
    ),
    "no-master-recovery": (
        judged(ha_off()),
        {"ha_enabled": ("false", X), "CloudStack version": ("4.20.1.0", C)},
    ),
    "two-captains": (
        judged(cloudstack(version="4.3.1")),
        {"ha_enabled": ("true", X), "CloudStack version": ("4.3.1", C)},
    ),
    "ha-off-unwanted": (judged(ha_off()), {"ha_enabled": ("false", X)}),
    "ha-unlicensed": (amber_3(ha_licensed=False), {"enable_xha of amber-3": ("false", X)}),
    "ha-timeout-unset": (
        judged(amber().with_ha(timeout_s=None, default_timeout_s=None)),
        {"ha_configuration": ("{}", X), "other_config:default_ha_timeout": ("not set", X)},
    ),
    "ha-timeout-short": (judged(amber().with_ha(timeout_s=90)), {"ha_configuration:timeout": ("90", X)}),
    "ha-timeout-guard": (
        judged(amber().with_ha(default_timeout_s=None)),
        {"other_config:default_ha_timeout": ("not set", X)},
    ),
    "ha-too-few-hosts": (
        judged(amber().with_host("amber-3", live=False).with_host("amber-4", live=False)),
        {"live hosts": ("2", X)},
    ),
    "ha-no-shared-sr": (srs("ext"), {"type of nfs-hb": ("ext", X), "type of iscsi-1": ("ext", X)}),
    "ha-statefile-detached": (judged(unplugged("amber-3", "nfs-hb")), {"currently_attached": ("false", X)}),
    "ha-plan-short": (
        judged(amber().with_ha(plan_exists_for=0)),
        {"ha_host_failures_to_tolerate": ("1", X), "ha_plan_exists_for": ("0", X)},
    ),
    "ha-overcommitted": (judged(amber().with_ha(overcommitted=True)), {"ha_overcommitted": ("true", X)}),
    "vm-protected": (judged(protected()), {"ha_restart_priority of i-2-0-VM": ("restart", X)}),
    "host-dead": (
        judged(silent_3()),
        {"amber-3 live": ("true", X), "probe of 127.10.1.3": ("No answer.", B)},
    ),
    "host-disabled": (
        amber_3(enabled=False, maintenance_mode=True),
        {"amber-3 enabled": ("false", X), "other_config:MAINTENANCE_MODE": ("true", X)},
    ),
    "host-emergency": (
        judged(with_probe(amber(), "127.10.1.3", emergency=True)),
        {"emergency mode of 127.10.1.3": ("true", X)},
    ),
    "host-fenced": (
        judged(alerts("HA_HOST_WAS_FENCED", 5)),
        {"HA_HOST_WAS_FENCED": ("2026-11-22 02:55:00 UTC", X)},
    ),
    "host-clock-skew": (
        judged(alerts("HOST_CLOCK_SKEW_DETECTED", 5)),
        {"HOST_CLOCK_SKEW_DETECTED": ("2026-11-22 02:55:00 UTC", X)},
    ),
    "host-storage-detached": (
        judged(unplugged("amber-3", "iscsi-1")),
        {"iscsi-1 attached on amber-3": ("false", X)},
    ),
    "host-restart-pending": (amber_3(reboot_due=True), {"updates_requiring_reboot": ("true", X)}),
    "host-versions-mixed": (
        judged(versions("8.3.0", "amber-1", "amber-2").with_host("amber-4", version="")),
        {
            "version of amber-1": ("8.3.0", X),
            "version of amber-2": ("8.3.0", X),
            "version of amber-3": ("8.2.1", X),
        },
    ),
    "certificate-expiring": (
        amber_3(certificate_expires=NOW),
        {"not after": ("2026-11-22T03:00:00+00:00", X)},
    ),
    "cloudstack-alert": (cs_3(state="Alert"), {**STATE, "state": ("Alert", C), **ALL_WELL}),
    "cloudstack-down": (cs_3(state="Down"), {**STATE, "state": ("Down", C), **ALL_WELL}),
    "cloudstack-disconnected": (cs_3(state="Disconnected"), {**STATE, **ALL_WELL}),
    "cloudstack-maintenance-error": (
        cs_3(resourcestate="ErrorInMaintenance"),
        {"resourcestate": ("ErrorInMaintenance", C)},
    ),
    "cloudstack-maintenance-stuck": (
        replace(
            cs_3(resourcestate="PrepareForMaintenance"), preparing_since={"cs-3": NOW - timedelta(hours=2)}
        ),
        {"resourcestate": ("PrepareForMaintenance", C)},
    ),
    "cloudstack-unmanaged": (
        judged(cloudstack(managedstate="Unmanaged")),
        {"managedstate": ("Unmanaged", C)},
    ),
    "host-unknown-to-cloudstack": (
        cs_3(address="127.10.9.9"),
        {"address": ("127.10.1.3", X)},
    ),
    "host-not-in-pool": (cs_3(address="127.10.9.9"), {"ipaddress": ("127.10.9.9", C)}),
    "cloudstack-stale-up": (
        judged(silent_3()),
        {"state": ("Up", C), "live": ("true", X), "probe of 127.10.1.3": ("No answer.", B)},
    ),
    "exposed-too-long": (exposed(Kind.HA, 61), {"without HA since": ("2026-11-22 01:59:00 UTC", B)}),
    "debt-unpaid": (
        judged(amber(), obligations=owing("unmanaged")),
        {"unmanaged": ("2026-11-22 02:00:00 UTC", B)},
    ),
    "run-waiting": (
        judged(amber(), obligations=waiting(31)),
        {"waiting since": ("2026-11-22 02:29:00 UTC", B)},
    ),
    "review-owed": (
        judged(amber(), obligations=alone()),
        {"went on alone": ("2026-11-22 03:00:00 UTC", B)},
    ),
    "facts-stale": (stale(3.1), {"last good look": ("2026-11-22 02:59:29 UTC", B)}),
    "login-refused": (judged(refused("login-refused")), {"answer": ("login-refused", X)}),
    "tls-untrusted": (judged(refused("tls-untrusted")), {"answer": ("tls-untrusted", X)}),
    "cloudstack-unreachable": (judged(no_cloudstack()), {"answer": ("timeout", B)}),
    "cloudstack-cluster-missing": (
        judged(cloudstack(cluster="")),
        {"clusters of that name": ("0", C)},
    ),
    "console-cut-off": (
        judged(
            replace(everywhere(answers=False, code="timeout"), pool=None, pool_trouble=SILENT),
            elsewhere=Elsewhere(others=9, answered=0, silent=9),
        ),
        {f"probe of 127.10.1.{j}": ("timeout", B) for j in (1, 2, 3, 4)},
    ),
}


def test_no_code_is_left_out() -> None:
    assert {*VALUES, "rule-failed"} == set(CODES)


@pytest.mark.parametrize("code", VALUES)
def test_a_finding_rests_on(code: str) -> None:
    case, values = VALUES[code]
    assert text_of(the(case, code)) == [(what, value, source) for what, (value, source) in values.items()]
