"""What the commands share that import a file into a case: the case, mapping and options from words, and the report."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from regions.importing import registry
from regions.importing.format import Format
from regions.importing.requests import Report
from regions.management import base
from regions.models import Case

SHOWN_DIFFERENCES = 10


def add_arguments(parser: ArgumentParser) -> None:
    """Arguments of every command of this kind."""
    parser.add_argument(
        "--case", metavar="NAME", help="the case to import into; may be left out where there is one only"
    )
    parser.add_argument(
        "--map",
        metavar="FIELD=COLUMN",
        action="append",
        default=[],
        help="the file's column of a field; FIELD==VALUE gives one value to all rows",
    )
    parser.add_argument(
        "--option", metavar="NAME=VALUE", action="append", default=[], help="an option of the format; see its page"
    )
    parser.add_argument(
        "--dry-run", action="store_true", help="check everything and say what would change, store nothing"
    )


def chosen_case(name: str | None) -> Case:
    """The case of the name, or the only one."""
    cases = list(Case.objects.filter(name=name) if name else Case.objects.order_by("name")[:20])
    if len(cases) == 1:
        return cases[0]
    names = ", ".join(Case.objects.order_by("name").values_list("name", flat=True)[:20])
    raise base.BadInput(f"Give --case with the name of a case: {names or 'there is none yet'}.")


def pairs(words: list[str], what: str) -> dict[str, str]:
    """NAME=VALUE texts as a dictionary."""
    found = {}
    for word in words:
        name, equals, value = word.partition("=")
        if not equals or not name:
            raise base.BadInput(f'{what} "{word}": expected NAME=VALUE.')
        found[name] = value
    return found


def typed_options(format: Format, words: list[str]) -> dict[str, Any]:
    """Options as the format has them: flags become true or false."""
    flags = {one.name for one in format.options if one.type == "flag"}
    return {
        name: value.lower() in ("1", "true", "yes") if name in flags else value
        for name, value in pairs(words, "--option").items()
    }


def detected(path: str, wanted: tuple[str, ...] = ()) -> Format:
    """The likeliest format of a file, of some where only those are wanted."""
    found = [one.format for one in registry.detect(path) if not wanted or one.format.id in wanted]
    if not found:
        names = ", ".join(wanted or (one.id for one in registry.formats()))
        raise base.BadInput(f"{path}: no format has such columns. Give --format ({names}) and --map FIELD=COLUMN.")
    return found[0]


def run(command: base.Command, format: Format, options: dict[str, Any]) -> Report:
    """Imports the file and prints what was done."""
    case = chosen_case(options["case"]) if format.needs_case else None
    action = registry.dry_run if options["dry_run"] else registry.load
    report = action(
        format.id,
        options["file"],
        case,
        pairs(options["map"], "--map"),
        options=typed_options(format, options["option"]),
        progress=command.progress,
    )
    command.progress.clear()
    tell(command, format, report)
    return report


def tell(command: base.Command, format: Format, report: Report) -> None:
    """The report in words."""
    for line in report.problems.lines("warning"):
        command.stderr.write(command.style.WARNING(f"warning: {line}"))
    for file, count in report.rows.items():
        command.stdout.write(f"{count:>10} rows  {file}: {format.title}")
    for table, counts in report.changes.items():
        words = ", ".join(f"{count} {what}" for what, count in counts.items() if count)
        if words:
            command.stdout.write(f"{'':>10} {table}: {words}")
    for one in report.differences[:SHOWN_DIFFERENCES]:
        before, after = one["before"], one["after"]
        changed = {name: (before.get(name, ""), after.get(name, "")) for name in {**before, **after}}
        if one["action"] == "updated":
            words = "; ".join(f"{name} {old} -> {new}" for name, (old, new) in changed.items())
            command.stdout.write(f"{'':>10} {one['table']} {one['key']}: {words}")
        else:
            command.stdout.write(f"{'':>10} {one['table']} {one['key']}: {one['action']}")
    if len(report.differences) > SHOWN_DIFFERENCES:
        command.stdout.write(f"{'':>10} and more")
    if report.outcome == "checked":
        command.stdout.write("Dry run: no error found, nothing stored.")
    elif report.outcome == "unchanged":
        command.stdout.write("All of it was there already; nothing changed.")
    else:
        numbers = ", ".join(str(batch.pk) for batch in report.batches)
        command.stdout.write(command.style.SUCCESS(f"Imported as batch {numbers}. undo_import BATCH takes it back."))
