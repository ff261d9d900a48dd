"""Two people look at the same run: what one does the other sees, and nobody's words are lost."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.browser.house import House, SignIn
from tests.browser.run_page import approve, badge, confirm, confirm_button, show_the_plan, turn

MARK = "window.sameDocument = true"


def test_what_one_confirms_the_other_sees_without_a_reload(house: House, sign_in: SignIn) -> None:
    bo, ada = sign_in("bo"), sign_in("ada")
    finding = bo.locator("#overview-findings li").filter(has_text="HA is off in basalt").first
    finding.get_by_role("link", name="Enable HA…").click()
    the_button_follows_what_is_typed(bo)
    run = show_the_plan(bo)

    second = bo.context.new_page()
    typed_words_outlive_an_update(bo, second, run)
    approve(ada, run, "Overdue.")
    second.close()

    turn(bo, 2, "guard the timeout against other tools")
    expect(badge(bo)).to_have_text("Waits for you")
    turn(ada, 2, "guard the timeout against other tools")
    ada.evaluate(MARK)
    confirm(bo, 2, "guard the timeout against other tools")
    turn(ada, 3, "turn HA on")
    expect(ada.locator("#run-journal")).to_contain_text("bo: Confirmed: Guard the timeout")
    confirm(bo, 3, "turn HA on")
    expect(confirm_button(ada, 3)).to_have_count(0)
    expect(badge(ada)).to_have_text("Done", timeout=60_000)
    assert ada.evaluate("window.sameDocument === true"), "the page was loaded again"
    assert house.truth("basalt")["ha_enabled"]


def the_button_follows_what_is_typed(bo: Page) -> None:
    timeout, button = bo.locator("input[name=timeout]"), bo.get_by_role("button", name="Show the plan")
    expect(timeout).to_have_value("180")
    timeout.fill("5")
    expect(button).to_be_disabled()
    expect(bo.locator("#closed")).to_contain_text("from 30 to 900")
    timeout.fill("180")
    expect(button).to_be_enabled()


def typed_words_outlive_an_update(bo: Page, second: Page, run: str) -> None:
    """bo types in one window and asks in another: the first keeps the words, and offers what changed."""
    words = "Storage is calm tonight."
    note = bo.get_by_label("What the others should know")
    note.press_sequentially(words[:12])
    second.goto(run)
    second.get_by_role("button", name="Ask for approval").click()
    expect(badge(second)).to_have_text("Waits for approval")
    expect(badge(bo)).to_have_text("Waits for approval")
    offer = bo.locator("#run-approval").get_by_role("button", name="This changed meanwhile. Show it")
    expect(offer).to_be_visible()
    expect(note).to_be_focused()
    bo.keyboard.type(words[12:])
    expect(note).to_have_value(words)
    offer.click()
    expect(note).to_have_count(0)
    expect(bo.locator("#run-approval")).to_contain_text("somebody else has to approve it")
