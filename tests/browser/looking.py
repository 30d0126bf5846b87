"""How the tests look at a page: somebody's browser, what goes wrong in it, and what axe says of it.

What goes wrong is collected on every page of every test: an error in the console (a breach of the content
security policy is one), an exception nobody caught, a request to anybody but the server of the page.
"""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from typing import Any
from urllib.parse import urlsplit

from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, BrowserContext, ConsoleMessage, Page, Request, expect

from tests.web.conftest import secret_of

__all__ = ["SETTLES_MS", "Looker", "axe", "fits", "settled"]

AXE = Axe()
RULES = {
    "runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"]},
    "resultTypes": ["violations"],
}
LIKE_OTHERS = {"exclude": [[".numbers tbody tr:nth-child(n+8)"], [".tile:nth-child(n+16)"]]}
"""Rows and tiles that differ from those before them by their words alone: axe takes seconds for them."""
SETTLES_MS = 15_000
CALL_ENDS_S_MAX = 30
"""After the start of the centre the first caller has been answered, and has hung up."""

SEEN = """
const seen = (each) => {
  if (!each.checkVisibility() || each.closest("svg")) return false;
  for (let at = each; at; at = at.parentElement) {
    if (getComputedStyle(at).clipPath !== "none") return false;
  }
  return true;
};
const told = (each) => `${each.closest("[id]")?.id}: ${each.outerHTML.slice(0, 120)}`;
const all = [...document.body.querySelectorAll("*")];
"""
"""Words that stand there for screen readers alone are clipped, and seen by nobody."""
OVER = f"""() => {{
  {SEEN}
  const wide = document.documentElement.clientWidth;
  const boxes = [...document.querySelectorAll(".scrolls, .tiles-frame")];
  const inBox = (each) => boxes.some((box) => box !== each && box.contains(each));
  const sticksOut = (each) => each.getBoundingClientRect().right > wide + 1;
  const over = all.filter((each) => seen(each) && !inBox(each) && sticksOut(each));
  const {{ scrollWidth }} = document.scrollingElement;
  const found = [`${{scrollWidth}} of ${{wide}} px`, ...over.slice(0, 3).map(told)];
  return scrollWidth > wide || over.length ? found : [];
}}"""
"""Whether the page must be scrolled sideways, and for what; a box of its own may scroll."""
CUT = f"""() => {{
  {SEEN}
  return all.filter((each) => {{
    if (!seen(each) || each.closest("[aria-hidden=true]") || !each.textContent.trim()) return false;
    const style = getComputedStyle(each);
    const cuts = (axis) => ["hidden", "clip"].includes(style[`overflow${{axis}}`]);
    const wide = each.scrollWidth > each.clientWidth + 1;
    const high = each.scrollHeight > each.clientHeight + 1;
    return (cuts("X") && wide) || (cuts("Y") && high);
  }}).map(told);
}}"""
"""Text that its box cuts off."""


class Looker:
    """Somebody who opens pages.

    Args:
        browser: the Chromium.
        stack: closes what is opened.
    """

    def __init__(self, browser: Browser, stack: AsyncExitStack) -> None:
        self._browser = browser
        self._stack = stack
        self.faults: list[str] = []

    async def context(self, url: str, who: str = "", **options: Any) -> BrowserContext:
        """A browser of its own in which ``who`` is logged in; empty: nobody."""
        options = {"viewport": {"width": 1280, "height": 900}, "reduced_motion": "reduce", **options}
        context = await self._browser.new_context(base_url=url, **options)
        context.set_default_timeout(SETTLES_MS)
        self._stack.push_async_callback(context.close)
        context.on("page", lambda page: self._listen(page, url))
        if who:
            form = {"token": secret_of(who), "next": ""}
            answer = await context.request.post("/login", form=form, max_redirects=0)
            assert answer.status == 303, await answer.text()
        return context

    async def open(self, url: str, who: str, path: str, **options: Any) -> Page:
        """A page as ``who`` sees it, once it has what it shows."""
        page = await (await self.context(url, who, **options)).new_page()
        await self.go(page, path)
        return page

    @staticmethod
    async def go(page: Page, path: str) -> None:
        """Open a path and wait for what it shows."""
        await page.goto(path)
        await settled(page)

    def forgive(self, words: str) -> None:
        """Take out faults that a test brought about: at least one."""
        kept = [fault for fault in self.faults if words not in fault]
        assert len(kept) < len(self.faults), f"nobody said {words}: {self.faults}"
        self.faults = kept

    def _listen(self, page: Page, url: str) -> None:
        def said(message: ConsoleMessage) -> None:
            if message.type in {"error", "warning"}:
                self.faults.append(f"{page.url}: {message.text}")

        def asked(request: Request) -> None:
            where = urlsplit(request.url)
            if where.scheme != "data" and where.netloc != urlsplit(url).netloc:
                self.faults.append(f"{page.url} asks {request.url}")

        page.on("console", said)
        page.on("pageerror", lambda error: self.faults.append(f"{page.url}: {error}"))
        page.on("request", asked)


async def settled(page: Page) -> None:
    """Wait until a page shows what it was opened for."""
    name = await page.locator("html").get_attribute("data-page")
    match name:
        case "board" | "map":
            await expect(page.locator("#live")).to_have_attribute("data-age", "fresh")
        case "agent":
            await expect(page.locator("#link")).to_have_class("state ok")
            await expect(page.locator("#times tbody tr")).not_to_have_count(0)
        case "calls":
            async with asyncio.timeout(CALL_ENDS_S_MAX):
                while not await page.locator("#ended tbody a").count():
                    await page.locator("#again").click()
                    await page.wait_for_timeout(500)


async def axe(page: Page) -> list[str]:
    """What axe has against a page, with the elements it means."""
    found = (await AXE.run(page, context=LIKE_OTHERS, options=RULES)).response["violations"]
    return [
        f"{each['id']}: {node['target']} {node['failureSummary']}" for each in found for node in each["nodes"]
    ]


async def fits(page: Page) -> list[str]:
    """What sticks out to the right, and what is cut off."""
    return [*await page.evaluate(OVER), *(f"cut: {each}" for each in await page.evaluate(CUT))]
