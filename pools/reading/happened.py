"""What CloudStack tells of its past: alerts, and the events that say who did something."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pools.cloudstack_facts import CloudStackFacts, CsEvent
from pools.reading.values import text

Row = dict[str, Any]
WORD = re.compile(r"[^\s,;:()\[\]{}\"'<>=]+")
UNNAMED = "alert of an unknown type"
ALERT_TYPES = (
    *("memory", "CPU", "storage", "storage allocated", "public IP addresses", "private IP addresses"),
    *(
        "secondary storage",
        "host",
        "guest",
        "virtual router",
        "console proxy",
        "routing host",
        "storage, other",
    ),
    *("usage server", "management server", "router migration", "console proxy migration", "guest migration"),
    *("VLAN", "secondary storage VM", "usage sanity result", "storage deletion", "resource count"),
    *("usage sanity", "direct public IP addresses", "local storage", "resource limit exceeded", "type sync"),
    *(
        "upload",
        "out-of-band management login",
        "host HA action",
        "certificate",
        "VM snapshot",
        "extension path",
    ),
)
"""AlertService's types by number: what the alert is about. ALERT.COMPUTE.HOST, 7, is every host's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CsAlert:
    """One alert as the API gives it: of its text only the subject. `sent` is CloudStack's own time."""

    id: str
    about: str
    says: str
    sent: datetime


def moment(value: Any) -> datetime | None:
    """CloudStack's date, `2021-10-03T10:59:51+0530`, in the server's zone; None when it is unreadable."""
    try:
        return datetime.strptime(str(value), "%Y-%m-%dT%H:%M:%S%z")
    except ValueError:
        return None


def alert(row: Row) -> CsAlert | None:
    """None for a row without an id or a time. Before 4.3 alerts have no name, so the number is taken."""
    sent = moment(row.get("sent"))
    if sent is None or not row.get("id"):
        return None
    return CsAlert(id=text(row, "id"), about=_about(row), says=text(row, "description"), sent=sent)


def _about(row: Row) -> str:
    number = str(row.get("type", ""))
    known = number.isascii() and number.isdigit() and int(number) < len(ALERT_TYPES)
    return ALERT_TYPES[int(number)] if known else text(row, "name") or UNNAMED


def event(row: Row, subject_of: Callable[[Row], str]) -> CsEvent | None:
    """None for an event about nothing that we know, or without a time."""
    at, subject = moment(row.get("created")), subject_of(row)
    if at is None or not subject:
        return None
    return CsEvent(
        id=text(row, "id"), type=text(row, "type"), subject=subject, user=text(row, "username"), at=at
    )


class Names:
    """What finds the cluster that a text is about: ids, addresses and names that only one cluster has."""

    def __init__(self, clusters: Iterable[CloudStackFacts]) -> None:
        self._cluster: dict[str, str] = {}
        self._subject: dict[str, str] = {}
        for each in clusters:
            self._learn((each.cluster, each.cluster_name), each.cluster, each.cluster)
            for host in each.hosts:
                self._learn((host.id, host.address, host.name), each.cluster, host.id)

    def _learn(self, words: tuple[str, ...], cluster: str, subject: str) -> None:
        for word in filter(None, words):
            told = self._cluster.setdefault(word, cluster), self._subject.setdefault(word, subject)
            if told[0] != cluster:
                self._cluster[word] = ""
            if told[1] != subject:
                self._subject[word] = ""

    def cluster_of(self, says: str) -> str:
        """The id of the one cluster that a sentence names something of; empty when it is none or several."""
        return _only(self._cluster, WORD.findall(says))

    def subject_of(self, row: Row) -> str:
        """The id of the host or cluster that an event is about. Before 4.17 only its description tells."""
        given = text(row, "resourceid")
        return (
            self._subject.get(given, "")
            if given
            else _only(self._subject, WORD.findall(text(row, "description")))
        )


def _only(known: Mapping[str, str], words: Iterable[str]) -> str:
    found = {known[word] for word in (w.rstrip(".") for w in words) if known.get(word)}
    return found.pop() if len(found) == 1 else ""
