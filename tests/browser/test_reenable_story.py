"""cobalt-2 comes back out of Alert, confirmed in a browser that runs no script at all."""

from __future__ import annotations

import re
import time
from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.browser.house import House, SignIn
from tests.browser.run_page import approve, badge, confirm_button, show_the_plan

PATIENCE_S = 90.0


def test_a_host_in_alert_is_enabled_again_without_any_script(house: House, sign_in: SignIn) -> None:
    before = len(house.orders())
    bo, ada = sign_in("bo", java_script_enabled=False), sign_in("ada")

    finds_the_remedy_on_the_overview(bo)
    reads_the_pool(bo)
    run = plans_it(bo)
    approve(ada, run, "Yes, its storage is back.")
    confirms(bo, 2, "plug storage iscsi-1 on cobalt-2")
    confirms(bo, 3, "enable cobalt-2")
    reload_until(bo, lambda: badge(bo).inner_text().strip() == "Done", "the run to end")
    expect(bo.locator("#run-spine")).to_contain_text("Wait until CloudStack shows cobalt-2 Up")

    assert [call["name"] for call in house.orders()[before:]] == ["PBD.plug", "host.enable"]
    host = next(host for host in house.truth("cobalt")["hosts"] if host["name"] == "cobalt-2")
    assert (host["enabled"], host["unplugged"]) == (True, [])
    the_alert_is_gone(bo)


def finds_the_remedy_on_the_overview(bo: Page) -> None:
    alert = "CloudStack shows cobalt-2 in Alert"
    reload_until(bo, lambda: alert in bo.locator("#overview-findings").inner_text(), "the Alert")
    expect(bo.get_by_role("row").filter(has_text="cobalt-1")).to_contain_text("2 Up, 1 Alert")


def reads_the_pool(bo: Page) -> None:
    bo.get_by_role("row").get_by_role("link", name="cobalt", exact=True).click()
    disagreeing = bo.locator("#pool-captains tbody tr").first
    expect(disagreeing).to_contain_text("cobalt-2")
    expect(disagreeing).to_contain_text("disabled")
    expect(disagreeing).to_contain_text("Alert")
    expect(bo.locator("table.audit")).to_contain_text("ha_configuration : timeout")


def plans_it(bo: Page) -> str:
    finding = bo.locator("#pool-findings li").filter(has_text="cloudstack-alert")
    finding.get_by_role("link", name="Re-enable cobalt-2…").click()
    run = show_the_plan(bo)
    expect(bo.locator("#run-spine")).to_contain_text("Plug storage iscsi-1 on cobalt-2")
    bo.get_by_role("button", name="Ask for approval").click()
    expect(badge(bo)).to_have_text("Waits for approval")
    return run


def confirms(bo: Page, number: int, title: str) -> None:
    button = confirm_button(bo, number)
    reload_until(bo, lambda: button.count() and button.is_enabled(), f"the turn of step {number}")
    expect(button).to_have_text(f"Confirm step {number}: {title}")
    expect(bo.locator(".open-step")).to_contain_text("Will change")
    button.click()
    expect(bo.locator("#refusal")).to_have_count(0)


def the_alert_is_gone(bo: Page) -> None:
    bo.goto("/pools/cobalt/")
    row = bo.locator("#pool-captains tbody tr").filter(has_text="cobalt-2")
    reload_until(bo, lambda: re.search(r"\bUp\b", row.inner_text()), "CloudStack's view of cobalt-2")
    expect(bo.locator("#pool-findings")).not_to_contain_text("cloudstack-alert")


def reload_until(page: Page, condition: Callable[[], object], what: str) -> None:
    """What a person without a script does to see how it goes on."""
    deadline = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < deadline, f"waited {PATIENCE_S} s in vain for {what}"
        page.wait_for_timeout(300)
        page.reload()
