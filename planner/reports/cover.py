"""What the cover says beside the numbers: which run, whose, how far accepted, and what of it is shown."""

from dataclasses import asdict, dataclass
from typing import Any

from planner.models import Run
from planner.models.vocabulary import Review

DATE = "%Y-%m-%d"


@dataclass(frozen=True)
class Cover:
    """Facts of one run that are not results; `kinds` are those that the report is limited to, none for all."""

    run: int | None = None
    review: str = Review.DRAFT
    author: str = ""
    approver: str = ""
    approved_on: str = ""
    kinds: tuple[str, ...] = ()

    @property
    def draft(self) -> bool:
        """Whether nobody has approved it."""
        return self.review == Review.DRAFT

    def to_json(self) -> dict[str, Any]:
        """As the zip keeps it."""
        return asdict(self)


DRAFT = Cover()


def run_cover(run: Run, kinds: tuple[str, ...] = ()) -> Cover:
    """The cover of a run's report."""
    return Cover(
        run=run.pk,
        review=run.review,
        author=_name(run.requested_by),
        approver=_name(run.reviewed_by),
        approved_on=run.reviewed_at.strftime(DATE) if run.reviewed_at else "",
        kinds=kinds,
    )


def cover_from_json(values: Any) -> Cover:
    """What `to_json` gave; ValueError for anything else."""
    if not isinstance(values, dict) or set(values) != set(DRAFT.to_json()):
        raise ValueError("not the facts of a cover")
    texts = (values["review"], values["author"], values["approver"], values["approved_on"], *values["kinds"])
    if not all(isinstance(text, str) for text in texts) or values["review"] not in Review.values:
        raise ValueError("not the facts of a cover")
    if values["run"] is not None and type(values["run"]) is not int:
        raise ValueError("not the facts of a cover")
    return Cover(**{**values, "kinds": tuple(values["kinds"])})


def _name(user: Any) -> str:
    return "" if user is None else user.get_full_name() or user.get_username()
