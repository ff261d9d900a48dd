"""What people build routes and scripts on: each code, its usual severity, and what it tells them to do."""

from __future__ import annotations

from pools.rules import CODES
from tests.pools.rules.judging import CRITICAL, INFO, WARNING

PROMISED = {
    "master-unreachable": (CRITICAL, "elect-master"),
    "master-suspect": (WARNING, ""),
    "master-moved": (WARNING, ""),
    "master-disputed": (CRITICAL, ""),
    "master-disabled": (CRITICAL, "reenable-host"),
    "no-master-recovery": (CRITICAL, "enable-ha"),
    "two-captains": (WARNING, ""),
    "ha-off-unwanted": (CRITICAL, "enable-ha"),
    "ha-timeout-unset": (CRITICAL, "change-ha-timeout"),
    "ha-timeout-short": (WARNING, "change-ha-timeout"),
    "ha-timeout-guard": (INFO, "change-ha-timeout"),
    "ha-too-few-hosts": (CRITICAL, "add-hosts"),
    "ha-no-shared-sr": (WARNING, ""),
    "ha-statefile-detached": (CRITICAL, ""),
    "ha-plan-short": (WARNING, ""),
    "ha-overcommitted": (WARNING, ""),
    "ha-unlicensed": (WARNING, "elect-master"),
    "vm-protected": (CRITICAL, "unprotect-vms"),
    "host-dead": (CRITICAL, ""),
    "host-disabled": (WARNING, "reenable-host"),
    "host-emergency": (CRITICAL, "break-fence-loop"),
    "host-fenced": (WARNING, "break-fence-loop"),
    "host-storage-detached": (WARNING, "reenable-host"),
    "host-clock-skew": (WARNING, ""),
    "host-restart-pending": (INFO, "rolling-reboot"),
    "host-versions-mixed": (WARNING, "rolling-reboot"),
    "certificate-expiring": (WARNING, ""),
    "cloudstack-alert": (CRITICAL, "reenable-host"),
    "cloudstack-down": (CRITICAL, ""),
    "cloudstack-disconnected": (WARNING, ""),
    "cloudstack-maintenance-error": (CRITICAL, ""),
    "cloudstack-maintenance-stuck": (WARNING, ""),
    "cloudstack-unmanaged": (CRITICAL, "settle-debts"),
    "host-unknown-to-cloudstack": (WARNING, "add-hosts"),
    "host-not-in-pool": (CRITICAL, ""),
    "cloudstack-stale-up": (CRITICAL, ""),
    "debt-unpaid": (WARNING, "settle-debts"),
    "run-waiting": (WARNING, ""),
    "facts-stale": (WARNING, ""),
    "login-refused": (CRITICAL, ""),
    "tls-untrusted": (CRITICAL, "a sentence"),
    # Beyond the first promise.
    "console-cut-off": (CRITICAL, "a sentence"),
    "cloudstack-unreachable": (WARNING, ""),
    "cloudstack-cluster-missing": (WARNING, ""),
    "exposed-too-long": (CRITICAL, ""),
    "review-owed": (WARNING, ""),
    "rule-failed": (INFO, ""),
}


def test_each_code_keeps_its_severity_and_its_remedy() -> None:
    said = {c.slug: (c.severity, "a sentence" if " " in c.remedy else c.remedy) for c in CODES.values()}
    assert said == PROMISED
