"""Reading the audit trail: filters, pages, names of what an entry points at, and the same as lines of a spreadsheet."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from functools import lru_cache
from typing import Any, cast

from django import forms
from django.apps import apps
from django.core.exceptions import FieldDoesNotExist
from django.db import connection, models
from django.db.models import F, Q, QuerySet, Value
from django.db.models.functions import Cast, Coalesce, Concat, NullIf, Trim
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.formats import date_format
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from pod_hub.accounts.audit_log import Action, AuditEntry
from pod_hub.accounts.models import Membership, User
from pod_hub.core.audit import HIDDEN
from pod_hub.core.paging import Page, page_of
from pod_hub.core.tenancy import tenant

PERSON = User._meta.label_lower
BUYERS = "orders.order"  # entries about buyers' data that was looked at
NO_PERSON = "none"
NAME_COLUMNS = ("name", "title", "account_id", "sku")
LONGEST_VALUE = 200
ROWS_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Change:
    """One column of an entry, in words."""

    what: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Told:
    """An entry as people read it."""

    entry: AuditEntry
    who: str
    kind: str
    about: str
    changes: list[Change]


@lru_cache(maxsize=1)
def audited_kinds() -> tuple[str, ...]:
    """Return the models whose changes are written down, by what the database itself says."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT c.relname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid WHERE t.tgname = 'audit_rows' AND NOT t.tgisinternal")
        tables = {str(table) for (table,) in cursor.fetchall()}
    return tuple(model._meta.label_lower for model in apps.get_models() if model._meta.db_table in tables)


def kind_name(kind: str) -> str:
    """Return what people call a kind of thing."""
    if kind == PERSON:
        return _("Account")
    try:
        return capfirst(str(apps.get_model(kind)._meta.verbose_name))
    except (LookupError, ValueError):
        return kind


class AuditFilters(forms.Form):
    """Who, what, and when. A wrong value is an error beside its field and filters nothing."""

    who = forms.ChoiceField(label=gettext_lazy("Who"), required=False)
    kind = forms.ChoiceField(label=gettext_lazy("What"), required=False)
    action = forms.ChoiceField(label=gettext_lazy("Done"), required=False, choices=[("", gettext_lazy("Anything done")), *Action.choices])
    since = forms.DateField(label=gettext_lazy("From"), required=False, widget=forms.DateInput(attrs={"type": "date"}))
    until = forms.DateField(label=gettext_lazy("To"), required=False, widget=forms.DateInput(attrs={"type": "date"}))
    object = forms.CharField(label=gettext_lazy("One thing only"), required=False, max_length=40, widget=forms.HiddenInput)

    def __init__(self, *args: Any, psp_id: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        mine = Membership.objects.filter(psp_id=psp_id).select_related("user").order_by("user__first_name", "user__last_name", "pk")
        people = {str(one.user_id): str(one.user) for one in mine}
        kinds = sorted(((kind, kind_name(kind)) for kind in {*audited_kinds(), PERSON, BUYERS}), key=lambda pair: pair[1])
        self._choices("who", [("", _("Anybody")), *people.items(), (NO_PERSON, _("Programs and the hub itself"))])
        self._choices("kind", [("", _("Anything")), *kinds])

    def _choices(self, name: str, choices: list[tuple[str, str]]) -> None:
        cast("forms.ChoiceField", self.fields[name]).choices = choices

    def rows(self) -> QuerySet[AuditEntry]:
        """Return the entries of the open scope that fit, in no order."""
        self.is_valid()
        wanted = {name: value for name, value in self.cleaned_data.items() if value}
        fits = Q()
        if who := wanted.get("who"):
            fits &= Q(actor_user_id__isnull=True) if who == NO_PERSON else Q(actor_user_id=int(who))
        for name, column in (("kind", "kind"), ("action", "action"), ("object", "public_id")):
            if name in wanted:
                fits &= Q(**{column: wanted[name]})
        if since := wanted.get("since"):
            fits &= Q(at__gte=_start_of(since))
        if until := wanted.get("until"):
            fits &= Q(at__lt=_start_of(until + timedelta(days=1)))
        return AuditEntry.objects.filter(fits)


def _start_of(day: Any) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))


def audit_page(filters: AuditFilters, query: Any) -> tuple[list[Told], Page[AuditEntry]]:
    """Return one page of the trail, newest first, in words. Two queries."""
    page = page_of(filters.rows(), by="at", query=query)
    return told(page.rows), page


def told(entries: Sequence[AuditEntry]) -> list[Told]:
    """Put entries into words. One query for the names of everything that they point at."""
    names = _names(_pointed_at(entries))
    return [_told(entry, names) for entry in entries]


def _told(entry: AuditEntry, names: dict[tuple[str, int], str]) -> Told:
    who = names.get((PERSON, entry.actor_user_id)) if entry.actor_user_id else None
    if who is None:
        who = _("somebody who is gone") if entry.actor_user_id else entry.actor_label or _("the hub")
    about = entry.label
    if not about and entry.kind == PERSON and entry.object_id:
        about = names.get((PERSON, entry.object_id), "")
    columns = dict.fromkeys([*entry.before, *entry.after])
    changes = [_change(entry, column, names) for column in columns]
    changes = [one for one in changes if one.before or one.after]  # what was empty when a row came or went says nothing
    return Told(entry, who, kind_name(entry.kind), about, changes)


def _change(entry: AuditEntry, column: str, names: dict[tuple[str, int], str]) -> Change:
    field = _field_of(entry.kind, column)
    what = capfirst(str(field.verbose_name)) if field is not None else capfirst(column.replace("_", " "))
    return Change(what, _value(field, entry.before.get(column), names), _value(field, entry.after.get(column), names))


def _value(field: models.Field[Any, Any] | None, value: Any, names: dict[tuple[str, int], str]) -> str:
    if value is None or value == "":
        return ""
    if value == HIDDEN:
        return _("(not shown)")
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(field, models.ForeignKey) and isinstance(value, int):
        return names.get((_target(field), value), f"#{value}")
    if isinstance(field, models.DateTimeField) and (moment := parse_datetime(str(value))):
        return date_format(timezone.localtime(moment), "j M Y, H:i")
    if field is not None and field.choices:
        value = dict(field.flatchoices).get(value, value)
    text = ", ".join(map(str, value)) if isinstance(value, list) else json.dumps(value) if isinstance(value, dict) else str(value)
    return text if len(text) <= LONGEST_VALUE else f"{text[:LONGEST_VALUE]}…"


@lru_cache(maxsize=512)
def _field_of(kind: str, column: str) -> models.Field[Any, Any] | None:
    try:
        model = apps.get_model(kind)
    except (LookupError, ValueError):
        return None
    return next((field for field in model._meta.local_concrete_fields if field.column == column), None)


def _target(field: models.ForeignKey[Any, Any]) -> str:
    target: type[models.Model] = field.remote_field.model
    return target._meta.label_lower


def _pointed_at(entries: Iterable[AuditEntry]) -> dict[str, set[int]]:
    found: dict[str, set[int]] = {}
    for entry in entries:
        if entry.actor_user_id:
            found.setdefault(PERSON, set()).add(entry.actor_user_id)
        if entry.kind == PERSON and entry.object_id:
            found.setdefault(PERSON, set()).add(entry.object_id)
        for side in (entry.before, entry.after):
            for column, value in side.items():
                field = _field_of(entry.kind, column)
                if isinstance(field, models.ForeignKey) and isinstance(value, int):
                    found.setdefault(_target(field), set()).add(value)
    return found


def _names(wanted: dict[str, set[int]]) -> dict[tuple[str, int], str]:
    parts = []
    for kind, ids in sorted(wanted.items()):
        model = apps.get_model(kind)
        name = _name_expression(model)
        if name is not None:
            rows = model._default_manager.filter(pk__in=ids).order_by()
            parts.append(rows.annotate(told_kind=Value(kind), told_name=Cast(name, models.TextField())).values_list("told_kind", "pk", "told_name"))
    if not parts:
        return {}
    return {(kind, pk): name for kind, pk, name in (parts[0].union(*parts[1:], all=True) if len(parts) > 1 else parts[0])}


def _name_expression(model: type[models.Model]) -> Any:
    if model is User:
        return Coalesce(NullIf(Trim(Concat(F("first_name"), Value(" "), F("last_name"))), Value("")), F("email"))
    for column in NAME_COLUMNS:
        try:
            model._meta.get_field(column)
        except FieldDoesNotExist:
            continue
        return F(column)
    return None


CSV_HEADER = ("when", "who", "from", "what", "which", "id", "done", "field", "before", "after", "request")


def csv_rows(rows: QuerySet[AuditEntry], *, psp_id: int) -> Iterator[list[list[object]]]:
    """Yield the entries that fit, newest first, in portions of lines: one for each changed field. Times are UTC.

    Each portion is read in a scope of its own, which is closed before the portion is handed out: a slow reader holds no transaction.
    """
    last: AuditEntry | None = None
    while True:
        with tenant(psp_id):
            beyond = Q() if last is None else Q(at__lte=last.at) & (Q(at__lt=last.at) | Q(pk__lt=last.pk))
            entries = list(rows.filter(beyond).order_by("-at", "-pk")[:ROWS_AT_ONCE])
            lines = [line for one in told(entries) for line in _lines(one)]
        if not entries:
            return
        yield lines
        last = entries[-1]


def _lines(one: Told) -> Iterator[list[object]]:
    entry = one.entry
    start: list[object] = [
        entry.at.astimezone(UTC).isoformat(timespec="milliseconds"),
        one.who,
        entry.address,
        one.kind,
        one.about,
        entry.public_id or entry.object_id or "",
        entry.get_action_display(),
    ]
    for change in one.changes or [Change("", "", "")]:
        yield [*start, change.what, change.before, change.after, entry.request_id]
