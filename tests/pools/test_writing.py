"""Facts written look after look: the same text as if each were written whole, and only what changed is written."""

from __future__ import annotations

import json
import zlib
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

from hypothesis import given, settings
from hypothesis import strategies as st

from pools.cloudstack_facts import CloudStackFacts, CsVm
from pools.encoding import facts_to
from pools.facts import Facts, Vm
from pools.writing import BLOCK, Writer, Written
from tests.pools.world import amber

NOW = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
MANY = 5 * BLOCK + 7


def guest(number: int, name: str = "") -> Vm:
    return Vm(uuid=f"vm-{number}", ref=f"ref-{number}", name=name or f"gäst-{number}", power_state="Running")


def placed(number: int) -> CsVm:
    return CsVm(id=f"{number}", instance=f"i-2-{number}-VM", state="Running", host="h")


def with_guests(vms: tuple[Vm, ...], cs: tuple[CsVm, ...] = ()) -> Facts:
    cloudstack = CloudStackFacts(version="4.20", cluster="c", cluster_name="amber", vms=cs)
    return replace(amber().with_pool(vms=vms), cloudstack=cloudstack)


def is_whole(written: Written, facts: Facts) -> bool:
    """Whether it is what writing everything gives, and its compressed form is that between what was asked for."""
    whole = json.dumps(facts_to(facts))
    packed = zlib.decompress(written.compressed("before ", " after")).decode()
    return written.text == whole and packed == f"before {whole} after"


Edit = Callable[[list[Vm], int], None]
edits: dict[str, Edit] = {
    "remove": lambda vms, at: vms.__delitem__(slice(at, at + 1)),
    "insert": lambda vms, at: vms.insert(at, guest(len(vms) + 1000)),
    "change": lambda vms, at: vms.__setitem__(slice(at, at + 1), [guest(at, "another")]),
    "twice": lambda vms, at: vms.insert(0, vms[at % len(vms)]) if vms else None,
    "move": lambda vms, at: vms.append(vms.pop(at % len(vms))) if vms else None,
    "reverse": lambda vms, _at: vms.reverse(),
    "many": lambda vms, at: vms.__setitem__(slice(at, at), [guest(i) for i in range(2000, 2000 + 3 * BLOCK)]),
    "none": lambda vms, _at: vms.clear(),
}


@settings(max_examples=20, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(sorted(edits)), st.integers(0, 2 * BLOCK)), max_size=12))
def test_whatever_happens_to_guests_the_text_is_that_of_writing_everything(
    steps: list[tuple[str, int]],
) -> None:
    writer, vms = Writer(), [guest(number) for number in range(2 * BLOCK)]
    for name, at in [("reverse", 0), *steps]:
        edits[name](vms, at)
        facts = with_guests(tuple(vms), tuple(placed(i) for i in range(len(vms) % 5)))
        assert is_whole(writer.written(facts), facts)


def test_facts_without_one_captain_or_both_are_written_too() -> None:
    writer, whole = Writer(), with_guests((guest(1),), (placed(1),))
    for facts in (whole, replace(whole, cloudstack=None), Facts(at=NOW), replace(whole, pool=None), whole):
        assert is_whole(writer.written(facts), facts)


def test_a_name_that_reads_like_the_place_of_the_guests_is_a_name() -> None:
    names = ('"vms": []', 'x\\", "vms": [], "', "vms", '"vms": [')
    facts = with_guests(tuple(guest(number, name) for number, name in enumerate(names)))
    for name in names:
        told = replace(facts.with_pool(name=name), gaps=(name, f"{name}{name}"))
        assert is_whole(Writer().written(told), told)


def test_one_guest_that_changes_has_one_block_written_anew() -> None:
    vms = [guest(number) for number in range(MANY)]
    for edit in ("change", "insert", "remove"):
        writer, now = Writer(), list(vms)
        before = set(map(id, (first := writer.written(with_guests(tuple(vms)))).pieces))
        edits[edit](now, MANY // 2)
        pieces = writer.written(with_guests(tuple(now))).pieces
        anew = [piece for piece in pieces if id(piece) not in before and piece.records]
        assert len(first.pieces) > MANY // BLOCK
        assert len(anew) == 1 or (edit == "insert" and len(anew) == 2)
        assert sum(len(piece.records) for piece in anew) <= BLOCK + 1


def test_blocks_do_not_get_ever_smaller() -> None:
    writer, vms = Writer(), [guest(number) for number in range(MANY)]
    for number in range(MANY):
        vms.insert(number * 7 % len(vms), guest(number + MANY))
        written = writer.written(with_guests(tuple(vms)))
    assert len([piece for piece in written.pieces if piece.records]) <= 2 * (1 + len(vms) // BLOCK) + 2
