"""What every test may rely on, and the rule that CI skips no test of the database, the broker or the browser."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.utils import translation
from hypothesis import HealthCheck, settings

from planner.config.threads import one_thread_per_worker

one_thread_per_worker()

MAY_NOT_SKIP = ("needs_database", "needs_broker", "needs_browser")

LEFT_OUT = pytest.StashKey[int]()
GOLDEN = Path(__file__).resolve().parent / "golden"

settings.register_profile("default", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("ci", parent=settings.get_profile("default"), derandomize=True)
settings.load_profile("ci" if os.environ.get("CI_STRICT") else "default")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--rewrite-golden", action="store_true", help="write tests/golden anew instead of comparing")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    for item in items:
        if "golden" in getattr(item, "fixturenames", ()):
            item.add_marker("golden")
    if not django_settings.EMBEDDED_BROKER:
        # Worker processes elsewhere would take the messages of these; the run on the embedded broker has them.
        left_out = [item for item in items if item.get_closest_marker("embedded_only")]
        config.hook.pytest_deselected(items=left_out)
        config.stash[LEFT_OUT] = len(left_out)
        items[:] = [item for item in items if item not in left_out]


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """A test process tells the one that started it what it left out."""
    if hasattr(session.config, "workeroutput"):
        session.config.workeroutput["left_out"] = session.config.stash.get(LEFT_OUT, 0)


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """Every test process collects all tests, so that each has left out the same."""
    node.config.stash[LEFT_OUT] = getattr(node, "workeroutput", {}).get("left_out", 0)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    if config.stash.get(LEFT_OUT, 0):
        terminalreporter.write_line(
            f"LEFT OUT [{config.stash[LEFT_OUT]}] tests of the embedded worker: this run has a broker server"
        )


@pytest.fixture(autouse=True)
def usual_language() -> Iterator[None]:
    """A page asked for in another language leaves that language with the thread: the next test starts in the usual one."""
    translation.deactivate()
    yield
    translation.deactivate()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]):
    """Under CI_STRICT=1 a skipped test that needs a service fails instead."""
    report = yield
    if report.skipped and os.environ.get("CI_STRICT") and not hasattr(report, "wasxfail"):
        kept = [name for name in MAY_NOT_SKIP if item.get_closest_marker(name)]
        if kept:
            report.outcome = "failed"
            report.longrepr = (
                f"{item.nodeid} was skipped, which CI does not allow for {', '.join(kept)}: {report.longrepr}"
            )
    return report


@pytest.fixture(scope="session")
def reference_data() -> Path:
    """The folder of published results; tests that compare with them are not verified without it."""
    folder = os.environ.get("REFERENCE_DATA", "")
    if not folder or not Path(folder).is_dir():
        pytest.skip("not verified: REFERENCE_DATA names no folder with the published results")
    return Path(folder)


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> Callable[[str, str], None]:
    """Compare a text with the kept one of that name; a missing file is a failure, `make golden` writes it."""

    def compare(name: str, text: str) -> None:
        path = GOLDEN / name
        if request.config.getoption("--rewrite-golden"):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        assert path.exists(), f"{path.name} is missing in tests/golden; make golden writes it"
        assert text == path.read_text(encoding="utf-8"), f"differs from tests/golden/{path.name}"

    return compare


@pytest.fixture
def one_worker(transactional_db) -> Iterator[None]:
    """A Celery worker for the length of a test: in this process, or the processes that already run."""
    from planner.config.embedded import embedded_worker

    with embedded_worker():
        yield
