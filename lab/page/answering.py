"""The page's requests: ``GET /``, its live part, its two files, and the forms it sends."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from lab import chaos
from lab.page import drawing
from lab.server.http import Request, Response

if TYPE_CHECKING:
    from lab.server.running import Lab

FILES = {"/lab.css": "text/css", "/lab.js": "text/javascript"}
FORM = "application/x-www-form-urlencoded"
NUMBERS: dict[str, Any] = {"times": int, "after": int, "delay": float}


async def answer(lab: Lab, request: Request) -> Response | None:
    """The answer to one of the page's requests; None if it is none of them."""
    if request.method == "GET" and request.path in FILES:
        text = (Path(__file__).parent / request.path.removeprefix("/")).read_bytes()
        return Response(200, text, f"{FILES[request.path]}; charset=utf-8")
    if request.method == "GET" and request.path in ("/", "/live"):
        draw = drawing.page if request.path == "/" else drawing.live
        return _html(draw(lab, dict(request.query)))
    if request.method == "POST" and request.headers.get("content-type", "").startswith(FORM):
        return await _form(lab, request)
    return None


async def _form(lab: Lab, request: Request) -> Response:
    """Carry out a form's order and show the page again, with what was done or why not."""
    if not _of_this_page(request):
        return _html("<p>This form was sent by another site.</p>", 403)
    sent = dict(parse_qsl(request.body.decode("utf-8", "replace")))
    pool = sent.pop("pool", "")
    try:
        said = {"done": await _carry_out(lab, request.path, sent)}
    except ValueError as problem:
        said = {"problem": str(problem)}
    return Response(303, headers={"Location": f"/?{urlencode({**said, **({'pool': pool} if pool else {})})}"})


async def _carry_out(lab: Lab, path: str, sent: dict[str, str]) -> str:
    where = sent.pop("where", "")
    if path == "/mend":
        return await chaos.mend(lab, where or "all")
    if path == "/break":
        kind = sent.pop("kind", "")
        return await chaos.break_(
            lab, kind, where, {name: _value(name, text) for name, text in sent.items() if text}
        )
    raise chaos.Nonsense(f"there is no form at {path}")


def _value(name: str, text: str) -> Any:
    try:
        return NUMBERS.get(name, str)(text)
    except ValueError as problem:
        raise chaos.Nonsense(f"{name} is {text!r}, and should be a number") from problem


def _of_this_page(request: Request) -> bool:
    """A browser says which site a form comes from; no other site may break things here."""
    origin = request.headers.get("origin")
    return origin is None or urlsplit(origin).netloc == request.headers.get("host")


def _html(text: str, status: int = 200) -> Response:
    policy = "default-src 'self'; img-src data:; form-action 'self'; frame-ancestors 'none'"
    safe = {"Content-Security-Policy": policy, "Cache-Control": "no-store"}
    return Response(status, text.encode(), "text/html; charset=utf-8", safe)
