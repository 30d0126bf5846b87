"""A browser that logs in as somebody, and pictures of what it shows.

The browser's clock is set to the centre's: the pages ask for "the last quarter of an hour" and "tomorrow".
Pictures are kept to a third by a palette that covers all hues, mended by some rounds of k-means: no colour is
off by more than an eye would see, the rare ones that mean something neither.
"""

from __future__ import annotations

import io
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

from PIL import Image
from playwright.async_api import Browser, BrowserContext, Page, async_playwright

__all__ = ["PHONE", "Camera", "camera"]

WIDE: Final = (1440, 900)
PHONE: Final = (360, 740)
COLOURS: Final = 256
ROUNDS: Final = 3
WAIT_MS_MAX: Final = 20_000


class Camera:
    """Takes pictures of pages at one address.

    Args:
        browser: takes them.
        url: of the ACD.
        out: where the pictures go.
        now_ms: the centre's clock.
        say: told of each picture.
    """

    def __init__(
        self, browser: Browser, url: str, out: Path, now_ms: Callable[[], int], say: Callable[[str], None]
    ) -> None:
        self._browser = browser
        self.url = url
        self._out = out
        self._now_ms = now_ms
        self._say = say

    @asynccontextmanager
    async def looking(
        self, path: str, token: str = "", *, size: tuple[int, int] = WIDE, dark: bool = False
    ) -> AsyncIterator[Page]:
        """A browser of its own that shows this page.

        Args:
            path: with the query.
            token: to log in with; empty: nobody does.
            size: of the window.
            dark: what the system asks for.
        """
        context = await self._browser.new_context(
            viewport={"width": size[0], "height": size[1]},
            color_scheme="dark" if dark else "light",
            locale="it-IT",
            timezone_id="Europe/Rome",
            reduced_motion="reduce",
        )
        try:
            context.set_default_timeout(WAIT_MS_MAX)
            await context.clock.install(time=self._now_ms() / 1000)
            yield await self._open(context, path, token)
        finally:
            await context.close()

    async def _open(self, context: BrowserContext, path: str, token: str) -> Page:
        page = await context.new_page()
        await page.goto(path if "://" in path else self.url + path)
        if token:
            await page.fill("#token", token)
            await page.click("form button[type=submit]")
            await page.wait_for_url(self.url + path)
        return page

    async def shot(self, page: Page, name: str, *, height: int | None = None) -> None:
        """Take the picture ``page-<name>.png``.

        Args:
            page: of this page.
            name: its name.
            height: so much of it, from its top; absent: the window's.
        """
        size = page.viewport_size
        assert size is not None
        tall = await page.evaluate("document.documentElement.scrollHeight")
        shown = size["height"] if height is None else min(height, tall)
        taken = await page.screenshot(
            full_page=height is not None,
            clip={"x": 0, "y": 0, "width": size["width"], "height": shown},
            animations="disabled",
        )
        file = self._out / f"page-{name}.png"
        with Image.open(io.BytesIO(taken)) as picture:
            whole = picture.convert("RGB")
            few = whole.quantize(COLOURS, Image.Quantize.MAXCOVERAGE, kmeans=ROUNDS, dither=Image.Dither.NONE)
            few.save(file, optimize=True)
        self._say(f"wrote {file} ({file.stat().st_size // 1024} kB)")


@asynccontextmanager
async def camera(
    chromium: str, url: str, out: Path, now_ms: Callable[[], int], say: Callable[[str], None]
) -> AsyncIterator[Camera]:
    """A camera with a browser of its own."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=chromium, args=["--no-sandbox", "--font-render-hinting=none", "--lang=it-IT"]
        )
        try:
            yield Camera(browser, url, out, now_ms, say)
        finally:
            await browser.close()
