"""Forms that add a pool or a CloudStack. A form is valid only when the thing was reached with what was typed in."""

from __future__ import annotations

from typing import Any

from django import forms

from pools.adding import (
    CloudStackSpec,
    PoolSpec,
    Wrong,
    check_cloudstack,
    check_pool,
    store_cloudstack,
    store_pool,
)
from pools.clients.trust import Trust, authority, normal
from pools.models import CloudStack, Pool
from pools.secret import Secret


class SecretField(forms.CharField):
    """A password: never sent back to the browser, and a `Secret` once it is cleaned."""

    widget = forms.PasswordInput(attrs={"autocomplete": "new-password"})

    def clean(self, value: Any) -> Secret:
        return Secret(super().clean(value))


class _TrustForm(forms.Form):
    """The fields about whom to believe. `seen_fingerprint` is set when a certificate was shown that nobody has
    vouched for: the page offers it for comparison."""

    fingerprint = forms.CharField(
        label="Fingerprint of the certificate",
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="SHA-256, one on a line. Leave it empty to be shown what is there, and compare that on the host.",
    )
    ca = forms.CharField(
        label="Certificate authority (PEM)",
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Only where the certificates are signed by an authority of your own.",
    )
    seen_fingerprint = ""
    notes: tuple[str, ...] = ()

    def clean_fingerprint(self) -> frozenset[str]:
        try:
            return frozenset(
                normal(line) for line in self.cleaned_data["fingerprint"].splitlines() if line.strip()
            )
        except ValueError as error:
            raise forms.ValidationError(str(error)) from None

    def clean_ca(self) -> str:
        try:
            return authority(self.cleaned_data["ca"]) if self.cleaned_data["ca"] else ""
        except ValueError as error:
            raise forms.ValidationError(str(error)) from None

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("fingerprint") and cleaned.get("ca"):
            self.add_error("ca", "Trust either fingerprints or an authority: leave one of the two empty.")
        if self.is_bound and not self.errors:
            try:
                self.check_live(cleaned)
            except Wrong as wrong:
                self.seen_fingerprint = wrong.seen
                self.add_error(wrong.field if wrong.field in self.fields else None, wrong.says)
        return cleaned

    def check_live(self, cleaned: dict[str, Any]) -> None:
        """Look at the thing itself. Raises Wrong."""
        raise NotImplementedError


class PoolForm(_TrustForm):
    """Add a pool."""

    name = forms.SlugField(
        max_length=64, help_text="Letters, digits, hyphens: it stands in addresses of pages."
    )
    addresses = forms.CharField(
        label="Addresses of members",
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="One is enough, the master's at best; the others are found.",
    )
    port = forms.IntegerField(min_value=1, max_value=65535, initial=443)
    user = forms.CharField(max_length=120, initial="root")
    password = SecretField()
    plain_http = forms.BooleanField(
        label="Plain HTTP, no TLS",
        required=False,
        help_text="Everybody on the network can read the password then.",
    )
    cloudstack = forms.ModelChoiceField(CloudStack.objects.all(), label="CloudStack", required=False)
    cluster = forms.CharField(
        max_length=255, required=False, help_text="The name of this pool's cluster there."
    )
    field_order = (
        "name",
        "addresses",
        "port",
        "user",
        "password",
        "fingerprint",
        "cloudstack",
        "cluster",
        "ca",
    )

    def clean_addresses(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(self.cleaned_data["addresses"].replace(",", " ").split()))

    def check_live(self, cleaned: dict[str, Any]) -> None:
        """Reach the pool and, if one is given, its cluster."""
        self.spec = PoolSpec(
            name=cleaned["name"],
            addresses=cleaned["addresses"],
            port=cleaned["port"],
            user=cleaned["user"],
            password=cleaned["password"],
            trust=Trust(cleaned["fingerprint"], cleaned["ca"], cleaned["plain_http"]),
            cloudstack=cleaned["cloudstack"],
            cluster=cleaned["cluster"],
        )
        self.found = check_pool(self.spec)
        self.notes = self.found.notes

    def save(self) -> Pool:
        """Store what was found. Raises Wrong when somebody else was quicker."""
        return store_pool(self.spec, self.found)


class CloudStackForm(_TrustForm):
    """Add a CloudStack."""

    name = forms.SlugField(max_length=64)
    url = forms.URLField(
        label="URL of the API",
        assume_scheme="https",
        help_text="For example https://cloud.example.org:8443/client/api",
    )
    api_key = SecretField(label="API key")
    secret_key = SecretField(label="Secret key")
    field_order = ("name", "url", "api_key", "secret_key", "fingerprint", "ca")

    def check_live(self, cleaned: dict[str, Any]) -> None:
        """Ask it what a look asks."""
        self.spec = CloudStackSpec(
            name=cleaned["name"],
            url=cleaned["url"],
            api_key=cleaned["api_key"],
            secret_key=cleaned["secret_key"],
            trust=Trust(cleaned["fingerprint"], cleaned["ca"]),
        )
        self.found = check_cloudstack(self.spec)
        self.notes = self.found.notes

    def save(self) -> CloudStack:
        """Store what was found. Raises Wrong when somebody else was quicker."""
        return store_cloudstack(self.spec, self.found)
