"""Facts as JSON and back. Unknown keys are ignored and missing ones take their default, so that what one version
of Baton stored, another can read."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from cattrs.preconf.json import make_converter

from pools.cloudstack_facts import CloudStackFacts
from pools.facts import Facts, Probe

_converter = make_converter()
_converter.register_unstructure_hook(datetime, lambda at: at.isoformat())
_converter.register_structure_hook(datetime, lambda text, _: datetime.fromisoformat(text))


def facts_to(facts: Facts) -> dict[str, Any]:
    """Facts as plain lists, texts and numbers."""
    plain: dict[str, Any] = _converter.unstructure(facts)
    return plain


def plain_of(records: Sequence[Any]) -> list[dict[str, Any]]:
    """Some records of facts, such as guests, as `facts_to` gives them."""
    plain: list[dict[str, Any]] = _converter.unstructure(list(records))
    return plain


def facts_from(plain: dict[str, Any]) -> Facts:
    """The facts that `facts_to` wrote. Raises a cattrs error when an essential value is absent."""
    return _converter.structure(plain, Facts)


def probes_to(probes: tuple[Probe, ...]) -> list[dict[str, Any]]:
    """Probes as plain values."""
    plain: list[dict[str, Any]] = _converter.unstructure(list(probes))
    return plain


def probes_from(plain: list[dict[str, Any]]) -> tuple[Probe, ...]:
    """The probes that `probes_to` wrote."""
    return tuple(_converter.structure(plain, list[Probe]))


def cloudstack_to(seen: CloudStackFacts) -> dict[str, Any]:
    """One cluster as plain values."""
    plain: dict[str, Any] = _converter.unstructure(seen)
    return plain


def cloudstack_from(plain: dict[str, Any]) -> CloudStackFacts:
    """The cluster that `cloudstack_to` wrote."""
    return _converter.structure(plain, CloudStackFacts)
