"""Lists of the API: parameters that are checked, pages by cursor."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, ClassVar, TypeVar

from django.core import signing
from django.db.models import Model, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from rest_framework import serializers
from rest_framework.request import Request

from pod_hub.accounts.api.problems import BadParameters
from pod_hub.core import keyset

Row = TypeVar("Row", bound=Model)
MOST_ROWS = 100


class ListParameters(serializers.Serializer[Any]):
    """The parameters that every list takes. A list adds its filters as further fields; an unknown parameter is refused, not ignored."""

    cursor = serializers.CharField(
        required=False, max_length=3000, help_text=gettext_lazy("next_cursor of the page before; leave everything else unchanged.")
    )
    limit = serializers.IntegerField(
        required=False, min_value=1, max_value=MOST_ROWS, default=keyset.PAGE_SIZE, help_text=gettext_lazy("Rows on a page.")
    )

    paging: ClassVar[frozenset[str]] = frozenset({"cursor", "limit"})

    @classmethod
    def read(cls, request: Request) -> dict[str, Any]:
        """Return the checked parameters of a request; raises ``BadParameters``."""
        given = request.query_params
        form = cls(data=given.dict())
        errors: dict[str, Any] = {name: [_("This list has no parameter of this name.")] for name in given if name not in form.fields}
        errors |= {name: [_("Give this parameter once.")] for name, values in given.lists() if len(values) > 1}
        if not form.is_valid():
            errors |= form.errors
        if errors:
            raise BadParameters(errors)
        return dict(form.validated_data)


def page_of(request: Request, rows: QuerySet[Row], *, by: Sequence[str], wanted: dict[str, Any], show: Callable[[list[Row]], Any]) -> dict[str, Any]:
    """Return one page as ``{"items", "next_cursor"}``; ``show`` makes the items. One query, and what ``rows`` prefetches.

    A cursor is signed together with the address and the filters it was made for, so that one that is altered, or used with other filters, is
    refused instead of quietly starting over.
    """
    filters = sorted((name, str(value)) for name, value in wanted.items() if name not in ListParameters.paging)
    signer = signing.Signer(salt=f"api cursor {request.path} {filters}")
    token = ""
    if cursor := wanted.get("cursor"):
        try:
            token = signer.unsign(cursor)
        except signing.BadSignature:
            raise BadParameters({"cursor": [_("This cursor is not of this list with these filters. Start again without one.")]}) from None
    found = keyset.page_of(rows, by=by, token=token, size=wanted["limit"])
    return {"items": show(found.rows), "next_cursor": signer.sign(found.after) if found.after else None}
