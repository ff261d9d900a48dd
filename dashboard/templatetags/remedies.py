"""What mends a finding: a button to the workflow, the sentence that says what to do, or the page that does."""

from __future__ import annotations

from django import template
from django.urls import reverse
from django.utils.html import format_html
from django.utils.http import urlencode
from django.utils.safestring import SafeString

from dashboard.templatetags.ui import left, told
from pools.models import Finding
from pools.rules import CODES
from pools.rules.master import NEW_MASTER_DUE
from workflows.catalogue import WORKFLOWS
from workflows.engine.states import ENDED
from workflows.models import Run

register = template.Library()

VERBS = {
    "elect-master": "Elect a master…",
    "change-master": "Change master…",
    "remove-host": "Remove {name}…",
    "disable-ha": "Disable HA…",
    "break-fence-loop": "Break the fence loop…",
    "reenable-host": "Re-enable {name}…",
    "enable-ha": "Enable HA…",
    "change-ha-timeout": "Change HA timeout…",
    "remove-master": "Remove {name}…",
    "unprotect-vms": "Unprotect VMs…",
    "rolling-reboot": "Reboot hosts…",
    "add-hosts": "Add hosts…",
}

WITHOUT_MASTER = {"ha-too-few-hosts": "break-fence-loop"}
"""What mends a finding that stands since before the master fell silent, where that is another workflow."""


@register.simple_tag
def remedy(finding: Finding, primary: bool = False) -> SafeString:
    """A link to the form of the workflow with what is known filled in; for a debt, to the run that owes it."""
    run = finding.expected_by or (int(finding.subject_uuid) if _is_run(finding) else None)
    if run is not None:
        return _button(reverse("workflows:run", args=[run]), f"Open run {run}", primary)
    silent = _master_silent(finding)
    workflow = WORKFLOWS.get((silent and WITHOUT_MASTER.get(finding.code)) or finding.remedy_slug)
    if workflow is None:
        return _sentence(finding) or _page(finding)
    if silent and not workflow.without_master:
        first = (
            "It goes through the master, which does not answer now: bring that back, or elect another, first."
        )
        return format_html('<p class="hint">{}</p>', first)
    prepared = _prepared(finding)
    if prepared is not None:
        return _button(reverse("workflows:run", args=[prepared]), f"Open run {prepared}, prepared", primary)
    given = {"workflow": workflow.slug, "pool": finding.pool.name}
    if finding.subject_kind == "host" and workflow.slug != "elect-master":  # that one knows who is dead
        given["host"] = finding.subject_uuid
    label = VERBS.get(workflow.slug, f"{workflow.slug}…").format(name=finding.subject_name)
    return _button(f"{reverse('workflows:new')}?{urlencode(given)}", label, primary)


def _sentence(finding: Finding) -> SafeString:
    """What to do where no workflow does it; with the time that is left, where a moment is waited for."""
    if " " not in finding.remedy:
        return SafeString("")
    due = next((e["value"] for e in finding.evidence if e["what"] == NEW_MASTER_DUE), None)
    clock = format_html(" <b>{}</b>", left(due)) if due else ""
    return format_html('<p class="hint">{}{}</p>', told(finding.remedy), clock)


def _page(finding: Finding) -> SafeString:
    """Where only a person can judge, the page of the code says how."""
    if finding.code not in CODES:
        return SafeString("")
    return _button(
        f"{reverse('help', args=[f'rules/{finding.code}.md'])}#what-to-do", "What to do", primary=False
    )


def _prepared(finding: Finding) -> int | None:
    """The election that lies ready for this pool, or is under way. Asked only of a pool without a master."""
    if finding.remedy_slug != "elect-master":
        return None
    runs = Run.objects.filter(pool=finding.pool_id, workflow="elect-master").exclude(state__in=ENDED)
    return runs.values_list("pk", flat=True).order_by("-pk").first()


def _master_silent(finding: Finding) -> bool:
    """Whether the last look at the pool found no master; what the look before found is still shown then."""
    pool = finding.pool
    return bool(pool.looked_at and pool.good_at and pool.good_at < pool.looked_at)


def _is_run(finding: Finding) -> bool:
    return finding.subject_kind == "run" and finding.subject_uuid.isdigit()


def _button(url: str, label: str, primary: bool) -> SafeString:
    return format_html('<a class="btn{}" href="{}">{}</a>', " btn-primary" if primary else "", url, label)
