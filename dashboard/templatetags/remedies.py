"""What mends a finding: a button to the workflow, or the sentence that says what to do."""

from __future__ import annotations

from django import template
from django.urls import reverse
from django.utils.html import format_html
from django.utils.http import urlencode
from django.utils.safestring import SafeString

from pools.models import Finding
from workflows.catalogue import WORKFLOWS

register = template.Library()

BY_HAND = ("elect-master", "break-fence-loop", "disable-ha", "add-hosts", "rolling-reboot")
"""Remedies without a workflow yet: templates/dashboard/by_hand.html says how."""

VERBS = {
    "reenable-host": "Re-enable {name}…",
    "enable-ha": "Enable HA…",
    "change-ha-timeout": "Change HA timeout…",
    "remove-master": "Remove {name}…",
    "unprotect-vms": "Unprotect VMs…",
}


@register.simple_tag
def remedy(finding: Finding, primary: bool = False) -> SafeString:
    """A link to the form of the workflow with what is known filled in; for a debt, to the run that owes it."""
    run = finding.expected_by or (int(finding.subject_uuid) if _is_run(finding) else None)
    if run is not None:
        return _button(reverse("workflows:run", args=[run]), f"Open run {run}", primary)
    workflow = WORKFLOWS.get(finding.remedy_slug)
    if finding.remedy_slug in BY_HAND:
        return _button(f"{reverse('by-hand')}#{finding.remedy_slug}", "Show how, by hand", primary)
    if workflow is None:
        return (
            format_html('<p class="hint">{}</p>', finding.remedy) if " " in finding.remedy else SafeString("")
        )
    given = {"workflow": workflow.slug, "pool": finding.pool.name}
    if finding.subject_kind == "host":
        given["host"] = finding.subject_uuid
    label = VERBS.get(workflow.slug, f"{workflow.slug}…").format(name=finding.subject_name)
    return _button(f"{reverse('workflows:new')}?{urlencode(given)}", label, primary)


def _is_run(finding: Finding) -> bool:
    return finding.subject_kind == "run" and finding.subject_uuid.isdigit()


def _button(url: str, label: str, primary: bool) -> SafeString:
    return format_html('<a class="btn{}" href="{}">{}</a>', " btn-primary" if primary else "", url, label)
