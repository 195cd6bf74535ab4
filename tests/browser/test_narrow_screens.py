"""All pages on a screen of 320 pixels, in the languages of their readers."""

import re
from collections.abc import Iterator
from typing import Any, cast

import pytest
from playwright.async_api import BrowserContext, Page
from starlette.routing import Route

from demo.identity.accounts import CUSTOMER, OWNER
from engine.context import AppState
from tests.browser.demo_servers import DemoServers, photograph
from web.pages import booking, link

WIDTH = 320
LANGUAGES = ("hi", "de", "es")
FOR_DEVELOPERS = (
    "/",
    "/live",
    f"/live?as={CUSTOMER.email}",
    f"/live?as={OWNER.email}",
    "/scan",
    f"/scan?as={OWNER.email}",
    "/graphql",
)
ENGLISH = re.compile(r"\b(?!Haat\b|JavaScript\b)[A-Za-z]{2,}")
# Show all parts of a page, with what is long.
FILL = """
() => {
  for (const part of document.querySelectorAll("body [hidden]:not(input)")) part.hidden = false;
  const long = {
    address: "maximiliana.oberhausen-weatherbee@mail.a-long-domain.example",
    vendor: "Banyan Animal Clinic and Hospital of Indiranagar",
    service: "Zahnsteinentfernung mit Narkosevoruntersuchung",
    start: "Donnerstag, 31. Dezember 2026 um 15:30 Nordamerikanische Ostküsten-Normalzeit",
    amount: "₹12,34,567.50",
  };
  for (const [id, text] of Object.entries(long)) {
    const element = document.getElementById(id);
    if (element) element.textContent = text;
  }
}
"""
# Lists that scroll on their own may be wider, and what is marked as cut ends with an ellipsis.
WRONG = """
() => {
  const name = (element) => `${element.tagName} ${element.id} ${element.textContent.slice(0, 30)}`;
  const all = [...document.querySelectorAll("body *")].filter((one) => one.checkVisibility());
  const ends = document.documentElement.clientWidth;
  const scrolls = (one) => one && one !== document.body
    && (getComputedStyle(one).overflowX !== "visible" || scrolls(one.parentElement));
  const wide = document.documentElement.scrollWidth <= ends ? [] : [document.body, ...all.filter(
    (one) => one.getBoundingClientRect().right > ends && !scrolls(one.parentElement))];
  const cut = all.filter((one) => {
    const { overflowX, textOverflow } = getComputedStyle(one);
    return overflowX === "hidden" && textOverflow !== "ellipsis" && one.clientWidth > 1
      && one.scrollWidth > one.clientWidth && !one.closest(".graphiql-container");
  });
  const broken = all.filter((one) => {
    const isWord = !one.childElementCount && !/\\s/.test(one.textContent.trim());
    if (!isWord || !one.matches("a, button")) return false;
    const range = document.createRange();
    range.selectNodeContents(one);
    return new Set([...range.getClientRects()].map(({ top }) => Math.round(top))).size > 1;
  });
  const low = all.filter((one) => one.matches("button, input, select, textarea") &&
    !one.closest(".graphiql-container") && one.getBoundingClientRect().height < 24);
  return Object.entries({ wide, cut, broken, low }).flatMap(
    ([problem, found]) => found.map((one) => `${problem}: ${name(one)}`));
}
"""


def customer_pages() -> Iterator[str]:
    """Yield the paths of the pages that mails link to."""
    app = cast("AppState", None)
    for route in [*link.routes(app), *booking.routes(app)]:
        if isinstance(route, Route) and not route.path.startswith("/static/"):
            yield route.path


async def look(page: Page, address: str) -> list[Any]:
    await page.goto(address)
    await page.wait_for_load_state("networkidle")
    found: list[Any] = await page.evaluate(WRONG)
    return found


@pytest.mark.parametrize("language", LANGUAGES)
async def test_pages_of_links_fit(window: BrowserContext, demo: DemoServers, language: str) -> None:
    page = await window.new_page()
    await page.set_viewport_size({"width": WIDTH, "height": 640})
    await page.set_extra_http_headers({"Accept-Language": language})
    paths = list(customer_pages())
    assert len(paths) > 8
    for path in paths:
        await page.goto(demo.address + path)
        assert await page.locator("html").get_attribute("lang") == language
        written = await page.locator("main").text_content() or ""
        if language == "hi":
            assert ENGLISH.findall(f"{written} {await page.title()}") == [], path
        await page.evaluate(FILL)
        assert await page.evaluate(WRONG) == [], path
        await photograph(page, f"narrow{path.replace('/', '-')}-{language}")


async def test_pages_for_developers_fit(window: BrowserContext, demo: DemoServers) -> None:
    page = await window.new_page()
    await page.set_viewport_size({"width": WIDTH, "height": 640})
    for address in (*(demo.address + path for path in FOR_DEVELOPERS), demo.payments):
        assert await look(page, address) == [], address


async def test_what_does_not_fit_is_found(window: BrowserContext, demo: DemoServers) -> None:
    page = await window.new_page()
    await page.set_viewport_size({"width": WIDTH, "height": 640})
    await page.goto(f"{demo.address}/booking")
    await page.evaluate(
        """() => {
          const main = document.querySelector("main");
          main.innerHTML = `<p id="w"></p><p id="c"></p><button id="b"></button><input id="l">`;
          const [wide, cut, broken, low] = main.children;
          wide.style.width = "600px";
          cut.style.cssText = "overflow: hidden; white-space: nowrap";
          cut.textContent = "cut ".repeat(40);
          broken.style.width = "3rem";
          broken.textContent = "Customers";
          low.style.cssText = "height: 12px; padding: 0";
        }"""
    )
    found = {line.partition(":")[0] for line in await page.evaluate(WRONG)}
    assert found == {"wide", "cut", "broken", "low"}
