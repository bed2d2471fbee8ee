"""No silent overwriting: a form remembers what it was opened on, and shows both versions where that has changed since."""

from __future__ import annotations

import hashlib
from typing import Any

from django import forms
from django.contrib.gis.geos import GEOSGeometry
from django.core.exceptions import ObjectDoesNotExist
from django.db import models
from django.utils.formats import date_format
from django.utils.html import format_html, format_html_join
from django.utils.timezone import localtime
from django.utils.translation import gettext_lazy as _

LONGEST_REASON = 100
SHOWN_TEXT = 300
# As many digits as somebody types; more would show how numbers are stored.
DIGITS = 12
# Fields that say nothing about what somebody wrote.
OWN_RECORD = ("version", "updated_at", "batch")


class LockedForm(forms.ModelForm):
    """Compares the row as the page showed it with the row as it is stored now."""

    version_seen = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            # The stored row and not the instance, which is an old state where one is being restored.
            stored = self.stored_row(lock=False)
            self.fields["version_seen"].initial = stored and version_of(stored)

    def stored_row(self, lock: bool) -> models.Model | None:
        """The row in the database; None where it is gone."""
        rows = type(self.instance)._default_manager.filter(pk=self.instance.pk)
        return (rows.select_for_update(of=("self",)) if lock else rows).first()

    def _post_clean(self) -> None:
        """After the form's values are in the instance: the row stays locked until it is saved."""
        super()._post_clean()  # type: ignore[misc]
        if not self.instance.pk:
            return
        stored: Any = self.stored_row(lock=True)
        seen = self.cleaned_data.get("version_seen")
        if stored is None:
            self.add_error(None, forms.ValidationError(_("Somebody else deleted this since you opened it.")))
            return
        now = version_of(stored)
        if seen and seen != now:
            self.refuse(stored, now)
        if hasattr(stored, "version"):
            self.instance.version = stored.version + 1

    def refuse(self, stored: models.Model, now: str) -> None:
        """Show both versions; what was typed stays on the page, and saving again is then meant."""
        message = format_html(
            "{} {}{}",
            _("Somebody else changed this since you opened it."),
            changed_by(stored),
            both_versions(stored, self.instance),
        )
        self.add_error(None, forms.ValidationError(message, code="changed_meanwhile"))
        data: Any = self.data.copy()  # type: ignore[attr-defined]
        data[self.add_prefix("version_seen")] = now
        self.data = data


class VersionedForm(LockedForm):
    """A page of one row: also asks why it is changed, for the history."""

    change_reason = forms.CharField(
        label=_("Reason for this change"),
        required=False,
        max_length=LONGEST_REASON,
        widget=forms.TextInput(attrs={"class": "vTextField"}),
        help_text=_("Stands in the history beside who and when."),
    )


def own_fields(row: models.Model | type[models.Model]) -> list[models.Field]:
    """The columns that hold what somebody wrote."""
    return [one for one in row._meta.concrete_fields if not one.primary_key and one.name not in OWN_RECORD]


def version_of(row: models.Model) -> str:
    """The number of the row's version, or a digest of its values where it has none."""
    version = getattr(row, "version", None)
    if version is not None:
        return str(version)
    values = "\x00".join(f"{one.attname}={getattr(row, one.attname)!r}" for one in own_fields(row))
    return hashlib.sha256(values.encode()).hexdigest()[:32]


def changed_by(row: Any) -> Any:
    """Who changed it and when, where the history knows."""
    last = row.history.select_related("history_user").first() if hasattr(row, "history") else None
    if last is None or last.history_user is None:
        return ""
    return format_html(
        str(_("The last change is by {}, {}.")),
        last.history_user.get_username(),
        date_format(localtime(last.history_date), "DATETIME_FORMAT"),
    )


def both_versions(stored: models.Model, typed: models.Model) -> Any:
    """A table of the values that differ: as stored now, and as typed here."""
    rows = [
        (one.verbose_name, shown(stored, one), shown(typed, one))
        for one in own_fields(stored)
        if plain(getattr(stored, one.attname)) != plain(getattr(typed, one.attname))
    ]
    if not rows:
        return format_html("<br>{}", _("Both versions hold the same values; save again to keep yours."))
    body = format_html_join("", '<tr><th scope="row">{}</th><td>{}</td><td>{}</td></tr>', rows)
    return format_html(
        '<table class="both-versions"><thead><tr><th scope="col">{}</th><th scope="col">{}</th><th scope="col">{}</th>'
        "</tr></thead><tbody>{}</tbody></table>{}",
        _("Field"),
        _("Stored now"),
        _("Yours, below"),
        body,
        _("Nothing of yours is lost: take over below what you want of the other version. Saving now replaces it."),
    )


def plain(value: Any) -> Any:
    """A value that can be compared: empty text and nothing are the same to a form."""
    if isinstance(value, GEOSGeometry):
        return value.wkb
    return "" if value is None else value


def shown(row: models.Model, field: models.Field) -> str:
    """A value in words, cut where it is long."""
    display = getattr(row, f"get_{field.name}_display", None)
    try:
        value = display() if display else getattr(row, field.name)
    except ObjectDoesNotExist:
        value = getattr(row, field.attname)
    if isinstance(value, GEOSGeometry):
        value = value.wkt
    text = "–" if value in (None, "") else f"{value:.{DIGITS}g}" if isinstance(value, float) else str(value)
    return text if len(text) <= SHOWN_TEXT else f"{text[: SHOWN_TEXT - 1]}…"
