"""A rule's code: what stays the same about every finding that it makes, and what docs/rules.md says of it."""

from __future__ import annotations

from dataclasses import dataclass

from pools.rules.case import Evidence, Finding, Severity, Subject

XENSERVER, CLOUDSTACK, BATON = "xenserver", "cloudstack", "baton"


@dataclass(frozen=True, slots=True, kw_only=True)
class Code:
    """One stable code; people route alerts by `slug`.

    `severity` is the usual one and `otherwise` says in words when it differs. `needs` names the captains whose
    silence leaves the matter open: no finding while one of them is silent does not mean that it is mended.
    """

    slug: str
    severity: Severity
    fires: str
    means: str
    remedy: str = ""
    otherwise: str = ""
    needs: tuple[str, ...] = (XENSERVER,)

    def found(
        self,
        subject: Subject,
        says: str,
        *evidence: Evidence,
        severity: Severity | None = None,
        remedy: str | None = None,
    ) -> Finding:
        """A finding of this code; severity and remedy only where they differ from the usual."""
        return Finding(
            code=self.slug,
            severity=severity or self.severity,
            subject=subject,
            says=says,
            means=self.means,
            evidence=evidence,
            remedy=self.remedy if remedy is None else remedy,
        )
