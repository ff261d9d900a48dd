"""Ties say what is owed, since when, and which step pays."""

from workflows.pages.ties import Bond, Leg, at_step, before_step, bonds

LOOK = Leg("", ())
PLAN = (
    LOOK,
    Leg("maintenance", ()),
    Leg("ha", ()),
    LOOK,
    Leg("", ("maintenance",)),
    Leg("", ("ha",)),
)


def test_a_plan_ties_each_debt_to_the_step_that_pays_it() -> None:
    assert bonds(PLAN, (), ()) == (Bond("maintenance", 1, 4), Bond("ha", 2, 5))


def test_a_step_that_is_not_needed_owes_nothing() -> None:
    plan = (*PLAN[:2], Leg("ha", (), counts=False), *PLAN[3:])
    assert [b.kind for b in bonds(plan, (), ())] == ["maintenance"]


def test_a_step_that_is_over_and_owed_nothing_has_no_tie() -> None:
    plan = (*PLAN[:2], Leg("ha", (), ahead=False), *PLAN[3:])
    assert [b.kind for b in bonds(plan, (), ())] == ["maintenance"]


def test_an_incurred_debt_is_owed_even_when_no_step_pays_it_any_more() -> None:
    plan = (*PLAN[:5], Leg("", ("ha",), counts=False))
    assert Bond("ha", 2, 5, "owed") in bonds(plan, [(2, "ha")], ())


def test_ha_that_is_owed_is_red_and_dashed_from_now_on() -> None:
    owed = bonds(PLAN, [(2, "ha")], ())
    assert "tie l1 a owed bad" in at_step(owed, 2, now=3)
    assert "tie l1 m owed bad" in at_step(owed, 3, now=3)
    assert "tie l1 m owed bad ahead" in at_step(owed, 4, now=3)
    assert "tie l1 z owed bad ahead" in at_step(owed, 5, now=3)


def test_a_paid_debt_leaves_a_thin_tie() -> None:
    assert at_step(bonds(PLAN, (), [(1, "maintenance")]), 4, now=5)[0] == "tie l2 z"


def test_ties_pass_the_double_bar_between_two_steps() -> None:
    assert before_step(bonds(PLAN, (), ()), 3, now=0) == ("tie l2 m future", "tie l1 m future")
    assert before_step(bonds(PLAN, (), ()), 1, now=0) == ()
