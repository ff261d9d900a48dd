"""The report of one look, for a terminal."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from typing import Any

WIDTH = 110
HEADS = ("HOST", "", "XENSERVER", "GUESTS", "CLOUDSTACK")


def text(report: dict[str, Any]) -> str:
    """Pool, hosts as both captains see them, findings: worst first."""
    return "\n".join(
        [_headline(report["pool"]), "", *_hosts(report["hosts"]), "", *_findings(report["findings"])]
    )


def _headline(pool: dict[str, Any]) -> str:
    if not pool["reachable"]:
        return f"{pool['name']}: could not be read."
    ha = f"HA on, timeout {_seconds(pool['ha_timeout_s'])}" if pool["ha_enabled"] else "HA off"
    version = f"XenServer {pool['version'] or '?'}"
    return f"{pool['name']}: master {pool['master']} ({pool['master_address']}), {ha}, {version}."


def _seconds(timeout_s: int | None) -> str:
    return "not set" if timeout_s is None else f"{timeout_s} s"


def _hosts(hosts: list[dict[str, Any]]) -> Iterator[str]:
    rows = [HEADS, *(_row(host) for host in hosts)]
    widths = [max(len(row[i]) for row in rows) for i in range(len(HEADS))]
    for row in rows:
        yield "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()


def _row(host: dict[str, Any]) -> tuple[str, ...]:
    seen = host["cloudstack"]
    return (
        host["name"],
        "master" if host["is_master"] else "",
        _state(host),
        "?" if host["resident_vms"] is None else str(host["resident_vms"]),
        f"{seen['state']}, {seen['resourcestate']}" if seen else "–",
    )


def _state(host: dict[str, Any]) -> str:
    if host["live"] is None:
        return "not known"
    return f"{'live' if host['live'] else 'dead'}, {'enabled' if host['enabled'] else 'disabled'}"


def _findings(findings: list[dict[str, Any]]) -> Iterator[str]:
    if not findings:
        yield "All well."
    for finding in findings:
        yield f"{finding['severity'].upper()}  {finding['code']}  {finding['subject']['name']}"
        yield from textwrap.wrap(finding["says"], WIDTH, initial_indent="  ", subsequent_indent="  ")
        if finding["remedy"]:
            word = "Do" if " " in finding["remedy"] else "Workflow"
            yield f"  {word}: {finding['remedy']}"
