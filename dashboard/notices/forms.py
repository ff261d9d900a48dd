"""Forms about notifications. Bad input is answered at its field; nothing is stored."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django import forms
from django.contrib.auth.models import User
from django.utils import timezone

from dashboard.notices.models import KINDS, SEVERITIES, Route, Silence, every_kind
from dashboard.notices.sending import BadAddress, target_of
from pools.forms import SecretField
from pools.models import Pool
from pools.rules import CODES
from pools.secret import Secret

SPANS = {
    "1h": ("one hour", timedelta(hours=1)),
    "4h": ("4 hours", timedelta(hours=4)),
    "12h": ("12 hours", timedelta(hours=12)),
    "1d": ("one day", timedelta(days=1)),
    "1w": ("one week", timedelta(weeks=1)),
}
HEARS = [(s, f"{s} and worse" if s != "critical" else "critical only") for s, _ in SEVERITIES]
REMIND = ((0, "never"), (3600, "every hour"), (14_400, "every 4 hours"), (86_400, "every day"))


class RouteForm(forms.Form):
    """A route. The address is a secret: it is not shown again, and an empty one keeps what is stored."""

    name = forms.CharField(max_length=80, help_text="For people: on-call, storage team.")
    url = SecretField(
        label="Apprise address",
        help_text="Such as mailto://user:password@mail.example.org?to=oncall@example.org, slack://…, msteams://…, "
        "jsons://… for a webhook. It is encrypted, and never shown again.",
    )
    at_least = forms.ChoiceField(label="Tell of", choices=HEARS, initial="warning")
    zones = forms.CharField(
        label="Zones", required=False, help_text="Names of CloudStack zones, by commas. Empty for all."
    )
    kinds = forms.MultipleChoiceField(
        label="When a trouble is", choices=KINDS, widget=forms.CheckboxSelectMultiple, initial=every_kind
    )
    remind_s = forms.TypedChoiceField(
        label="Remind while nobody has acknowledged it", choices=REMIND, coerce=int, initial=14_400
    )
    enabled = forms.BooleanField(label="In use", required=False, initial=True)

    def __init__(self, *args: Any, route: Route | None = None, **kwargs: Any) -> None:
        self.route = route
        if route:
            kwargs["initial"] = _values_of(route)
        super().__init__(*args, **kwargs)
        if route:
            self.fields["url"].required = False
            self.fields["url"].help_text = "Leave it empty to keep the address that is stored."

    def clean_name(self) -> str:
        name: str = self.cleaned_data["name"]
        same = Route.objects.filter(name=name).first()
        if same and same != self.route:
            raise forms.ValidationError("Another route has this name.")
        return name

    def clean_url(self) -> Secret:
        url: Secret = self.cleaned_data["url"]
        if url:
            try:
                target_of(url.reveal())
            except BadAddress as error:
                raise forms.ValidationError(
                    f"{error} The addresses it knows: https://github.com/caronc/apprise/wiki."
                ) from None
        return url

    def clean_zones(self) -> list[str]:
        return [zone.strip() for zone in self.cleaned_data["zones"].split(",") if zone.strip()]

    def save(self) -> Route:
        """The route as stored; only what was given changes."""
        values = dict(self.cleaned_data)
        if self.route and not values["url"]:
            values.pop("url")
        route = self.route or Route()
        for name, value in values.items():
            setattr(route, name, value)
        route.save()
        return route


def _values_of(route: Route) -> dict[str, Any]:
    kept = {name: getattr(route, name) for name in ("name", "at_least", "kinds", "remind_s", "enabled")}
    return {**kept, "zones": ", ".join(route.zones)}


class _About(forms.Form):
    """Which trouble: a pool and a code, either of them empty for any."""

    pool = forms.ModelChoiceField(
        Pool.objects.order_by("name"), to_field_name="name", required=False, empty_label="Every pool"
    )
    code = forms.ChoiceField(
        label="Finding",
        required=False,
        choices=[("", "Every finding"), *((slug, slug) for slug in sorted(CODES))],
    )


class SilenceForm(_About):
    """A silence always has an end and a reason."""

    span = forms.ChoiceField(label="For", choices=[(key, words) for key, (words, _) in SPANS.items()])
    reason = forms.CharField(max_length=255, help_text="Shown to everybody while it lasts.")

    def save(self, by: User) -> Silence:
        now, given = timezone.now(), self.cleaned_data
        return Silence.objects.create(
            pool=given["pool"],
            code=given["code"],
            reason=given["reason"],
            by=by,
            created=now,
            until=now + SPANS[given["span"]][1],
        )


class AcknowledgeForm(_About):
    """Somebody knows of one trouble: both are given."""

    note = forms.CharField(max_length=255, required=False)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if not cleaned.get("pool") or not cleaned.get("code"):
            raise forms.ValidationError("Say which pool and which finding.")
        return cleaned
