"""What people do to a run: each act is one POST, checked by permission, and answered with the run's page.

The engine decides; an act that comes too late, twice, or about something that moved is answered 409 with the reason.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import cast

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from dashboard.people import requires
from workflows.models import Run
from workflows.pages.face import MAY_APPROVE, MAY_CONFIRM, MAY_START, MAY_TAKE_OVER, SignedIn
from workflows.pages.run import Refusal, page, run_or_404
from workflows.running import choices

Act = Callable[[SignedIn, Run], str | None]
"""Gives the anchor of the page to come back to, if it is not its top."""
View = Callable[..., HttpResponse]
MOST_WORDS = 2000
"""Longer words are cut: a reason is a sentence, and the journal keeps it for ever."""


def act(permission: str) -> Callable[[Act], View]:
    """A view that does one thing and goes back to the run, or says on the run's page why it was not done."""

    def make(do: Act) -> View:
        @wraps(do)
        def view(request: HttpRequest, pk: int) -> HttpResponse:
            run = run_or_404(pk)
            try:
                anchor = do(cast("SignedIn", request), run)
            except choices.Moved as moved:
                return page(request, run_or_404(pk), Refusal(str(moved), moved.differences), status=409)
            except choices.NotNow as no:
                return page(request, run_or_404(pk), Refusal(str(no)), status=409)
            return redirect(reverse("workflows:run", args=[pk]) + (anchor or ""))

        return require_POST(requires(permission)(view))

    return make


@act(MAY_START)
def ask(request: SignedIn, run: Run) -> None:
    """Ask the team to approve the plan."""
    choices.request_approval(run, request.user, note=_text(request, "note"))


@act(MAY_START)
def start(request: SignedIn, run: Run) -> None:
    """Start a run that needs no approval."""
    choices.start(run, request.user)


@act(MAY_APPROVE)
def vote(request: SignedIn, run: Run) -> None:
    """Approve or refuse the plan that was read."""
    yes = request.POST.get("vote") == "yes"
    choices.vote(run, request.user, yes, _text(request, "comment"), request.POST.get("fingerprint", ""))


@act(MAY_CONFIRM)
def confirm(request: SignedIn, run: Run) -> str:
    """Confirm the step that was read, and come back to where it goes on."""
    index = _number(request, "index")
    choices.confirm(run, index, request.user, request.POST.get("digest", ""), _text(request, "typed"))
    return f"#step-{index + 1}"


@act(MAY_CONFIRM)
def retry(request: SignedIn, run: Run) -> None:
    """Try the failed step again."""
    choices.retry(run, request.user)


@act(MAY_CONFIRM)
def skip(request: SignedIn, run: Run) -> None:
    """Leave the failed step out, with a reason."""
    choices.skip(run, request.user, _text(request, "reason"))


@act(MAY_CONFIRM)
def wait(request: SignedIn, run: Run) -> None:
    """Give the captain more time for the step whose deadline passed."""
    choices.wait_longer(run, request.user, _number(request, "minutes"))


@act(MAY_CONFIRM)
def correct(request: SignedIn, run: Run) -> None:
    """Go on with other inputs."""
    given = {key.removeprefix("in-"): value for key, value in request.POST.items() if key.startswith("in-")}
    changed = {key: value for key, value in given.items() if str(value).strip() != run.inputs.get(key, "")}
    choices.correct(run, request.user, {key: str(value) for key, value in changed.items()})


@act(MAY_APPROVE)
def vote_on_correction(request: SignedIn, run: Run) -> None:
    """Approve or refuse the corrected inputs that were read."""
    yes = request.POST.get("vote") == "yes"
    mark = request.POST.get("fingerprint", "")
    choices.vote_on_correction(run, request.user, yes, _text(request, "comment"), mark)


@act(MAY_CONFIRM)
def pause(request: SignedIn, run: Run) -> None:
    """Let the run rest, before its next step or at its next pause point."""
    choices.pause(run, request.user, request.POST.get("where", ""))


@act(MAY_CONFIRM)
def go_on(request: SignedIn, run: Run) -> None:
    """End the rest."""
    choices.go_on(run, request.user)


@act(MAY_CONFIRM)
def go_on_alone(request: SignedIn, run: Run) -> None:
    """Break the glass."""
    choices.go_on_alone(run, request.user, _text(request, "reason"))


@act(MAY_APPROVE)
def review(request: SignedIn, run: Run) -> None:
    """Say what was found when what somebody did alone was reviewed."""
    glass = run.glasses.filter(pk=_number(request, "glass")).first()
    if glass is None:
        raise choices.NotNow("Nobody went on alone there.")
    choices.review(glass, request.user, _text(request, "words"))


@act(MAY_START)
def rehearse(request: SignedIn, run: Run) -> None:
    """Judge what is left on what is true now."""
    choices.rehearse(run, request.user)


@act(MAY_CONFIRM)
def undo(request: SignedIn, run: Run) -> None:
    """Take back what was done."""
    choices.undo(run, request.user, _text(request, "reason"))


@act(MAY_CONFIRM)
def it_happened(request: SignedIn, run: Run) -> None:
    """A person looked: the call in doubt arrived."""
    choices.it_happened(run, request.user, _text(request, "reason"))


@act(MAY_CONFIRM)
def it_did_not(request: SignedIn, run: Run) -> None:
    """A person looked: the call in doubt never arrived."""
    choices.it_did_not(run, request.user, _text(request, "reason"))


@require_POST
@requires(MAY_START)
def settle(request: HttpRequest, pk: int) -> HttpResponse:
    """Plan a run that puts back what this one left owing, and go to its page."""
    try:
        made = choices.settle(run_or_404(pk), cast("SignedIn", request).user)
    except choices.NotNow as no:
        return page(request, run_or_404(pk), Refusal(str(no)), status=409)
    return redirect("workflows:run", made.pk)


@act(MAY_TAKE_OVER)
def take_over(request: SignedIn, run: Run) -> None:
    """Become the owner of a run."""
    choices.take_over(run, request.user)


@act(MAY_CONFIRM)
def abort(request: SignedIn, run: Run) -> None:
    """End the run; with `pay`, after the steps that put back what it owes."""
    choices.abort(run, request.user, pay=request.POST.get("pay") == "yes", reason=_text(request, "reason"))


def _text(request: HttpRequest, name: str) -> str:
    return request.POST.get(name, "").replace("\0", "").strip()[:MOST_WORDS]


def _number(request: HttpRequest, name: str) -> int:
    text = request.POST.get(name, "").strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else -1
