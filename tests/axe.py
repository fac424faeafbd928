"""A page held against axe-core, the checker of the accessibility guidelines WCAG."""

from importlib.resources import files

AXE = files("axe_playwright_python") / "axe.min.js"


def faults(page):
    """What axe finds that is serious, by its rule: what it says, and where."""
    page.wait_for_timeout(300)
    page.evaluate(AXE.read_text("utf-8"))
    found = page.evaluate("axe.run(document)")
    assert len(found["passes"]) > 5
    return {
        fault["id"]: (fault["help"], [node["html"][:120] for node in fault["nodes"][:3]])
        for fault in found["violations"]
        if fault["impact"] in ("serious", "critical")
    }
