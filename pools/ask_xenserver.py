"""Asks a master for everything that a look needs, in one session."""

from __future__ import annotations

import time
import xmlrpc.client
from contextlib import suppress
from datetime import datetime
from typing import Any

from pools.clients.errors import BadAnswer, ClientError
from pools.clients.questions import Asking, Gaps, Question, asked
from pools.clients.xapi import Xapi
from pools.facts import PoolFacts
from pools.mirror import ALERTS_SINCE
from pools.reading.values import flag, moment, number
from pools.reading.xenserver import Answers, Clock, Record, is_guest, pool_facts

GUESTS = 'field "is_control_domain" = "false" and field "is_a_template" = "false" and field "is_a_snapshot" = "false"'
CLOCK_S = 2.0
"""A clock that is read through a slower network is not worth its uncertainty."""
WHOLE_S = 1.0
"""XAPI tells whole seconds, cut off."""
PLUGGED = 'field "currently_attached" = "true"'
Whole = tuple[Answers, tuple[str, ...]]
"""What a pool's facts are made of, and what could not be read of it."""


def ask_pool(xapi: Xapi, now: datetime) -> tuple[PoolFacts, tuple[str, ...]]:
    """The pool's facts, and what could not be read of them. Raises the clients' errors."""
    answers, gaps = ask_answers(xapi, now)
    return pool_facts(answers), gaps


def ask_answers(xapi: Xapi, now: datetime) -> Whole:
    """Everything, over a session. Raises the clients' errors."""
    return asked(whole(now, xapi.address), by(xapi))


def by(xapi: Xapi) -> Any:
    """Puts questions over that session."""

    def ask(question: Question) -> Any:
        if question.brief_s is not None:
            return xapi.brief(question.brief_s, question.call, *question.args)
        return xapi.call(question.call, *question.args)

    return ask


def whole(now: datetime, address: str) -> Asking[Whole]:
    """The questions to the master at that address. Raises BadAnswer where it has no pool, and what it is thrown."""
    gaps = Gaps()
    hosts = yield Question("host.get_all_records")
    pools = yield Question("pool.get_all_records")
    if not isinstance(pools, dict) or not isinstance(hosts, dict) or len(pools) != 1 or not hosts:
        raise BadAnswer(address, "no pool or no hosts in it")
    ((pool_ref, pool),) = pools.items()
    metrics = yield from gaps.records("host_metrics.get_all_records")
    answers = Answers(
        pool_ref=pool_ref,
        pool=pool,
        hosts=hosts,
        metrics=metrics,
        pbds=(yield from gaps.records("PBD.get_all_records")) or {},
        srs=(yield from gaps.records("SR.get_all_records")) or {},
        vms=(yield from _guests(gaps)),
        vbds=(yield from gaps.records("VBD.get_all_records_where", PLUGGED)),
        tasks=(yield from gaps.records("task.get_all_records")) or {},
        messages=(yield from _messages(gaps, now)),
        certificates=(yield from gaps.records("Certificate.get_all_records")) or {},
        statefile_srs=(yield from _statefile_srs(gaps, pool)),
        free_memory=(yield from _free_memory(gaps, hosts)),
        clocks=(yield from _clocks(hosts, metrics or {})),
    )
    return answers, tuple(dict.fromkeys(gaps.found))


def _statefile_srs(gaps: Gaps, pool: Record) -> Asking[tuple[str, ...]]:
    found = []
    for vdi in pool.get("ha_statefiles") or ():
        found.append((yield from gaps.value("VDI.get_SR", vdi)))
    return tuple(str(sr) for sr in found if sr)


def _free_memory(gaps: Gaps, hosts: dict[str, Record]) -> Asking[dict[str, int | None]]:
    free: dict[str, int | None] = {}
    for ref in hosts:
        free[ref] = number((yield from gaps.value("host.compute_free_memory", ref)))
    return free


def _clocks(hosts: dict[str, Record], metrics: dict[str, Record]) -> Asking[dict[str, Clock]]:
    """How far the hosts' clocks are ahead of ours. The master passes the question on, and waits for one that has just
    died: it comes last, only about hosts that are well, and whoever does not answer it soon ends it for all."""
    clocks: dict[str, Clock] = {}
    with suppress(ClientError):
        for ref, host in hosts.items():
            live = flag(metrics.get(str(host.get("metrics")), {}).get("live"))
            if live and flag(host.get("enabled")):
                began = time.time()
                shown = moment((yield Question("host.get_servertime", (ref,), CLOCK_S)))
                ended = time.time()
                if shown:
                    ahead = shown.timestamp() + WHOLE_S / 2 - (began + ended) / 2
                    clocks[ref] = ahead, (ended - began + WHOLE_S) / 2
    return clocks


def _guests(gaps: Gaps) -> Asking[dict[str, Record]]:
    """Old versions do not know the query; then all of them are read."""
    found = yield from gaps.records("VM.get_all_records_where", GUESTS)
    if found is None:
        found = (yield from gaps.records("VM.get_all_records")) or {}
    return {ref: vm for ref, vm in found.items() if is_guest(vm)}


def _messages(gaps: Gaps, now: datetime) -> Asking[dict[str, Record]]:
    """The last days' only: a pool may keep 10,000."""
    since = xmlrpc.client.DateTime((now - ALERTS_SINCE).strftime("%Y%m%dT%H:%M:%SZ"))
    return (yield from gaps.records("message.get_since", since)) or {}
