"""The control port: HTTP with JSON on 127.0.0.1, for ``python -m lab break`` and for tests. Not part of the fiction."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from lab import chaos, opening, overview, page, saved
from lab.server.http import Handler, Request, Response
from lab.world import SteppedClock

if TYPE_CHECKING:
    from lab.server.running import Lab


MOST_SECONDS = 366 * 86_400


def handler(lab: Lab) -> Handler:
    """What the HTTP server calls for each request to the control port."""

    async def handle(request: Request) -> Response:
        try:
            shown = await page.answer(lab, request)
            if shown is not None:
                return shown
            if request.method == "GET":
                return _json(_look(lab, request))
            if request.method != "POST":
                return _json({"error": "GET to look, POST to order"}, 405)
            order = json.loads(request.body or b"{}")
            if not isinstance(order, dict):
                raise chaos.Nonsense("an order is a JSON object")
            return _json(await _order(lab, request.path, order))
        except LookupError:
            return _json({"error": f"there is no {request.path} here"}, 404)
        except ValueError as problem:
            return _json({"error": str(problem)}, 400)

    return handle


def _look(lab: Lab, request: Request) -> Any:
    query = dict(request.query)
    looks = {
        "/info": lab.info,
        "/save": lambda: _save(lab),
        "/state": lambda: overview.state(lab.world),
        "/calls": lambda: lab.world.calls.as_data(changing="changing" in query),
        "/words": chaos.words,
        "/faults": lambda: [vars(fault) for fault in lab.world.faults.faults],
    }
    return looks[request.path]()


async def _order(lab: Lab, path: str, order: dict[str, Any]) -> Any:
    if path == "/break":
        options = {key: value for key, value in order.items() if key not in ("kind", "where")}
        return {
            "done": await chaos.break_(lab, str(order.get("kind")), str(order.get("where", "*")), options)
        }
    if path == "/mend":
        return {"done": await chaos.mend(lab, str(order.get("where", "all")))}
    if path == "/begin":
        begun = opening.begin_past(lab.world)
        return {"done": "It has happened." if begun else "Nothing was held back."}
    if path == "/calls/clear":
        lab.world.calls.clear()
        return {"done": "The log of calls is empty."}
    if path == "/step":
        seconds = order.get("seconds")
        if (
            isinstance(seconds, bool)
            or not isinstance(seconds, int | float)
            or not 0 <= seconds <= MOST_SECONDS
        ):
            raise chaos.Nonsense(f"seconds is {seconds!r}, and should be a number from 0 to {MOST_SECONDS}")
        return {"now": _step(lab, seconds)}
    raise LookupError(path)


def _save(lab: Lab) -> str:
    if lab.world.past is not None:
        raise chaos.Nonsense("what this scenario is about is held back: say `begin` first")
    return saved.save(lab.world)


def _step(lab: Lab, seconds: float) -> float:
    if not isinstance(lab.world.clock, SteppedClock):
        raise chaos.Nonsense("this lab's clock runs by itself; only a stepped one can be stepped")
    lab.world.clock.step(seconds)
    return lab.world.now()


def _json(data: Any, status: int = 200) -> Response:
    return Response(status, json.dumps(data).encode(), "application/json")
