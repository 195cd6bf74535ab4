"""Claim, redeem and follow a voucher in a real browser on the demo data."""

import asyncio
import json
from typing import Any

from playwright.async_api import BrowserContext, Page

from tests.browser.demo_servers import DemoServers, photograph

VARIABLES = 'section[aria-label="Variables"] .graphiql-editor:not(.hidden) .CodeMirror'
RESULT = ".result-window .CodeMirror"
RUN = ".graphiql-execute-button"


async def test_claim_redeem_live(window: BrowserContext, demo: DemoServers) -> None:
    home = await window.new_page()
    await home.goto(demo.address)
    watch = await opened(window, home, "Open as the owner")
    await watch.click(RUN)
    await watch.get_by_label("Stop query").wait_for()

    claim = await opened(window, home, "Open as the customer")
    await claim.click(RUN)
    voucher = (await result(claim, "claimOffer"))["voucher"]
    assert voucher["state"] == "CLAIMED"

    redeem = await opened(window, home, "Redeem as the owner")
    await redeem.wait_for_selector(VARIABLES)
    given = json.loads(await redeem.eval_on_selector(VARIABLES, "el => el.CodeMirror.getValue()"))
    given["input"]["code"] = voucher["code"].lower()
    await redeem.eval_on_selector(
        VARIABLES, "(el, text) => el.CodeMirror.setValue(text)", json.dumps(given)
    )
    await redeem.click(RUN)
    redeemed = await result(redeem, "redeemVoucher")
    assert redeemed["outcome"] == "APPROVED"

    live = (await result(watch, "vendorRedemptions"))["redemption"]
    assert live["id"] == redeemed["redemption"]["id"]
    assert live["voucher"]["state"] == "REDEEMED"
    await photograph(watch, "watch")

    await wait_for_mail(home, voucher["code"])
    await photograph(home, "home")


async def test_the_redeem_tab_works_at_the_first_click(
    window: BrowserContext, demo: DemoServers
) -> None:
    page = await window.new_page()
    await page.goto(f"{demo.address}/graphql?tab=vouchers&as=customer@haat.example")
    await page.click(RUN)
    codes = [one["code"] for one in (await result(page, "viewer"))["vouchers"]["nodes"]]
    await page.goto(f"{demo.address}/graphql?tab=redeem&as=owner@haat.example")
    await page.wait_for_selector(VARIABLES)
    given = json.loads(await page.eval_on_selector(VARIABLES, "el => el.CodeMirror.getValue()"))
    assert given["input"]["code"] in codes
    await page.click(RUN)
    redeemed = await result(page, "redeemVoucher")
    await photograph(page, "redeem")
    assert (redeemed["outcome"], redeemed["errors"]) == ("APPROVED", [])


async def test_failed_sign_in_is_reported(window: BrowserContext, demo: DemoServers) -> None:
    page = await window.new_page()
    await page.goto(f"{demo.address}/graphql?as=stranger@haat.example")
    await page.wait_for_selector(RUN)
    assert await page.locator('[data-account=""]').get_attribute("aria-pressed") == "true"


async def opened(window: BrowserContext, home: Page, link: str) -> Page:
    async with window.expect_page() as found:
        await home.get_by_role("link", name=link, exact=True).click()
    page = await found.value
    await page.wait_for_selector(RUN)
    return page


async def result(page: Page, field: str) -> dict[str, Any]:
    """Wait until the field is shown, and return its data."""
    await page.wait_for_function(
        "([selector, field]) => document.querySelector(selector)?.CodeMirror.getValue()"
        ".includes(field)",
        arg=[RESULT, f'"{field}"'],
    )
    shown = json.loads(await page.eval_on_selector(RESULT, "el => el.CodeMirror.getValue()"))
    found: dict[str, Any] = shown["data"][field]
    return found


async def wait_for_mail(home: Page, code: str) -> None:
    """Reload the start page until it shows a message with this code."""
    async with asyncio.timeout(30):
        while code not in await home.inner_text("main"):
            await home.wait_for_timeout(250)
            await home.reload()
