"""Asks a master for everything that a look needs, in one session."""

from __future__ import annotations

import time
import xmlrpc.client
from contextlib import suppress
from datetime import datetime
from typing import Any

from pools.clients.errors import BadAnswer, ClientError, Refused
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


class Questions:
    """Calls whose refusal is a gap and not a failure: another version may not know them. That nobody answers is a
    failure, always: a list that is empty because of it would look like a host without guests."""

    def __init__(self, xapi: Xapi) -> None:
        self._xapi = xapi
        self.gaps: list[str] = []

    def records(self, call: str, *args: Any) -> dict[str, Record] | None:
        """Records by reference, or None when XAPI refuses."""
        found = self.value(call, *args)
        return found if isinstance(found, dict) else None

    def value(self, call: str, *args: Any) -> Any:
        """A value, or None when XAPI refuses."""
        try:
            return self._xapi.call(call, *args)
        except Refused as no:
            self.gaps.append(f"{call}: {no.code}")
            return None


def ask_pool(xapi: Xapi, now: datetime) -> tuple[PoolFacts, tuple[str, ...]]:
    """The pool's facts, and what could not be read of them. Raises the clients' errors."""
    answers, gaps = ask_answers(xapi, now)
    return pool_facts(answers), gaps


def ask_answers(xapi: Xapi, now: datetime) -> tuple[Answers, tuple[str, ...]]:
    """What a pool's facts are made of, and what could not be read of it. Raises the clients' errors."""
    ask = Questions(xapi)
    hosts = xapi.call("host.get_all_records")
    pools = xapi.call("pool.get_all_records")
    if not isinstance(pools, dict) or not isinstance(hosts, dict) or len(pools) != 1 or not hosts:
        raise BadAnswer(xapi.address, "no pool or no hosts in it")
    ((pool_ref, pool),) = pools.items()
    metrics = ask.records("host_metrics.get_all_records")
    answers = Answers(
        pool_ref=pool_ref,
        pool=pool,
        hosts=hosts,
        metrics=metrics,
        pbds=ask.records("PBD.get_all_records") or {},
        srs=ask.records("SR.get_all_records") or {},
        vms=_guests(ask),
        vbds=ask.records("VBD.get_all_records_where", PLUGGED),
        tasks=ask.records("task.get_all_records") or {},
        messages=_messages(ask, now),
        certificates=ask.records("Certificate.get_all_records") or {},
        statefile_srs=tuple(
            str(sr) for vdi in pool.get("ha_statefiles") or () if (sr := ask.value("VDI.get_SR", vdi))
        ),
        free_memory={ref: number(ask.value("host.compute_free_memory", ref)) for ref in hosts},
        clocks=_clocks(xapi, hosts, metrics or {}),
    )
    return answers, tuple(dict.fromkeys(ask.gaps))


def _clocks(xapi: Xapi, hosts: dict[str, Record], metrics: dict[str, Record]) -> dict[str, Clock]:
    """How far the hosts' clocks are ahead of ours. The master passes the question on, and waits for one that has just
    died: it comes last, only about hosts that are well, and whoever does not answer it soon ends it for all."""
    clocks: dict[str, Clock] = {}
    with suppress(ClientError):
        for ref, host in hosts.items():
            live = flag(metrics.get(str(host.get("metrics")), {}).get("live"))
            if live and flag(host.get("enabled")):
                began = time.time()
                shown = moment(xapi.brief(CLOCK_S, "host.get_servertime", ref))
                ended = time.time()
                if shown:
                    ahead = shown.timestamp() + WHOLE_S / 2 - (began + ended) / 2
                    clocks[ref] = ahead, (ended - began + WHOLE_S) / 2
    return clocks


def _guests(ask: Questions) -> dict[str, Record]:
    """Old versions do not know the query; then all of them are read."""
    found = ask.records("VM.get_all_records_where", GUESTS)
    if found is None:
        found = ask.records("VM.get_all_records") or {}
    return {ref: vm for ref, vm in found.items() if is_guest(vm)}


def _messages(ask: Questions, now: datetime) -> dict[str, Record]:
    """The last days' only: a pool may keep 10,000."""
    since = xmlrpc.client.DateTime((now - ALERTS_SINCE).strftime("%Y%m%dT%H:%M:%SZ"))
    return ask.records("message.get_since", since) or {}
