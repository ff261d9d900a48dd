"""Whatever a captain can say to a step's call has words for people: what it means, and what helps.

That a run stops there and goes on afterwards is tried on the lab: one workflow here, every one by `make catalogue`
(refused.py).
"""

from __future__ import annotations

import pytest

from pools.clients.meanings import meaning, told
from tests.workflows.catalogue.refusable import No, called, refusals_of
from tests.workflows.catalogue.refused import refused_everywhere
from tests.workflows.steps.test_every_step import walk
from workflows.catalogue import WORKFLOWS


def sent_by(slug: str) -> set[str]:
    """The calls that its steps may send, as a plan names them."""
    return {
        called(call.request)
        for step, before, _ in walk(slug)
        if step.applies(before).ok
        for call in step.calls(before)
        if call.system != "Baton"
    }


CALLS = sorted(set().union(*(sent_by(slug) for slug in WORKFLOWS)))


def test_every_call_of_the_catalogue_can_be_refused_with_a_code_of_its_own() -> None:
    assert "" not in CALLS and len(CALLS) > 20
    usual = {no.code for no in refusals_of("host.nothing")} | {no.code for no in refusals_of("nothing")}
    plain = [call for call in CALLS if {no.code for no in refusals_of(call)} <= usual and "." in call]
    assert plain == ["pool.remove_from_other_config"]


def two_sentences(words: str) -> bool:
    return any(mark in words for mark in (". ", ": ", "; ", ", or "))


@pytest.mark.parametrize("call", CALLS)
def test_whatever_it_is_refused_with_is_said_with_cause_and_cure(call: str) -> None:
    bare = [no for no in refusals_of(call) if not two_sentences(meaning(no.code, no.params))]
    assert bare == []


@pytest.mark.parametrize("call", [call for call in CALLS if "." not in call])
def test_cloudstacks_general_failure_is_told_by_its_text(call: str) -> None:
    general = meaning("530", ())
    assert [no.params for no in refusals_of(call) if meaning(no.code, no.params) == general] == []


def test_the_captains_own_words_stand_behind_ours() -> None:
    assert told("HA_NOT_ENABLED").endswith("(HA_NOT_ENABLED)")
    assert told("NEVER_HEARD_OF", ("why",)) == "NEVER_HEARD_OF why"
    assert No("530", ("a, b",)).what == "530,a, b"


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("broker")
def test_a_run_survives_every_refusal_of_its_step() -> None:
    refused_everywhere("disable-ha")
