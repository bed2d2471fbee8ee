"""Why a service refuses or postpones."""

from collections.abc import Sequence


class RunRefused(Exception):
    """The run cannot be started; `problems` lists everything that must be mended first."""

    def __init__(self, problems: Sequence[str]) -> None:
        self.problems = list(problems)
        super().__init__("; ".join(self.problems[:50]))


class PartPostponed(Exception):
    """The part met a fault that can pass (database busy, out of memory); it waits again and should be tried later."""


class RunFailed(Exception):
    """What was asked is right, and could not be computed; the text says why."""
