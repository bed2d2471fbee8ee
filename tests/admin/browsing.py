"""A real browser for the tests of pages: faults are kept, pictures are left in the folder that SCREENSHOTS names."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.contrib.auth import get_user_model
from django.urls import reverse

PASSWORD = "a password for tests"
CHROMIUM = (
    os.environ.get("CHROMIUM")
    or shutil.which("chromium")
    or shutil.which("chromium-browser")
    or shutil.which("google-chrome")
)
ARGUMENTS = [
    "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-component-update",
    "--disable-sync",
]  # fmt: skip
LAPTOP, PHONE = {"width": 1366, "height": 768}, {"width": 390, "height": 844}


@contextmanager
def browser() -> Iterator:
    """Chromium; the test is skipped where there is none."""
    if not CHROMIUM:
        pytest.skip("no Chromium on this machine")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield started
        started.close()


def open_page(started, address: str, **context):
    """A page at laptop size; every fault of the console and every request that leaves the server is kept in `faults`."""
    page = started.new_context(**{"viewport": LAPTOP, "base_url": address, **context}).new_page()
    page.faults = []
    page.asked = []
    page.on("console", lambda message: page.faults.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: page.faults.append(str(error)))
    page.on("request", lambda one: page.asked.append(one.url))
    page.on(
        "request",
        lambda one: None if one.url.startswith((address, "data:", "blob:")) else page.faults.append(one.url),
    )
    return page


def sign_in(page, name: str = "root") -> None:
    """As the person of that name, a superuser made now if there is nobody."""
    user_model = get_user_model()
    if not user_model.objects.filter(username=name).exists():
        user_model.objects.create_superuser(name, f"{name}@example.org", PASSWORD)
    page.goto(reverse("admin:login"))
    page.fill("#id_username", name)
    page.fill("#id_password", PASSWORD)
    page.click("#login-form [type=submit]")
    page.wait_for_url("**/admin/")


def picture(page, name: str, full: bool = True) -> None:
    """A picture of the page for people to look at."""
    if folder := os.environ.get("SCREENSHOTS"):
        Path(folder).mkdir(parents=True, exist_ok=True)
        page.screenshot(path=str(Path(folder) / f"{name}.png"), full_page=full)


def serious_problems(page, rules: list[str] | None = None) -> list[str]:
    """What axe-core finds on the page that is serious or critical; its own style attributes are no fault of the page."""
    from axe_playwright_python.sync_playwright import Axe

    kept = list(page.faults)
    # The script stays with the page: a second look needs no second copy.
    if page.evaluate("typeof window.axe") == "undefined":
        page.evaluate(Axe().axe_script)
    options = {"resultTypes": ["violations"], **({"runOnly": rules} if rules else {})}
    violations = page.evaluate("options => axe.run(document, options)", options)["violations"]
    page.faults[:] = kept
    return [
        f"{one['id']}: {one['help']}: {[node['html'][:120] for node in one['nodes'][:3]]}"
        for one in violations
        if one["impact"] in ("serious", "critical")
    ]


# Everything on the page that can be acted on and is seen; what takes the arrow keys inside one stop of the Tab key is left
# to that stop, as are parts that are switched off.
ACTIONS = """() => {
  const kinds = 'a[href], button, input, select, textarea, summary, [contenteditable=true], '
    + '[role=button], [role=link], [role=tab], [role=switch], [role=checkbox], [role=radio], [role=slider], [role=menuitem]';
  const seen = one => {
    const box = one.getBoundingClientRect();
    return box.width > 1 && box.height > 1 && one.checkVisibility({ visibilityProperty: true, opacityProperty: false });
  };
  const groups = '[role=radiogroup], [role=tablist], [role=toolbar], [role=menu], [role=listbox]';
  const ofGroup = one => {
    const group = one.closest(groups);
    return (group && group.querySelector('[tabindex="0"]') && one.tabIndex < 0)
      || (one.type === 'radio' && document.querySelectorAll(`input[name="${CSS.escape(one.name)}"]`).length > 1);
  };
  window.actions = [...document.querySelectorAll(kinds)].filter(
    one => seen(one) && !one.disabled && !one.closest('[inert], [aria-hidden=true]') && !ofGroup(one));
  // From the start of the page, wherever it has put the focus itself.
  const start = document.createElement('button');
  document.body.prepend(start);
  start.focus();
  start.remove();
  window.standing = one => [one, one.parentElement, one.nextElementSibling].filter(Boolean);
  window.shadows = new Map(window.actions.flatMap(standing).map(node => [node, getComputedStyle(node).boxShadow]));
  return window.actions.length;
}"""
# Which of them has the focus, and whether that is seen: an outline, or a shadow that was not there before, of its own or of
# what stands for it.
FOCUSED = """() => {
  const one = document.activeElement;
  if (!one || one === document.body || one === document.documentElement) return { at: -2 };
  const ringed = node => {
    const style = getComputedStyle(node);
    return (style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) > 0)
      || style.boxShadow !== (window.shadows.get(node) ?? 'none');
  };
  return { at: window.actions.indexOf(one), ring: window.standing(one).some(ringed), html: one.outerHTML.slice(0, 120) };
}"""
NOT_REACHED = "seen => window.actions.filter((_, at) => !seen.includes(at)).map(one => one.outerHTML.slice(0, 120))"


def keyboard_faults(page) -> list[str]:
    """What the Tab key does not come to, or comes to unseen, or does not get away from."""
    count = page.evaluate(ACTIONS)
    seen: set[int] = set()
    found: list[str] = []
    for _ in range(4 * count + 20):
        page.keyboard.press("Tab")
        focused = page.evaluate(FOCUSED)
        if focused["at"] == -2:  # past the last one, to the browser itself
            break
        if focused["at"] >= 0 and focused["at"] not in seen and not focused["ring"]:
            found.append(f"no ring on {focused['html']}")
        seen.add(focused["at"])
    else:
        found.append("the Tab key does not leave the page")
    return found + [f"not reached by Tab: {html}" for html in page.evaluate(NOT_REACHED, sorted(seen))]


def scrolls_sideways(page) -> bool:
    """Whether the page stays wider than its window; charts are drawn anew a moment after the window changes."""
    for _ in range(50):
        if not page.evaluate("document.documentElement.scrollWidth > window.innerWidth"):
            return False
        page.wait_for_timeout(100)
    return True


def faults_of(page, name: str, address: str, dark: bool = True) -> list[str]:
    """What is wrong with one page, in light and dark, at a desk and on a phone."""
    page.goto(address)
    # The policy refuses evaluated scripts, so it is waited for elements.
    page.locator("[data-map]:not([data-ready]), figure[data-chart]:not([data-drawn])").first.wait_for(state="detached")
    picture(page, name)
    found = [*page.faults, *serious_problems(page), *keyboard_faults(page)]
    if page.locator("[data-owned]").count() or page.title() == "owned":
        found.append("a name became markup")
    for width, size in (("desk", LAPTOP), ("phone", PHONE)):
        page.set_viewport_size(size)
        if scrolls_sideways(page):
            found.append(f"scrolls sideways ({width})")
    if dark:
        page.emulate_media(color_scheme="dark")
        found += [f"dark: {one}" for one in serious_problems(page, ["color-contrast"])]
        picture(page, f"{name}-phone-dark")
        page.emulate_media(color_scheme="light")
    page.set_viewport_size(LAPTOP)
    page.faults.clear()
    return [f"{name}: {one}" for one in found]
