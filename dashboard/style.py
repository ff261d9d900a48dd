"""The style page: every mark and part once, by the very tags and partials that the pages use."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from dashboard.states import CLOUDSTACK, RUNS, SEVERITIES, STEPS
from pools.captains import Row, Word

MARKS = (
    ("ok", "filled circle. In rows the word is grey: health is quiet."),
    ("warning", "triangle. One more failure and it is critical."),
    ("critical", "square. Capacity or recovery is gone."),
    ("unknown", "dashed ring. Not known, or too old to believe."),
    ("working", "half circle. The machine is at it, no one is needed."),
    ("confirm", "the fermata: held until a person lets go."),
    ("done", "tick. Proved, not assumed."),
    ("failed", "square with a cross. A refusal, with choices."),
    ("todo", "small ring. Its turn has not come."),
    ("not-needed", "struck ring, always with the reason."),
    ("skipped", "chevrons, with who and why."),
    ("info", "for the record."),
)
WORDS = (("Findings", SEVERITIES), ("Runs", RUNS), ("Steps", STEPS), ("CloudStack", CLOUDSTACK))
SIGNS = (
    ("debt", "Tie", "what a step owes, joined to the step that pays; on the spine it is a bracket"),
    ("crown", "Crown", "the master"),
    ("lock", "Lock", "a run holds this pool"),
    ("person", "Person", "an owner, somebody named"),
    ("eye", "Eye", "somebody watches"),
    ("later", "Clock", "a check that will hold when its step comes"),
    ("blocks", "Bar", "a check that blocks"),
    ("live", "Live", "changes arrive by themselves"),
)
RISKS = ("none", "low", "medium", "high", "final")
COLOURS = (
    *(
        "page",
        "surface",
        "sunken",
        "hover",
        "text",
        "text-2",
        "text-3",
        "line",
        "line-strong",
        "line-control",
    ),
    *(
        "accent",
        "accent-bg",
        "ok-mark",
        "ok-bg",
        "warn-mark",
        "warn-bg",
        "crit-mark",
        "crit-bg",
        "unknown-mark",
    ),
)
CHANGES = (
    {
        "system": "XenServer",
        "sign": "~",
        "what": "pool amber",
        "field": "master",
        "before": "amber-1",
        "after": "amber-3",
    },
    {
        "system": "CloudStack",
        "sign": "-",
        "what": "host amber-1",
        "field": "state",
        "before": "Up",
        "after": "gone",
    },
)
CALLS = (
    {
        "system": "XAPI",
        "request": 'Async.pool.designate_new_master("OpaqueRef:5d1e8c1a-6f0b-4b0e-9f6c-2a3c1b7e9d44")',
        "by_hand": "xe pool-designate-new-master host-uuid=b3c1f0de-7a42-4c0c-8f41-90d2a6e5c713",
    },
)
KEYS = (
    ("/", "find a pool, host or run"),
    ("j k", "next and previous row or step"),
    ("Enter", "open it"),
    ("c", "to the confirm button; it is not pressed"),
    ("?", "this list"),
)


def _host(xenserver: Word, cloudstack: Word, is_master: bool = False) -> list[Row]:
    return [Row("", "amber-1", "127.10.1.1", is_master, xenserver, cloudstack, "", True)]


WELL, UP = Word("ok", "Live, enabled"), Word("ok", "Up")
GLYPHS = (
    ("master, both say well", _host(WELL, UP, is_master=True)),
    ("member, both say well", _host(WELL, UP)),
    ("XenServer: disabled, CloudStack: Alert", _host(Word("warning", "Disabled"), Word("critical", "Alert"))),
    ("XenServer: dead, CloudStack still says Up", _host(Word("critical", "Dead"), UP)),
    ("XenServer: well, CloudStack: Disconnected", _host(WELL, Word("warning", "Disconnected"))),
    ("in maintenance by a run, both know", _host(Word("working", "Empty"), Word("working", "Maintenance"))),
    ("not known: a captain is silent", _host(Word("unknown", "Not known"), Word("unknown", "Not known"))),
    ("in the pool, not in CloudStack", _host(WELL, Word("absent", "Not there"))),
)


@require_GET
def style(request: HttpRequest) -> HttpResponse:
    """Every mark and part once, and the keys."""
    context = {
        "marks": MARKS,
        "tables": WORDS,
        "glyphs": GLYPHS,
        "signs": SIGNS,
        "risks": RISKS,
        "colours": COLOURS,
        "changes": CHANGES,
        "calls": CALLS,
        "keys": KEYS,
        "now": timezone.now(),
    }
    return render(request, "dashboard/style.html", context)
