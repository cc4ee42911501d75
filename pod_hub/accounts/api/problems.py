"""Errors of the API as problem details (RFC 9457): what happened, why, what to do next, in words and as a stable ``code``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import ceil
from typing import Any, ClassVar

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from rest_framework import exceptions
from rest_framework.response import Response

CONTENT_TYPE = "application/problem+json"
DOCS = "/api/v1/docs/"


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of problem: its status, its title, and for the reference what it means to a program."""

    status: int
    title: Any
    meaning: Any


KINDS: Mapping[str, Kind] = {
    "unreadable": Kind(400, gettext_lazy("The request could not be read"), gettext_lazy("Body, parameter, header or cursor has the wrong form. Correct the program.")),
    "unauthenticated": Kind(401, gettext_lazy("No valid API key"), gettext_lazy("The key is missing, unknown, expired or revoked.")),
    "scope_missing": Kind(403, gettext_lazy("The key may not do this"), gettext_lazy("The key lacks the scope that the problem names.")),
    "not_found": Kind(404, gettext_lazy("Nothing is there"), gettext_lazy("No such address or object, or it belongs to somebody else.")),
    "method_not_allowed": Kind(405, gettext_lazy("Not with this method"), gettext_lazy("The address exists and takes other methods; see Allow.")),
    "refused": Kind(409, gettext_lazy("Not possible as things stand"), gettext_lazy("The object is not in a state that allows it. Nothing was changed.")),
    "in_progress": Kind(409, gettext_lazy("The same request is still running"), gettext_lazy("Wait a second and repeat it with the same idempotency key.")),
    "media_type": Kind(415, gettext_lazy("Only JSON is read"), gettext_lazy("Send the body as application/json.")),
    "invalid": Kind(422, gettext_lazy("Some values cannot be accepted"), gettext_lazy("errors names each value by a JSON pointer. Nothing was changed.")),
    "key_reused": Kind(422, gettext_lazy("The idempotency key belongs to another request"), gettext_lazy("Use a fresh key for a new request.")),
    "too_many": Kind(429, gettext_lazy("Too many requests"), gettext_lazy("Wait for Retry-After seconds.")),
    "fault": Kind(500, gettext_lazy("The hub failed"), gettext_lazy("Nothing was changed. Repeating the request is safe.")),
    "away": Kind(503, gettext_lazy("The hub cannot answer now"), gettext_lazy("Nothing was changed. Repeat it after Retry-After seconds.")),
}  # fmt: skip


class Refused(exceptions.APIException):
    """What was asked for is not possible as things stand; ``detail`` says why and what to do. 409."""

    status_code = 409
    default_code = "refused"


class InProgress(Refused):
    """The first request with this idempotency key has not ended. 409."""

    default_code = "in_progress"


class KeyReused(exceptions.APIException):
    """The idempotency key came with another request. 422."""

    status_code = 422
    default_code = "key_reused"


class Unreadable(exceptions.ParseError):
    """A header or cursor has the wrong form. 400."""


class BadParameters(exceptions.ValidationError):
    """Query parameters that cannot be read, by name. 400."""


_CODES: Sequence[tuple[type[Exception], str]] = (
    (InProgress, "in_progress"),
    (Refused, "refused"),
    (KeyReused, "key_reused"),
    (BadParameters, "unreadable"),
    (exceptions.ValidationError, "invalid"),
    (exceptions.ParseError, "unreadable"),
    (exceptions.NotAuthenticated, "unauthenticated"),
    (exceptions.AuthenticationFailed, "unauthenticated"),
    (exceptions.PermissionDenied, "scope_missing"),
    (PermissionDenied, "scope_missing"),
    (exceptions.NotFound, "not_found"),
    (Http404, "not_found"),
    (exceptions.MethodNotAllowed, "method_not_allowed"),
    (exceptions.UnsupportedMediaType, "media_type"),
    (exceptions.Throttled, "too_many"),
)


def problem(code: str, detail: str, **extra: Any) -> dict[str, Any]:
    """Return the body of a problem. ``type`` leads to its paragraph in the reference."""
    kind = KINDS[code]
    return {
        "type": f"{settings.PUBLIC_URL}{DOCS}#problem-{code}",
        "title": str(kind.title),
        "status": kind.status,
        "detail": detail,
        "code": code,
    } | extra


def as_problem(error: Exception, _context: Mapping[str, Any]) -> Response | None:
    """Turn an exception of a view into an answer; None for what nobody foresaw, which becomes a 500 with everything rolled back."""
    code = next((code for kind, code in _CODES if isinstance(error, kind)), None)
    if code is None:
        return None
    extra: dict[str, Any] = {}
    if isinstance(error, exceptions.ValidationError):
        where = "parameter" if isinstance(error, BadParameters) else "pointer"
        extra["errors"] = [{where: place, "detail": said} for place, said in _flat(error.detail, where)]
    answer = Response(problem(code, _detail(error, code), **extra), status=KINDS[code].status, content_type=CONTENT_TYPE)
    if header := getattr(error, "auth_header", None):
        answer["WWW-Authenticate"] = header
    if isinstance(error, exceptions.Throttled):
        answer["Retry-After"] = str(max(1, ceil(getattr(error, "wait", None) or 1)))
    return answer


def _detail(error: Exception, code: str) -> str:
    match code:
        case "not_found" if not str(error) or isinstance(error, Http404):
            return _("There is nothing at this address, or it is not yours. Check the id; ids come from the lists.")
        case "invalid":
            return _("Nothing was changed. Correct the values that errors names and send the request again.")
        case "unreadable" if isinstance(error, BadParameters):
            return _("The parameters that errors names cannot be used. The reference lists what each address takes.")
        case "method_not_allowed":
            return _("This address does not take that method. The Allow header names those that it takes.")
        case "media_type":
            return _("The body was sent as something else than JSON. Send it with Content-Type: application/json.")
        case "too_many":
            return _("This key asks faster than it may. Wait as long as Retry-After says, then go on.")
        case "unreadable" if not isinstance(error, Unreadable):
            # The parser's own message quotes the place, which may be a buyer's.
            return _("The body is not readable JSON. Check its syntax and encoding (UTF-8).")
    return str(getattr(error, "detail", error))


def _flat(detail: Any, where: str) -> Iterator[tuple[str, str]]:
    """Yield (JSON pointer or parameter name, sentence) for each error of a serializer."""
    for path, said in _walk(detail, ()):
        if where == "parameter":
            yield path[0] if path else "", said
        else:
            yield "#" + "".join("/" + step.replace("~", "~0").replace("/", "~1") for step in path), said


def _walk(detail: Any, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], str]]:
    if isinstance(detail, Mapping):
        for name, inner in detail.items():
            yield from _walk(inner, path if name == "non_field_errors" else (*path, str(name)))
    elif isinstance(detail, list | tuple):
        for number, inner in enumerate(detail):
            # A list of sentences belongs to the field; a list of mappings to its items.
            yield from _walk(inner, (*path, str(number)) if isinstance(inner, Mapping) else path)
    else:
        yield path, str(detail)


class Pointed:
    """Collects errors by place in the body, for checks that no single field can make."""

    non_field: ClassVar[str] = "non_field_errors"

    def __init__(self) -> None:
        self.found: dict[str, Any] = {}

    def add(self, said: str, *path: str | int) -> None:
        """Note a sentence against a place such as ``("lines", 0, "design")``; one sentence a place."""
        here = self.found
        for step in path[:-1]:
            here = here.setdefault(str(step), {})
        here.setdefault(str(path[-1]), [said])

    def refuse(self) -> None:
        """Raise a ``ValidationError`` when anything was noted."""
        if self.found:
            raise exceptions.ValidationError(self.found)
