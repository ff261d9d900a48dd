"""What the workflows have to say about a pool, asked without knowing them: whoever owes something registers here."""

from __future__ import annotations

from collections.abc import Callable
from itertools import chain

from pools.rules.case import Obligations

Provider = Callable[[int], Obligations]
"""Takes a pool's primary key."""

_providers: list[Provider] = []


def register(provider: Provider) -> None:
    """Ask that provider from now on. Registering the same one twice changes nothing."""
    if provider not in _providers:
        _providers.append(provider)


def obligations_of(pool_id: int) -> Obligations:
    """What all providers say of that pool, together."""
    said = [provider(pool_id) for provider in _providers]
    return Obligations(
        debts=tuple(chain.from_iterable(o.debts for o in said)),
        unreviewed=tuple(chain.from_iterable(o.unreviewed for o in said)),
        waiting=tuple(chain.from_iterable(o.waiting for o in said)),
        expected=tuple(chain.from_iterable(o.expected for o in said)),
        holder=next((o.holder for o in said if o.holder is not None), None),
    )
