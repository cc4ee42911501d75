"""What Amazon insists on in a request, and the listed exceptions.

A wrong header, a missing or unknown parameter, a value outside its list or a wrongly typed body field is refused in Amazon's shape. The only
tolerance is ``KNOWN_LIBRARY_ADDITIONS``: what python-amazon-sp-api 2.1.35 adds to requests by itself, as recorded by running it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from stores.sandbox.amazon.answers import Refusal, invalid

# What the library puts into the query of a GET when the caller gives no marketplace of his own.
_ADDED_TO_GET = frozenset({"MarketplaceId", "MarketplaceIds", "marketplace_ids", "marketplaceIds"})
# Operation -> names that the library puts into the query or the JSON body unasked. They are ignored where they mean nothing; no other name is.
KNOWN_LIBRARY_ADDITIONS: dict[str, frozenset[str]] = {
    "searchOrders": _ADDED_TO_GET,
    "searchListingsItems": _ADDED_TO_GET,
    "getListingsItem": _ADDED_TO_GET,
    "putListingsItem": _ADDED_TO_GET,  # into the body
    "patchListingsItem": _ADDED_TO_GET,
    "searchDefinitionsProductTypes": _ADDED_TO_GET,
    "getDefinitionsProductType": _ADDED_TO_GET,
    "getReport": _ADDED_TO_GET,
    "createReport": frozenset({"MarketplaceIds"}),
    # Feed bodies also get the library's own "path" (python-amazon-sp-api.md, "Parameters").
    "createFeedDocument": frozenset({"MarketplaceIds", "marketplaceIds", "path"}),
    "createFeed": frozenset({"path"}),
}

AMZ_DATE = re.compile(r"\d{8}T\d{6}Z")


@dataclass(frozen=True, slots=True)
class Param:
    """One query parameter. ``kind``: text, datetime, int, bool or list (comma-joined)."""

    name: str
    kind: str = "text"
    required: bool = False
    allowed: tuple[str, ...] = ()
    at_least: int | None = None
    at_most: int | None = None  # of an int: its value; of a list: its length


def check_headers(headers: Mapping[str, str], *, hostname: str, hosts: tuple[str, ...], method: str) -> None:
    """Refuse what Amazon's gateway refuses before it looks at anything else."""
    if hostname not in hosts:
        # A gateway chooses its service by Host; one that it does not serve is a bare 403. Catches a client that cuts the name wrongly.
        raise WrongHostError(hostname)
    agent = headers.get("user-agent", "")
    if not agent:
        raise invalid(
            "Missing required header: user-agent.", details="Every call must carry a user-agent header (SP-API, Include a User-Agent header)."
        )
    if len(agent) > 500:
        raise invalid("The user-agent header is longer than 500 characters.")
    date = headers.get("x-amz-date")
    if date is not None and not AMZ_DATE.fullmatch(date):
        raise invalid(f"The x-amz-date header {date!r} is not in the form 20261120T101500Z.")
    if method in ("POST", "PUT", "PATCH") and headers.get("content-type", "").split(";")[0].strip().lower() != "application/json":
        raise Refusal(415, "UnsupportedMediaType", "The content type must be application/json.", error_type="UnsupportedMediaTypeException")


class WrongHostError(Exception):
    """The request names a host that this server does not serve."""


def check_query(given: Mapping[str, list[str]], params: tuple[Param, ...], *, operation: str) -> dict[str, Any]:
    """Return the typed parameters of a request; raises the 400 that names the first thing wrong."""
    known = {param.name: param for param in params}
    for name, values in given.items():
        if name in known and len(values) > 1:
            # Array parameters are `collectionFormat: csv` in every model: one parameter, values joined by commas.
            raise invalid(f"Parameter {name} is given {len(values)} times; join its values with commas.")
        if name not in known and name not in KNOWN_LIBRARY_ADDITIONS.get(operation, frozenset()):
            raise invalid(f"Unknown parameter {name}.", details=f"{operation} takes: {', '.join(known) or 'no parameters'}.")
    read: dict[str, Any] = {}
    for param in params:
        if param.name not in given:
            if param.required:
                raise invalid(f"Missing required parameter {param.name}.")
            continue
        read[param.name] = _read(param, given[param.name][0])
    return read


def _read(param: Param, text: str) -> Any:
    if not text:
        raise invalid(f"Parameter {param.name} is empty.")
    if param.kind == "datetime":
        return parse_time(text, name=param.name)
    if param.kind == "int":
        if not re.fullmatch(r"-?\d{1,9}", text):
            raise invalid(f"Parameter {param.name} must be a whole number, not {text!r}.")
        return _within(param, int(text))
    if param.kind == "bool":
        if text not in ("true", "false"):
            raise invalid(f"Parameter {param.name} must be true or false, not {text!r}.")
        return text == "true"
    if param.kind == "list":
        values = text.split(",")
        if param.at_most is not None and len(values) > param.at_most:
            raise invalid(f"Parameter {param.name} holds {len(values)} values; at most {param.at_most} are allowed.")
        for value in values:
            _among(param, value)
        return values
    return _among(param, text)


def _among(param: Param, value: str) -> str:
    if value == "" or (param.allowed and value not in param.allowed):
        raise invalid(
            f"Invalid value {value!r} for parameter {param.name}.", details=f"Allowed: {', '.join(param.allowed)}." if param.allowed else ""
        )
    return value


def _within(param: Param, number: int) -> int:
    if (param.at_least is not None and number < param.at_least) or (param.at_most is not None and number > param.at_most):
        raise invalid(f"Parameter {param.name} must be between {param.at_least} and {param.at_most}, not {number}.")
    return number


def parse_time(text: Any, *, name: str) -> float:
    """Return an ISO 8601 time as an epoch. A time without a zone, or anything else, is a 400."""
    try:
        if not isinstance(text, str) or "T" not in text:
            raise ValueError
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise invalid("Invalid Input", details=f"{name} must be a time in ISO 8601 format, for example 2026-11-20T10:00:00Z.") from None
    if moment.tzinfo is None:
        raise invalid("Invalid Input", details=f"{name} has no time zone; end it with Z.")
    return moment.timestamp()


@dataclass(frozen=True, slots=True)
class Field:
    """One key of a JSON body. ``kind`` is str, int, list or dict; ``inside`` describes the keys of a dict or of each dict in a list."""

    name: str
    kind: type
    required: bool = False
    inside: tuple[Field, ...] = ()
    of: type | None = None  # what a list holds when not dicts
    free: bool = False  # a dict whose keys are the caller's business


def check_body(body: Any, fields: tuple[Field, ...], *, operation: str) -> dict[str, Any]:
    """Check a JSON body against its fields and return it without the library's known additions."""
    if not isinstance(body, dict):
        raise invalid("The input you have submitted is not valid. The body must be a JSON object.")
    kept = {str(key): value for key, value in body.items() if key not in KNOWN_LIBRARY_ADDITIONS.get(operation, frozenset())}
    _check_object(kept, fields, path="")
    return kept


def _check_object(given: Mapping[str, Any], fields: tuple[Field, ...], *, path: str) -> None:
    known = {field.name: field for field in fields}
    for key in given:
        if key not in known:
            raise invalid(f"The input you have submitted is not valid. Please check the unknown fields [{path}{key}].")
    for field in fields:
        where = f"{path}{field.name}"
        if field.name not in given or given[field.name] is None:
            if field.required:
                raise invalid(f"The input you have submitted is not valid. Please check the missing required fields [{where}].")
            continue
        value = given[field.name]
        if not _is(value, field.kind):
            # models#5094: a number where a string belongs is answered with exactly this sentence.
            raise invalid(f"The input you have submitted is not valid. Please check the fields with invalid type [{where}].")
        if isinstance(value, list):
            for number, entry in enumerate(value):
                if not _is(entry, field.of or dict):
                    raise invalid(f"The input you have submitted is not valid. Please check the fields with invalid type [{where}[{number}]].")
                if field.inside:
                    _check_object(entry, field.inside, path=f"{where}[{number}].")
        elif isinstance(value, dict) and not field.free:
            _check_object(value, field.inside, path=f"{where}.")


def _is(value: Any, kind: type) -> bool:
    return isinstance(value, kind) and not (kind is int and isinstance(value, bool))
