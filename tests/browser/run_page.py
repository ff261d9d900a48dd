"""What people do on a run's page, and what they look for there."""

from __future__ import annotations

import re

from playwright.sync_api import Locator, Page, expect


def badge(page: Page) -> Locator:
    """The run's state in a word."""
    return page.locator("#run-head .badge")


def confirm_button(page: Page, number: int) -> Locator:
    return page.get_by_role("button", name=re.compile(rf"^Confirm step {number}: "))


def turn(page: Page, number: int, title: str) -> Locator:
    """Wait, without a reload, until this step is somebody's turn; gives the button that confirms it."""
    button = confirm_button(page, number)
    expect(button).to_be_enabled()
    expect(button).to_have_text(f"Confirm step {number}: {title}")
    return button


def confirm(page: Page, number: int, title: str) -> None:
    """Confirm a step when its turn comes."""
    turn(page, number, title).click()
    expect(confirm_button(page, number)).to_have_count(0)
    expect(page.locator("#refusal")).to_have_count(0)


def show_the_plan(page: Page) -> str:
    """Send the form that starts a run; gives the address of the plan."""
    page.get_by_role("button", name="Show the plan").click()
    page.wait_for_url(re.compile(r"/runs/\d+/$"))
    return page.url


def approve(page: Page, run: str, comment: str) -> None:
    """Say yes under the plan one has read."""
    page.goto(run)
    page.get_by_label("Comment").fill(comment)
    page.get_by_role("button", name="Approve this plan").click()
    expect(page.locator("#run-people")).to_contain_text("Approved")
