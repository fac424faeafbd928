"""A real Chromium without a network, which remembers what it asked for and complained of."""

import os
import shutil
from dataclasses import dataclass, field

import pytest

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
#: How long a test waits for what must come [ms].
PATIENCE_MS = 60_000
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


@dataclass
class Visit:
    """A browser at a studio: its page, what it asked of others, and what it complained of."""

    page: object
    foreign: list = field(default_factory=list)
    complaints: list = field(default_factory=list)

    def text(self, selector):
        return self.page.locator(selector).inner_text()

    def title(self, wanted):
        """Wait until this scenario is open."""
        self.page.locator("#title", has_text=wanted).wait_for(timeout=PATIENCE_MS)

    def tab_to(self, selector, key="Tab"):
        """Press Tab, or another key, until an element has the focus."""
        for _ in range(150):
            self.page.keyboard.press(key)
            if self.page.locator(f"{selector}:focus").count():
                return
        raise AssertionError(f"{selector} cannot be reached with the Tab key")


@pytest.fixture
def visit(chromium):
    """Opens a studio's page in a browser of its own; everything that it asks of others is remembered."""
    opened = []

    def go(origin, path="/", width=1366, height=768, visited=True):
        context = chromium.new_context(viewport={"width": width, "height": height})
        context.set_default_timeout(PATIENCE_MS)
        one = Visit(context.new_page())
        if visited:
            context.add_init_script("localStorage.setItem('visited', 'true')")
        own = (origin, origin.replace("http", "ws"), "data:")
        one.page.on("request", lambda asked: asked.url.startswith(own) or one.foreign.append(asked.url))
        one.page.on("console", lambda said: one.complaints.append(said.text))
        one.page.on("pageerror", lambda error: one.complaints.append(str(error)))
        one.page.on("dialog", lambda box: (one.complaints.append(box.message), box.dismiss()))
        one.page.goto(origin + path)
        opened.append((context, one))
        return one

    yield go
    for context, one in opened:
        context.close()
        assert not one.foreign
        assert not one.complaints
