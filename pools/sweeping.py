"""The sweep: each CloudStack is read as a whole when it is due, by one sweeper at a time, and what changed is stored.

A turn is claimed as a pool's is (pools/watching.py): one conditional update takes a lease and raises a fence, and who
comes back after the lease is over writes nothing. What a sweep costs decides how soon the next one comes.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from time import monotonic
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from pools import ask_sweep, refusals
from pools.clients.cloudstack import CloudStack as Session
from pools.clients.cloudstack import open_cloudstack
from pools.clients.errors import ClientError, TimedOut, trouble
from pools.clients.wire import Deadline
from pools.cloudstack_facts import CsEvent, CsVm
from pools.connect import endpoint_of_cloudstack
from pools.facts import Trouble
from pools.models import CloudStack, Pool, Sweep
from pools.reading.happened import CsAlert, Names
from pools.storing import differing, hasten, store_alerts, store_clusters
from pools.swept import rest

logger = logging.getLogger(__name__)

SWEEP_S = 120.0
"""A sweep never takes longer, whatever CloudStack does."""
LEASE = timedelta(seconds=SWEEP_S + 30)
GUESTS_EVERY, GUESTS_REST = timedelta(minutes=1), 20
"""Guests are read so often, and after so many times what that takes: of 100,000 CloudStack makes 200 pages."""
SETTINGS_EVERY = timedelta(minutes=10)
LONG_AGO = timedelta(days=1)
"""By whatever clock: where there was no alert at all, the first one is new."""


@dataclass(slots=True)
class Reading:
    """What one sweep has read. `guests` and `settings` are None when it was not their turn."""

    estate: ask_sweep.Estate
    alerts: list[CsAlert]
    guests: dict[str, list[CsVm]] | None = None
    guests_took_s: float = 0.0
    settings: dict[str, str] | None = None
    events: list[CsEvent] = field(default_factory=list)
    gaps: list[str] = field(default_factory=list)


def claim_due(now: datetime) -> list[int]:
    """The CloudStacks whose turn it is, each moved on to its next: asked twice, one is named once."""
    unswept = CloudStack.objects.filter(sweep=None).values_list("pk", flat=True)
    Sweep.objects.bulk_create((Sweep(cloudstack_id=pk, next_at=now) for pk in unswept), ignore_conflicts=True)
    next_turn = now + timedelta(seconds=settings.WATCH_INTERVAL)
    due = Sweep.objects.filter(next_at__lte=now).order_by("next_at").values_list("pk", flat=True)
    return [pk for pk in due if Sweep.objects.filter(pk=pk, next_at__lte=now).update(next_at=next_turn)]


def sweep(cloudstack_id: int) -> list[int]:
    """Read a whole CloudStack and store what is otherwise. Gives the pools that it has news for, due at once."""
    began, started = timezone.now(), monotonic()
    turn = _claim(cloudstack_id, began)
    if turn is None:
        return []
    reading: Reading | None = None
    problem = refusals.standing(turn.cloudstack, began)
    try:
        if problem is None:
            reading, problem = _tried(turn, began)
            refusals.note(turn.cloudstack, problem, began)
    finally:
        if reading is None and problem is None:
            # It broke: tried all the same, or no first look would ever stop waiting for it.
            Sweep.objects.filter(pk=turn.pk, fence=turn.fence).update(
                lease_until=None, tried_at=timezone.now()
            )
    took = monotonic() - started
    return _failed(turn, problem, took) if reading is None else _store(turn, reading, began, took)


def _tried(turn: Sweep, now: datetime) -> tuple[Reading | None, Trouble | None]:
    try:
        return _read(turn, now), None
    except ClientError as error:
        return None, trouble(error)
    except TimeoutError:
        return None, trouble(TimedOut("read", turn.cloudstack.name, SWEEP_S))


def _claim(cloudstack_id: int, now: datetime) -> Sweep | None:
    free = Q(lease_until=None) | Q(lease_until__lt=now)
    with transaction.atomic():
        taken = Sweep.objects.filter(free, pk=cloudstack_id).update(
            lease_until=now + LEASE, fence=F("fence") + 1
        )
        return Sweep.objects.select_related("cloudstack__refusal").get(pk=cloudstack_id) if taken else None


def _read(turn: Sweep, now: datetime) -> Reading:
    with open_cloudstack(endpoint_of_cloudstack(turn.cloudstack), deadline=Deadline(SWEEP_S)) as api:
        gaps: list[str] = []
        known = datetime.fromisoformat(turn.alerts["at"]) if turn.alerts else None
        estate = ask_sweep.ask_estate(api, gaps)
        reading = Reading(estate, ask_sweep.ask_alerts(api, known, gaps), gaps=gaps)
        if _due(turn.settings_at, SETTINGS_EVERY, now):
            reading.settings = ask_sweep.ask_settings(api, gaps)
        else:
            gaps += [gap for gap in turn.gaps if gap.startswith("listConfigurations")]
        if _due(turn.guests_at, max(GUESTS_EVERY, timedelta(seconds=GUESTS_REST * turn.guests_took_s)), now):
            began = monotonic()
            reading.guests = _guests(api, turn, reading)
            reading.guests_took_s = monotonic() - began
        else:
            gaps += [gap for gap in turn.gaps if gap.startswith(GUEST_LISTS)]
        if turn.at and differing(turn.cloudstack, estate.clusters):
            reading.events = ask_sweep.ask_events(api, turn.at, Names(estate.clusters), gaps)
        return reading


GUEST_LISTS = ("listVirtualMachines", "listRouters", "listSystemVms")


def _due(last: datetime | None, every: timedelta, now: datetime) -> bool:
    return last is None or now - last >= every


def _guests(api: Session, turn: Sweep, reading: Reading) -> dict[str, list[CsVm]]:
    """Of the clusters that belong to a pool; nobody asks for the others'."""
    tied = set(Pool.objects.filter(cloudstack=turn.cloudstack).values_list("cluster", flat=True))
    wanted = [cluster for cluster in reading.estate.clusters if cluster.cluster_name in tied]
    hosts = {host.id: cluster.cluster for cluster in wanted for host in cluster.hosts}
    found = ask_sweep.ask_guests(api, hosts, reading.gaps) if hosts else {}
    return {cluster.cluster: found.get(cluster.cluster, []) for cluster in wanted}


def _store(turn: Sweep, reading: Reading, began: datetime, took: float) -> list[int]:
    """In one transaction, and nothing of it when the claim is void. The sweep's row is written first."""
    estate, tied = reading.estate, turn.cloudstack
    with transaction.atomic():
        if not _write(turn, _row(turn, reading, began, took)):
            return []
        if tied.version != estate.version:
            CloudStack.objects.filter(pk=tied.pk).update(version=estate.version)
        changed = store_clusters(tied, estate.clusters, reading.events, reading.guests, began)
        told = store_alerts(turn, reading.alerts, Names(estate.clusters), began)
        recovered = turn.trouble is not None
        return hasten(tied, None if recovered else changed, told)


def _row(turn: Sweep, reading: Reading, began: datetime, took: float) -> dict[str, Any]:
    row: dict[str, Any] = {
        "at": began,
        "trouble": None,
        "version": reading.estate.version,
        "gaps": list(dict.fromkeys(reading.gaps)),
        "jobs": [[j.id, j.command, j.status, j.instance] for j in reading.estate.jobs],
        **_turn(took, began),
    }
    if reading.settings is not None:
        row |= {"settings": reading.settings, "settings_at": began}
    if reading.guests is not None:
        row |= {"guests_at": began, "guests_took_s": reading.guests_took_s}
    newest = max((alert.sent for alert in reading.alerts), default=None)
    if newest or turn.alerts is None:
        at = newest or began - LONG_AGO
        row["alerts"] = {"at": at.isoformat(), "ids": [a.id for a in reading.alerts if a.sent == at]}
    return row


def _failed(turn: Sweep, problem: Trouble | None, took: float) -> list[int]:
    """It is said once what the matter is; the pools hear of it at their own turns, or at once when it is new."""
    if problem is None:
        return []
    now = timezone.now()
    plain = {"code": problem.code, "params": list(problem.params), "says": problem.says}
    known = turn.trouble is not None and turn.trouble["code"] == problem.code
    if not _write(turn, {"trouble": turn.trouble if known else plain, **_turn(took, now)}) or known:
        return []
    logger.warning("sweep of %s: %s", turn.cloudstack.name, problem.says)
    return hasten(turn.cloudstack, None, ())


def _turn(took: float, at: datetime) -> dict[str, Any]:
    now = timezone.now()
    next_at = max(at + timedelta(seconds=settings.WATCH_INTERVAL), now + rest(took))
    return {"lease_until": None, "tried_at": now, "took_s": took, "next_at": next_at}


def _write(turn: Sweep, values: dict[str, Any]) -> bool:
    return Sweep.objects.filter(pk=turn.pk, fence=turn.fence).update(**values) == 1
