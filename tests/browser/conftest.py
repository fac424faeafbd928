"""A real Chromium without a network, which remembers what it asked for and complained of."""

import os
import shutil
from dataclasses import dataclass, field

import pytest

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
REQUIRED = os.environ.get("EWSIM_REQUIRE_BROWSER") == "1"


@pytest.fixture(scope="session")
def chromium():
    if CHROMIUM is None and not REQUIRED:
        pytest.skip("no Chromium on this machine")
    assert CHROMIUM, "EWSIM_REQUIRE_BROWSER=1, and there is no Chromium"
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        # a container's root has no sandbox
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


@dataclass
class Opened:
    """A page, and what went on while it was open."""

    page: object
    requests: list = field(default_factory=list)
    complaints: list = field(default_factory=list)

    def quiet(self):
        """Nothing was asked of anybody but the file itself, and nothing was complained of."""
        return not self.requests and not self.complaints


@pytest.fixture
def look(chromium):
    """Opens a file at a size in a browser that is offline."""
    contexts = []

    def opened(path, width=1280, height=800, fragment="", **options):
        context = chromium.new_context(offline=True, viewport={"width": width, "height": height}, **options)
        contexts.append(context)
        one = Opened(context.new_page())
        url = path.as_uri()
        own = (url, "data:", "blob:")
        one.page.on("request", lambda asked: asked.url.startswith(own) or one.requests.append(asked.url))
        one.page.on("console", lambda said: one.complaints.append(said.text))
        one.page.on("pageerror", lambda error: one.complaints.append(str(error)))
        one.page.on("dialog", lambda box: (one.complaints.append(box.message), box.dismiss()))
        one.page.goto(url + fragment)
        return one

    yield opened
    for context in contexts:
        context.close()
