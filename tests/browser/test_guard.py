"""Live updates come without taking anything out of a person's hands."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.contrib.auth.models import Group, User
from django.test import Client
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def page(browser: Browser, live_server: LiveServer) -> Iterator[Page]:
    """The overview as an operator sees it; its head is a part that updates itself."""
    bo = User.objects.create_user("bo")
    bo.groups.add(Group.objects.get_or_create(name="operator")[0])
    client = Client()
    client.force_login(bo)
    context = browser.new_context()
    context.add_cookies(
        [{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": live_server.url}]
    )
    page = context.new_page()
    page.goto(live_server.url)
    page.locator("#overview-head").wait_for()
    yield page
    context.close()


def put_link(page: Page) -> None:
    """A link in the part on the page, in the next answers too, whatever the estate is like."""
    page.evaluate(
        """() => {
          const link = '<a id="" href="/runs/">Runs</a>';
          document.querySelector('#overview-head').insertAdjacentHTML('beforeend', link);
          document.body.addEventListener('htmx:beforeSwap', (event) => {
            event.detail.serverResponse = event.detail.serverResponse.replace(/<\\/div>\\s*$/, `${link}</div>`);
          }, true);
        }"""
    )


def update(page: Page) -> None:
    """What the stream's word or the fallback does, up to the answer."""
    with page.expect_response(lambda answer: "part=head" in answer.url):
        page.evaluate("htmx.trigger(document.body, 'live:poll')")


def test_the_focus_stays_on_its_link(page: Page) -> None:
    put_link(page)
    link = page.locator("#overview-head a[href='/runs/']")
    link.focus()
    link.evaluate("link => { link.dataset.old = 'yes' }")
    update(page)
    expect(link).not_to_have_attribute("data-old", "yes")
    expect(link).to_be_focused()


KEEP_MOVING = """() => {
  const move = () => document.dispatchEvent(new PointerEvent("pointermove", { pointerType: "mouse" }));
  window.moving = setInterval(move, 50);
}"""


def test_nothing_moves_under_a_pointer_until_it_rests(page: Page) -> None:
    put_link(page)
    link = page.locator("#overview-head a[href='/runs/']")
    link.hover()
    page.evaluate(KEEP_MOVING)  # on a busy machine a single move would be over before the update comes
    expect(page.locator("#overview-head a[href='/runs/']:hover")).to_be_visible()
    # Marked only now: until the pointer is on it, an update of the page's own may replace it.
    link.evaluate("link => { link.dataset.old = 'yes' }")
    update(page)
    expect(link).to_have_attribute("data-old", "yes")
    page.evaluate("clearInterval(window.moving)")
    expect(link).not_to_have_attribute("data-old", "yes")


def test_nothing_moves_between_press_and_release(page: Page) -> None:
    """Wherever it is: what grows above a button pushes it from under the finger, and the click is lost."""
    put_link(page)
    link = page.locator("#overview-head a[href='/runs/']")
    page.mouse.move(640, 700)
    page.mouse.down()
    link.evaluate("link => { link.dataset.old = 'yes' }")
    update(page)
    expect(link).to_have_attribute("data-old", "yes")
    page.mouse.up()
    expect(link).not_to_have_attribute("data-old", "yes")


def test_typed_text_stays_and_the_change_is_offered(page: Page) -> None:
    page.evaluate(
        "document.querySelector('#overview-head').insertAdjacentHTML('beforeend', '<input type=text name=why>')"
    )
    field = page.locator("#overview-head input[name=why]")
    field.fill("because")
    update(page)
    offer = page.get_by_role("button", name="This changed meanwhile. Show it")
    expect(offer).to_be_visible()
    expect(field).to_have_value("because")
    offer.click()
    expect(field).to_have_count(0)
