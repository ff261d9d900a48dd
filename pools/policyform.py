"""The form for what a team wants of its pool. Every change becomes a line of the timeline with its author."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from django import forms
from django.contrib.auth.models import Group, User
from django.db import transaction
from django.utils import timezone

from dashboard.live import announce
from pools.models import Change, Pool
from pools.models.pool import Recovery
from pools.timeline import Source

RISKS = ("low", "medium", "high", "final")
POLICY = "policy"
"""Kind of the timeline's lines about it; they are never pruned."""
COLUMNS = (
    "wants_ha",
    "ha_timeout_s",
    "recovery",
    "patience_s",
    "exposure_limit_s",
    "approvals_needed",
    "approvals_by_risk",
    "second_person_from",
    "confirmers",
    "break_glass",
)
MOST_APPROVALS = 9
DAY_S = 86_400


class PolicyForm(forms.Form):
    """What the team wants. `seen` is a digest of the policy that was read: of two people, the later one reads again."""

    wants_ha = forms.BooleanField(
        label="HA is to be on", required=False, help_text="If it is off, that is a finding."
    )
    ha_timeout_s = forms.IntegerField(
        label="HA timeout, seconds",
        min_value=15,
        max_value=3600,
        help_text="How long a host may be cut off from storage or network before it fences itself.",
    )
    recovery = forms.ChoiceField(label="Who recovers a dead master", choices=Recovery.choices)
    exposure_limit_s = forms.IntegerField(
        label="Time without a net, seconds",
        min_value=60,
        max_value=30 * DAY_S,
        help_text="So long the pool may be without HA, unmanaged, or without a host to spare; then it pages somebody.",
    )
    patience_s = forms.IntegerField(
        label="Patience with people, seconds",
        min_value=60,
        max_value=30 * DAY_S,
        help_text="So long a run may wait for a person before that is told; twice as long is a warning.",
    )
    approvals_needed = forms.IntegerField(
        label="Approvals before a run starts",
        min_value=0,
        max_value=MOST_APPROVALS,
        help_text="Of people other than the one who asks. A run’s risk is that of its riskiest step.",
    )
    second_person_from = forms.ChoiceField(
        label="Two people confirm a step",
        required=False,
        choices=[("", "never"), *((risk, f"from {risk} risk on") for risk in RISKS)],
    )
    break_glass = forms.BooleanField(
        label="One person may go on alone in an outage",
        required=False,
        help_text="With a reason, and a review by somebody else afterwards.",
    )
    seen = forms.CharField(widget=forms.HiddenInput)

    def __init__(self, pool: Pool, data: Any = None) -> None:
        self.pool = pool
        super().__init__(data, initial=_initial(pool))
        for risk in RISKS:
            self.fields[f"approvals_{risk}"] = forms.IntegerField(
                label=f"Approvals of a run of {risk} risk",
                required=False,
                min_value=0,
                max_value=MOST_APPROVALS,
                help_text="Empty: as above.",
            )
        for risk in RISKS:
            self.fields[f"confirmers_{risk}"] = forms.CharField(
                label=f"Who confirms a step of {risk} risk",
                required=False,
                help_text="Names of groups and people, by commas. Empty: every operator.",
            )
        self.order_fields(
            [*_first(), *(n for n in self.fields if n.startswith(("approvals_", "confirmers_")))]
        )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        for risk in RISKS:
            names = [
                each.strip() for each in cleaned.get(f"confirmers_{risk}", "").split(",") if each.strip()
            ]
            if unknown := _unknown(names):
                self.add_error(f"confirmers_{risk}", f"No group and nobody is called {', '.join(unknown)}.")
            cleaned[f"confirmers_{risk}"] = names
        if cleaned.get("seen") != digest(self.pool):
            self.add_error(
                None, "Somebody changed this policy while you read it. Load the page again, and decide anew."
            )
        return cleaned

    def save(self, by: User) -> list[str]:
        """Store it, each change with its line. Gives the sentences of what was changed."""
        return change_policy(self.pool.pk, _columns(self.cleaned_data), by.get_username())


LABELS = {
    **{name: str(each.label) for name, each in PolicyForm.base_fields.items() if name in COLUMNS},
    "approvals_by_risk": "Approvals by risk",
    "confirmers": "Who confirms by risk",
}
"""Column → what it is called on the form and in the timeline."""


def change_policy(pool_id: int, wanted: Mapping[str, Any], by: str) -> list[str]:
    """Store those columns, each change with its line of the timeline. Gives the sentences of what was changed."""
    with transaction.atomic():
        pool = Pool.objects.select_for_update().get(pk=pool_id)
        said = [
            _line(pool, name, value, by) for name, value in wanted.items() if getattr(pool, name) != value
        ]
        Pool.objects.filter(pk=pool_id).update(**wanted)
        Change.objects.bulk_create(said)
        announce(f"pool-{pool_id}", "overview")
    return [line.says for line in said]


def _line(pool: Pool, name: str, value: Any, by: str) -> Change:
    label = LABELS[name]
    before, after = shown(name, getattr(pool, name)), shown(name, value)
    says = f"{by} changed the policy, {label}: {before} before, {after} now."
    return Change(
        pool=pool, at=timezone.now(), source=Source.BATON.value, kind=POLICY, subject=label,
        subject_uuid=name, says=says, before=before[:255], after=after[:255], by=by,
    )  # fmt: skip


def digest(pool: Pool) -> str:
    """Of the policy as it is stored."""
    values = {name: getattr(pool, name) for name in COLUMNS}
    return hashlib.sha256(json.dumps(values, sort_keys=True).encode()).hexdigest()[:16]


def shown(name: str, value: Any) -> str:
    """A value as people read it."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, dict):
        told = (f"{risk}: {', '.join(v) if isinstance(v, list) else v}" for risk, v in value.items())
        return "; ".join(told) or "not set"
    if name == "recovery":
        return str(Recovery(value).label)
    return f"{value} s" if name.endswith("_s") else str(value) or "never"


def _first() -> list[str]:
    return [
        *("wants_ha", "ha_timeout_s", "recovery", "exposure_limit_s", "patience_s"),
        *("break_glass", "second_person_from", "approvals_needed"),
    ]


def _initial(pool: Pool) -> dict[str, Any]:
    values = {name: getattr(pool, name) for name in COLUMNS}
    for risk in RISKS:
        values[f"approvals_{risk}"] = pool.approvals_by_risk.get(risk)
        values[f"confirmers_{risk}"] = ", ".join(pool.confirmers.get(risk, ()))
    return {**values, "seen": digest(pool)}


def _columns(cleaned: dict[str, Any]) -> dict[str, Any]:
    plain = {name: cleaned[name] for name in COLUMNS if name in cleaned}
    approvals = {risk: n for risk in RISKS if (n := cleaned[f"approvals_{risk}"]) is not None}
    confirmers = {risk: names for risk in RISKS if (names := cleaned[f"confirmers_{risk}"])}
    return {**plain, "approvals_by_risk": approvals, "confirmers": confirmers}


def _unknown(names: list[str]) -> list[str]:
    known = set(Group.objects.filter(name__in=names).values_list("name", flat=True))
    known |= set(User.objects.filter(username__in=names).values_list("username", flat=True))
    return [name for name in names if name not in known]
