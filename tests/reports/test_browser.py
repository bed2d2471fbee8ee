"""The report in a real browser, from disk: no request, no sideways scrolling, no label on another."""

import os
import shutil
from pathlib import Path

import pytest
from django.template import Context

from planner.reports.blocks import heading, paragraph, table
from planner.reports.html_writer import report_html, template
from tests.reports.synthetic import synthetic_context, synthetic_outlines

pytestmark = pytest.mark.needs_browser

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
ARGUMENTS = [
    "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-component-update",
    "--disable-sync",
]  # fmt: skip
# Boxes of the labels that are shown, as this browser's own fonts make them.
CLASHES = """() => {
  const clashes = [];
  for (const figure of document.querySelectorAll('figure svg')) {
    if (!figure.getClientRects().length) continue;
    const frame = figure.getBoundingClientRect();
    const labels = [...figure.querySelectorAll('text.label')].map(node => [node.textContent, node.getBoundingClientRect()]);
    labels.forEach(([text, box], place) => {
      if (box.left < frame.left - 1 || box.right > frame.right + 1) clashes.push(text + ' leaves its figure');
      for (const [other, its] of labels.slice(place + 1)) {
        const across = Math.min(box.right, its.right) - Math.max(box.left, its.left);
        const down = Math.min(box.bottom, its.bottom) - Math.max(box.top, its.top);
        if (across > 1 && down > 3) clashes.push(text + ' on ' + other);
      }
    });
  }
  return clashes;
}"""
SMALLEST_TEXT = """() => Math.min(...[...document.querySelectorAll('figure svg')].filter(node => node.getClientRects().length)
  .flatMap(node => [...node.querySelectorAll('text.label')].map(
    text => parseFloat(text.getAttribute('font-size')) * node.getBoundingClientRect().width / node.viewBox.baseVal.width)))"""


@pytest.mark.parametrize(("width", "height"), [(1366, 768), (390, 844)])
@pytest.mark.parametrize("count", [12, 200])
def test_report_reads_well_on_laptop_and_phone(
    width: int, height: int, count: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not CHROMIUM:
        pytest.skip("no Chromium on this machine")
    monkeypatch.setitem(os.environ, "DJANGO_ALLOW_ASYNC_UNSAFE", "true")
    from playwright.sync_api import sync_playwright

    path = tmp_path / "report.html"
    path.write_bytes(report_html(synthetic_context(count), synthetic_outlines()))
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        page = browser.new_page(viewport={"width": width, "height": height})
        seen: list[str] = []
        page.on("request", lambda request: seen.append(request.url))
        page.on("console", lambda message: seen.append(message.text))
        page.goto(path.as_uri())
        assert seen == [path.as_uri()]
        assert page.evaluate("document.documentElement.scrollWidth") == width
        assert page.evaluate(CLASHES) == []
        assert page.evaluate(SMALLEST_TEXT) >= 10
        assert page.locator("#table-ranking").is_visible()
        first = page.locator("details.measure").first
        first.locator("summary").click()
        assert first.locator("table").first.is_visible()
        browser.close()


def test_a_comparison_takes_the_width_of_the_screen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It has no contents beside it: in the report's columns it would stand in the narrow one."""
    if not CHROMIUM:
        pytest.skip("no Chromium on this machine")
    monkeypatch.setitem(os.environ, "DJANGO_ALLOW_ASYNC_UNSAFE", "true")
    from playwright.sync_api import sync_playwright

    path = tmp_path / "comparison.html"
    blocks = [heading("What moved"), paragraph("Nothing."), table([("Measure", "left", 1.0)], [["One"]])]
    path.write_text(template("comparison.html").render(Context({"title": "A border", "blocks": blocks})), "utf-8")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        page = browser.new_page(viewport={"width": 1366, "height": 768})
        page.goto(path.as_uri())
        assert page.evaluate("document.querySelector('main').getBoundingClientRect().width") > 1000
        browser.close()
