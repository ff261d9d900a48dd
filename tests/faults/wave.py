"""One wave: many runs at once, each with its own lab and its own person, and one trouble for all of them."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from functools import partial

from django.db import connection, connections

from tests.faults.carrying import NotRight, Person, call_names, judge
from tests.faults.dying import BEFORE_INTENT, OF_WAITS, WIRE
from tests.faults.hardship import WIRE as KINDS
from tests.faults.hardship import Under
from tests.faults.house import House, Recoveries, carry_through
from tests.faults.record import ASKED, RIGHT, WRONG, Seen, keep
from tests.faults.waves import Wave
from tests.faults.web import Web, web_server
from tests.faults.worlds import undisturbed, world
from workflows.engine.states import StepState
from workflows.models import Run

SPEED = 200.0
EVERYBODY_S = 90.0
"""Seconds until the trouble begins even if somebody's run has not come to its first yes."""
AGAIN_S = (9.0, 14.0)
"""From one trouble to the next."""
SOON_S = (2.0, 4.0)
"""The same for the web server, which serves a few people in between."""


class Surge:
    """A wave under way."""

    def __init__(self, wave: Wave, house: House, whole: bool = False) -> None:
        self.wave, self.house, self.whole = wave, house, whole
        self.open = threading.Event()
        self.given_up = False
        self.here: list[Under] = []
        self._lock = threading.Lock()
        self._waiting = 0
        self._web: Web | None = None

    def over(self, cases: Sequence[str]) -> list[Seen]:
        """Every case to its end; each is kept as it ends."""
        for case in cases:
            undisturbed(case)
        self.house.orders.write(whole=self.whole)
        with ExitStack() as stack:
            if self.wave.web:
                self._web = stack.enter_context(web_server())
            threads = stack.enter_context(ThreadPoolExecutor(len(cases)))
            under_way = [threads.submit(self._one, case) for case in cases]
            try:
                self._trouble(under_way)
            except BaseException:  # Ctrl-C: nobody waits for the runs, and nothing is said of them
                self.given_up = True
                raise
            finally:
                self.open.set()
        self.house.orders.write()
        return [seen for one in under_way for seen in one.result()]

    # In the thread that started the processes

    def _trouble(self, under_way: list[Future[list[Seen]]]) -> None:
        lot, deadline = random.Random(self.wave.name), time.monotonic() + EVERYBODY_S
        while not all(one.done() for one in under_way):
            self.house.workers.mind()
            waited_for = sum(not one.done() for one in under_way)
            if self._waiting >= waited_for or time.monotonic() > deadline:
                break
            time.sleep(0.1)
        self.open.set()
        due = time.monotonic() + lot.uniform(0.0, 0.5)
        while not all(one.done() for one in under_way):
            self.house.workers.mind()
            if self.wave.house and time.monotonic() >= due:
                what, strike = self.wave.house
                with self._noted(what):
                    strike(self.house)
                due = time.monotonic() + lot.uniform(*AGAIN_S)
            if self._web and self._meets_somebody(self._web, time.monotonic() >= due):
                time.sleep(lot.uniform(0.0, 0.3))  # so that it dies before, while and after it serves
                for one in self._web.kill():
                    one.strike(self.wave.web, one.run.index)
                due = time.monotonic() + lot.uniform(*SOON_S)
            time.sleep(0.02)

    def _meets_somebody(self, web: Web, again: bool) -> bool:
        """Each run once, as soon as its person asks; after that whoever asks when it is due `again`."""
        return any(again or not one.struck for one in list(web.asked))

    @contextmanager
    def _noted(self, what: str) -> Iterator[None]:
        """Whose run was under way when it began, and at which step; those at which it ended are hit as well."""
        self._note(what)
        yield
        self._note(what)

    def _note(self, what: str) -> None:
        here = list(self.here)
        at = dict(Run.objects.filter(pk__in=[one.run.pk for one in here]).values_list("pk", "index"))
        for one in here:
            one.strike(what, at[one.run.pk])

    # In a thread for each run

    def _one(self, case: str) -> list[Seen]:
        try:
            with world(case, SPEED) as (lab, run):
                under = Under(case, undisturbed(case), lab, run, Person(run, lab))
                under.bo.captains_in_trouble = self.wave.captains_in_trouble
                seen = self._carried(under)
        except Exception as fault:  # of the lab, or of this test: a case that cannot be judged is wrong
            seen = [self._seen(case, self.wave.name, "all", f"{WRONG}: {type(fault).__name__}: {fault}")]
        finally:
            connections.close_all()
        if not self.given_up:
            keep(seen)
        return seen

    def _carried(self, under: Under) -> list[Seen]:
        recoveries = Recoveries(self.house.orders, under.run.pk)
        if self.wave.points:
            self.house.orders.doom(under.run.pk, self.wave.points)
        under.bo.say_yes = self._at_first(partial(self._yes, under, under.bo.say_yes))
        own = Moment(under, self.wave)

        def each_look(run: Run) -> None:
            if self.given_up:
                raise NotRight("interrupted")
            self._deaths(under, recoveries, run)
            own(run)

        self.here.append(under)
        try:
            asked = carry_through(under.bo, each_look)
            said = judge(under.run, under.lab, under.wanted, asked, under.went_down)
        except NotRight as wrong:
            said = f"{WRONG}: {wrong}"
        finally:
            self.here.remove(under)
        return self._cases(under, recoveries, said)

    def _at_first(self, say_yes: Callable[[Run], object]) -> Callable[[Run], object]:
        """The first yes of all is said at the same moment."""
        counted: list[bool] = []

        def wait(run: Run) -> None:
            if not counted:
                counted.append(True)
                with self._lock:
                    self._waiting += 1
            if self.open.is_set():
                say_yes(run)

        return wait

    def _yes(self, under: Under, say_yes: Callable[[Run], object], run: Run) -> None:
        row = run.current()
        assert row
        calls = under.wanted.calls.get(row.index, ())
        if calls and row.index not in under.broken:
            under.broken.add(row.index)
            self._break_the_wire(under, row.index, calls[0])
        if self._web:
            self._web.confirm(under, self.wave.web)
        else:
            say_yes(run)

    def _break_the_wire(self, under: Under, index: int, call: str) -> None:
        if set(self.wave.points) & set(WIRE):
            for point in WIRE:
                under.lab.break_(WIRE[point], "*", call=call, times=1)
        if self.wave.wire is not None:
            at = sorted(under.wanted.calls).index(index)
            kind, options = KINDS[(self.wave.wire + at) % len(KINDS)]
            under.strike(f"wire: {kind}", index)
            under.lab.break_(kind, "*", call=call, times=1, **options)

    def _deaths(self, under: Under, recoveries: Recoveries, run: Run) -> None:
        if self.wave.points:
            recoveries.watch(run)
            under.bo.hit |= {index for index, _ in self.house.orders.deaths(run.pk)}

    def _cases(self, under: Under, recoveries: Recoveries, said: str) -> list[Seen]:
        if self.wave.points:
            found = {(index, point) for index, point in self.house.orders.deaths(under.run.pk)}
            found |= set(expected(under, self.wave.points))
            deaths = self.house.orders.deaths(under.run.pk)
        else:
            found = {(index, what) for what, index in under.struck.items()} or {(0, self.wave.name)}
            deaths = {(index, what): 0.0 for what, index in under.struck.items()}
        return [
            self._seen(
                under.case,
                point,
                _step(under, index),
                _of_step(index, said, under.bo.asked) if (index, point) in deaths else f"{WRONG}: never met",
                recoveries.seconds.get((index, point)),
            )
            for index, point in sorted(found)
        ]

    def _seen(self, case: str, point: str, step: str, said: str, recovery_s: float | None = None) -> Seen:
        return Seen(
            workflow=case,
            point=point,
            step=step,
            wave=self.wave.name,
            database=connection.vendor,
            said=said,
            recovery_s=recovery_s,
        )


class Moment:
    """Strikes a run once, a part of a second after somebody's yes to a step drawn by lot."""

    def __init__(self, under: Under, wave: Wave) -> None:
        lot = random.Random(f"{under.case} {wave.name}")
        self.under, self.wave = under, wave
        self.index, self.after_s = lot.choice(sorted(under.wanted.calls)), lot.uniform(0, 0.6)
        self.due: float | None = None
        self.over = wave.own is None

    def __call__(self, run: Run) -> None:
        if self.over:
            return
        row = run.current()
        begun = row and row.index == self.index and row.state in (StepState.CONFIRMED, StepState.ACTING)
        if self.due is None and (begun or row is None or row.index > self.index):
            self.due = time.monotonic() + self.after_s
        if self.due is not None and time.monotonic() >= self.due and self.wave.own:
            self.over = True
            what, strike = self.wave.own
            self.under.strike(what, run.index)
            strike(self.under)


def expected(under: Under, points: tuple[str, ...]) -> Iterator[tuple[int, str]]:
    """Each step that has sent something has every point, a person's statement only the first. The two of waits are not
    counted on: what is waited for may be so at once."""
    for row in under.run.steps.filter(attempts__isnull=False).distinct():
        own = set(points) - set(OF_WAITS) if call_names(row) else set(points) & {BEFORE_INTENT}
        yield from ((row.index, point) for point in own)


def _step(under: Under, index: int) -> str:
    key = under.wanted.steps[index][0] if index < len(under.wanted.steps) else "more"
    return f"{index + 1}. {key}"


def _of_step(index: int, said: str, asked: list[str]) -> str:
    """What is said of the whole run, but a question only of the step that it was about."""
    mine = [question for question in asked if question.startswith(f"step {index + 1}:")]
    if said.startswith(ASKED):
        return f"{ASKED}: {mine[0]}" if mine else RIGHT
    return said
