"""The main story: bo sees the estate's trouble, takes amber's master out of its pool, and ada approves it."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, expect

from tests.browser.house import House, SignIn
from tests.browser.run_page import approve, badge, confirm, confirm_button, show_the_plan, turn

Shoot = Callable[[Page, str], Path]
PHONE = {"width": 390, "height": 844}


def test_the_master_is_removed_with_four_eyes_and_a_yes_to_every_step(
    house: House, sign_in: SignIn, shoot: Shoot
) -> None:
    heartbeat = house.sr("127.10.1.1", "nfs-hb")
    before = len(house.orders())
    bo, ada = sign_in("bo"), sign_in("ada")

    sees_what_needs_attention(bo, shoot)
    run = plans_the_removal(bo, shoot)
    asks_and_cannot_approve_it_himself(bo, run)
    finds_it_in_the_inbox_and_approves(ada, run, shoot)
    confirms_every_step(bo, house, shoot)
    ends_done(bo, shoot)
    both_captains_agree_on_the_pages(bo)

    sent = house.orders()[before:]
    assert [call["name"] for call in sent] == [
        "prepareHostForMaintenance",
        "pool.disable_ha",
        "pool.designate_new_master",
        "pool.eject",
        "deleteHost",
        "pool.enable_ha",
    ]
    assert sent[-1]["args"][-2:] == [[heartbeat], {"timeout": "180"}]
    amber: dict[str, Any] = house.truth("amber")
    assert (amber["master"], amber["ha_enabled"], amber["ha_timeout"]) == ("amber-2", True, 180)
    assert [host["name"] for host in amber["hosts"]] == ["amber-2", "amber-3", "amber-4"]


def sees_what_needs_attention(bo: Page, shoot: Shoot) -> None:
    expect(bo.get_by_role("heading", level=1)).to_contain_text(re.compile("needs? attention"))
    for trouble in ("CloudStack shows cobalt-2 in Alert", "HA is off in basalt"):
        expect(bo.locator("#overview-findings")).to_contain_text(trouble)
    expect(bo.locator("#overview-chips")).to_contain_text("Critical 2")  # opened before anybody had looked
    row = bo.get_by_role("row").filter(has=bo.get_by_role("link", name="amber", exact=True))
    expect(row).to_contain_text("On 180 s")
    shoot_in_every_light(bo, "overview", shoot)
    row.get_by_role("link", name="amber", exact=True).click()


def plans_the_removal(bo: Page, shoot: Shoot) -> str:
    expect(bo.get_by_role("heading", level=1)).to_have_text("amber is well")
    expect(fact(bo, "ha_configuration : timeout")).to_contain_text("180 s")
    shoot(bo, "pool")
    bo.get_by_role("link", name="Start a run…").click()
    bo.get_by_role("link", name="Remove master").click()
    expect(bo.locator(".fixed")).to_have_text(re.compile(r"^amber-1, is the master"))
    best = bo.locator("table.rank tbody tr").first
    expect(best).to_contain_text("amber-2")
    expect(best.get_by_role("radio")).to_be_checked()
    bo.get_by_label("Why now").fill("amber-1 gets a new mainboard.")
    shoot(bo, "start")
    return show_the_plan(bo)


def asks_and_cannot_approve_it_himself(bo: Page, run: str) -> None:
    expect(bo.locator(".noreturn")).to_have_text(re.compile("No way back after this line"))
    bo.get_by_role("button", name="Ask for approval").click()
    expect(badge(bo)).to_have_text("Waits for approval")
    expect(bo.locator("#run-approval")).to_contain_text("somebody else has to approve it")
    expect(bo.get_by_role("button", name="Approve this plan")).to_have_count(0)
    token = bo.locator("meta, input[name=csrfmiddlewaretoken]").last.get_attribute("value") or ""
    answer = bo.request.post(
        f"{run}vote", form={"csrfmiddlewaretoken": token, "vote": "yes"}, headers={"Referer": run}
    )
    assert answer.status == 403
    assert "approver" in answer.text()
    expect(badge(bo)).to_have_text("Waits for approval")


def finds_it_in_the_inbox_and_approves(ada: Page, run: str, shoot: Shoot) -> None:
    ada.get_by_role("navigation").get_by_role("link", name=re.compile("Approvals")).click()
    ask = ada.locator(".ask").filter(has_text="Remove master amber-1 from amber")
    expect(ask).to_contain_text("amber-1 gets a new mainboard.")
    shoot(ada, "inbox")
    ask.get_by_role("link", name="Read the plan").click()
    expect(badge(ada)).to_have_text("Waits for your approval")
    shoot(ada, "plan")
    approve(ada, run, "Agreed, go ahead tonight.")
    expect(ada.locator("#run-journal")).to_contain_text("ada: Approved: “Agreed, go ahead tonight.”")


def confirms_every_step(bo: Page, house: House, shoot: Shoot) -> None:
    confirm(bo, 3, "put amber-1 into maintenance in CloudStack")
    expect(bo.locator(".metered").or_(confirm_button(bo, 5)).first).to_be_visible()
    shoot(bo, "progress")
    confirm(bo, 5, "turn HA off")
    turn(bo, 6, "make amber-2 the master")
    shoot_in_every_light(bo, "run", shoot)
    confirm(bo, 6, "make amber-2 the master")
    types_the_name_for_the_step_without_a_way_back(bo, house)
    confirm(bo, 9, "delete amber-1 in CloudStack")
    confirm(bo, 10, "turn HA on, as it was")


def types_the_name_for_the_step_without_a_way_back(bo: Page, house: House) -> None:
    button = turn(bo, 8, "eject amber-1 from the pool")
    name = bo.get_by_label("Type amber-1, the host that this is about")
    name.fill("amber-2")
    assert name.evaluate("field => field.validity.patternMismatch")
    # What the browser would hold back is sent all the same: the server is the one that must refuse.
    name.evaluate("field => { field.form.noValidate = true }")
    button.click()
    expect(bo.locator("#refusal")).to_contain_text("Nothing was sent. Type amber-1 to confirm")
    assert "pool.eject" not in [call["name"] for call in house.orders()]
    turn(bo, 8, "eject amber-1 from the pool")
    bo.get_by_label("Type amber-1, the host that this is about").fill("amber-1")
    confirm(bo, 8, "eject amber-1 from the pool")


def ends_done(bo: Page, shoot: Shoot) -> None:
    expect(badge(bo)).to_have_text("Done", timeout=60_000)
    expect(bo.locator("#run-banners")).to_contain_text("Every step is over, and nothing is owed.")
    shoot(bo, "done")
    bo.locator("#run-head").get_by_role("link", name="Report").click()
    expect(bo.get_by_role("region", name="Table of debts")).to_contain_text("HA is off on amber")
    shoot(bo, "report")


def both_captains_agree_on_the_pages(bo: Page) -> None:
    bo.goto("/pools/amber/")
    expect(bo.get_by_role("heading", level=1)).to_have_text("amber is well")
    captains = bo.locator("#pool-captains tbody tr")
    expect(captains).to_have_count(3)
    expect(captains.filter(has_text="amber-2")).to_contain_text("master")
    expect(bo.locator("#pool-drawing")).to_contain_text("3 Up")
    expect(fact(bo, "ha_enabled")).to_contain_text("true")
    expect(fact(bo, "ha_configuration : timeout")).to_contain_text("180 s")
    expect(fact(bo, "ha_statefiles")).to_contain_text("on nfs-hb")


def fact(page: Page, name: str) -> Any:
    """A row of the HA audit."""
    return page.locator("table.audit tr").filter(has=page.get_by_role("rowheader", name=name, exact=True))


def shoot_in_every_light(page: Page, name: str, shoot: Shoot) -> None:
    """Light, dark, and on a phone."""
    shoot(page, name)
    page.emulate_media(color_scheme="dark")
    shoot(page, f"{name}-dark")
    page.emulate_media(color_scheme="light")
    wide = page.viewport_size
    assert wide
    page.set_viewport_size(PHONE)  # type: ignore[arg-type]
    shoot(page, f"{name}-390")
    assert page.evaluate("document.scrollingElement.scrollWidth") <= PHONE["width"]
    page.set_viewport_size(wide)
