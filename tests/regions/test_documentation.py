"""The page on the case folder is the column dictionary that the import uses."""

import io
from pathlib import Path

from django.core.management import call_command

PAGE = Path(__file__).resolve().parents[2] / "docs" / "case-folder.md"


def test_page_is_up_to_date():
    out = io.StringIO()
    call_command("case_columns", stdout=out)
    assert PAGE.read_text(encoding="utf-8") == out.getvalue(), "manage.py case_columns > docs/case-folder.md"
