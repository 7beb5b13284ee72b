"""Pages seen as readers see them: pictures from the system's Chromium, and what axe finds wrong with them."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from axe_core_python.sync_playwright import Axe
from playwright.sync_api import Browser, sync_playwright

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
# What keeps somebody from reading; lesser findings are told and let pass.
GRAVE = frozenset({"serious", "critical"})
WIDE, PHONE = 1400, 390


class Looker:
    """Takes pictures into a folder and keeps what axe found."""

    def __init__(self, browser: Browser, folder: Path) -> None:
        self._browser, self.folder = browser, folder
        self.grave: list[str] = []

    def picture(self, address: str, name: str, width: int = WIDE, *, judged: bool = True) -> None:
        """The whole page; `judged` by axe too, where it is a page of ours."""
        # Axe is a script and our pages let none run: it looks at them with their policy lifted.
        page = self._browser.new_page(viewport={"width": width, "height": 900}, bypass_csp=True)
        page.goto(address, wait_until="networkidle")
        target = self.folder / f"{name}.png"
        page.screenshot(path=target, full_page=judged)
        print(target, self._judge(page, name) if judged else "")
        page.close()

    def _judge(self, page: Any, name: str) -> str:
        found = Axe().run(page)
        for one in found["violations"]:
            places = [" ".join(map(str, node["target"])) for node in one["nodes"]]
            told = f"{name}: {one['impact']} {one['id']} in {len(places)} places, the first {places[0]}: {one['help']}"
            print(told)
            if one["impact"] in GRAVE:
                self.grave.append(told)
        return f"axe: {len(found['passes'])} rules kept, {len(found['violations'])} not"


@contextmanager
def looking(folder: Path) -> Iterator[Looker]:
    """A browser for as long as it is looked through; ends the program where axe found something grave."""
    path = next((found for name in BROWSERS if (found := shutil.which(name))), None)
    if path is None:
        sys.exit("make look needs Chromium on this machine; nothing else does")
    folder.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=path, args=["--no-sandbox", "--disable-gpu"])
        looker = Looker(browser, folder)
        yield looker
        browser.close()
    if looker.grave:
        sys.exit(f"axe found {len(looker.grave)} grave faults")
