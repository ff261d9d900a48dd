"""The form for a pool's cluster: the clusters that the sweeps saw, those with its hosts first, and a reason."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.auth.models import User

from pools.mapped import NotNow, Tie, tie
from pools.models import Cluster, Pool

NONE = "none"


class TieForm(forms.Form):
    """Which cluster the pool is. `seen` is what was set when the page was read: of two people, the later one reads
    again."""

    cluster = forms.ChoiceField(label="Cluster")
    why = forms.CharField(
        label="Why", max_length=500, help_text="How you know. It stays in the timeline with your name."
    )
    seen = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, pool: Pool, tied: Tie, *args: Any, **kwargs: Any) -> None:
        kwargs["initial"] = {"cluster": _first(pool, tied), "seen": _set(pool)}
        super().__init__(*args, **kwargs)
        self.pool = pool
        rows = Cluster.objects.select_related("cloudstack").only("name", "cloudstack__name", "facts")
        field = self.fields["cluster"]
        if isinstance(field, forms.ChoiceField):
            field.choices = [
                *((str(row.pk), _title(row)) for row in rows),
                (NONE, "No cluster: this pool stands alone"),
            ]

    def clean_seen(self) -> str:
        if self.cleaned_data["seen"] != _set(self.pool):
            raise forms.ValidationError("Somebody has just changed it. Load the page again, and decide anew.")
        return str(self.cleaned_data["seen"])

    def save(self, by: User) -> bool:
        """Tie it. False, with the reason on the form, when it cannot be done now."""
        chosen = self.cleaned_data["cluster"]
        row = (
            None if chosen == NONE else Cluster.objects.select_related("cloudstack").filter(pk=chosen).first()
        )
        if row is None and chosen != NONE:
            self.add_error("cluster", "This cluster has just gone from CloudStack. Choose another one.")
            return False
        try:
            tie(self.pool, row, by.get_username(), self.cleaned_data["why"])
        except NotNow as no:
            self.add_error(None, str(no))
            return False
        return True


def _title(row: Cluster) -> str:
    zone = f", {row.facts.get('zone')}" if row.facts.get("zone") else ""
    return f"{row.name} of {row.cloudstack.name}{zone}: {len(row.facts['hosts'])} hosts"


def _set(pool: Pool) -> str:
    return f"{pool.cloudstack_id or ''}/{pool.cluster}"


def _first(pool: Pool, tied: Tie) -> str:
    """The one that is proved or set."""
    if found := tied.suggested or tied.match.cluster:
        return str(found.key)
    row = Cluster.objects.filter(cloudstack=pool.cloudstack_id, name=pool.cluster).only("pk").first()
    return str(row.pk) if row else NONE
