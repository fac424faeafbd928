"""A page as a PDF: printed by Chromium, which tags it for screen readers and gives it an outline.

A list of contents gets its page numbers from a first print: Chromium has no `target-counter` of CSS, and its
PDF says on which page the place is that a link leads to.
"""

import os
import re
import shutil
import subprocess
from pathlib import Path
from tempfile import TemporaryDirectory

from ewsim.errors import RunError

_BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "msedge")
_ARGUMENTS = (
    "--headless",
    "--disable-gpu",
    "--disable-background-networking",
    "--no-first-run",
    "--no-pdf-header-footer",
    "--generate-pdf-document-outline",
)
#: Where the page of a place is to stand.
_NUMBERED = re.compile(r'data-page="([^"]+)">')
_REFERENCE = re.compile(rb"(\d+) 0 R")
#: A report takes two seconds; a machine under load takes longer [s].
_PATIENCE_S = 120


def browser() -> str | None:
    """The program that prints: the first Chromium or Chrome on the path; None where there is none."""
    return next(filter(None, map(shutil.which, _BROWSERS)), None)


def print_pdf(html: str) -> bytes:
    """A page as a PDF; raises RunError where no Chromium is found, or where it does not print."""
    pdf = _printed(html)
    if not _NUMBERED.search(html):
        return pdf
    pages = pages_of(pdf)
    return _printed(_NUMBERED.sub(lambda found: f"{found[0]}{pages.get(found[1], '')}", html))


def pages_of(pdf: bytes) -> dict[str, int]:
    """The page, from 1, of each place in a PDF of Chromium that a link leads to; none of another PDF."""

    def part(number: bytes) -> bytes:
        found = re.search(rb"(?:^|\n)" + number + rb" 0 obj\s*<<(.*?)>>\s*endobj", pdf, re.DOTALL)
        return found[1] if found else b""

    def leaves(number: bytes) -> list[bytes]:
        kids = re.search(rb"/Kids \[(.*?)\]", part(number), re.DOTALL)
        return [leaf for kid in _REFERENCE.findall(kids[1]) for leaf in leaves(kid)] if kids else [number]

    root = re.search(rb"/Pages (\d+) 0 R\s*/Dests (\d+) 0 R", pdf)
    if root is None:
        return {}
    page = {leaf: number for number, leaf in enumerate(leaves(root[1]), start=1)}
    places = re.findall(rb"/(\S+)\s*\[(\d+) 0 R", part(root[2]))
    return {name.decode(errors="replace"): page[at] for name, at in places if at in page}


def _printed(html: str) -> bytes:
    program = browser()
    if program is None:
        raise RunError(
            "A PDF needs Chromium or Chrome, and none was found on the path. "
            "Install one, or open report.html in any browser and print it."
        )
    # a container's root has no sandbox; the page has no script and loads nothing
    root = ["--no-sandbox"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []
    with TemporaryDirectory(prefix="ewsim-") as folder:
        page, target = Path(folder, "page.html"), Path(folder, "page.pdf")
        page.write_text(html, encoding="utf-8")
        arguments = [*_ARGUMENTS, *root, f"--user-data-dir={folder}/profile", f"--print-to-pdf={target}"]
        try:
            done = subprocess.run(  # noqa: S603 - a program that was found on the path
                [program, *arguments, page.as_uri()],
                stdin=subprocess.DEVNULL,
                capture_output=True,
                timeout=_PATIENCE_S,
                check=False,
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            raise RunError(f"{program} did not print: {error}") from None
        if not target.is_file():
            lines = done.stderr.decode(errors="replace").strip().splitlines()
            raise RunError(f"{program} did not print: {lines[-1] if lines else 'it wrote no file'}")
        return target.read_bytes()
