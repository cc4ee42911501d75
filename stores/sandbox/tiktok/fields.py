"""What a request may hold, in one line: ``order_id! skus[{sku_id! quantity!:int}] cancel_reason!``.

A name is a text unless ``:int``, ``:bool`` or ``:list`` (comma-joined, in a query) follows; ``!`` means required, ``[]`` a list of texts, ``{…}`` an
object, ``[{…}]`` a list of objects, ``=A|B`` the only values. Unknown names are refused everywhere: a field in none of TikTok's files does not exist.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

TOKEN = re.compile(r"\s*(?:(?P<name>[A-Za-z_][A-Za-z0-9_]*)|(?P<sign>\[\{|\}\]|\[\]|[{}!])|:(?P<kind>int|bool|list)|=(?P<values>[A-Za-z0-9_|]+))")
Complain = Callable[[str], Exception]


@dataclass(slots=True)
class Field:
    """One name of a request."""

    name: str
    required: bool = False
    kind: str = "text"  # text, int, bool, list
    many: bool = False
    inside: tuple[Field, ...] | None = None
    values: tuple[str, ...] = ()


def fields(text: str) -> tuple[Field, ...]:
    """Return the fields that a line describes."""
    tokens = list(TOKEN.finditer(text))
    if "".join(token.group() for token in tokens) != text.rstrip():
        raise ValueError(f"This is no description of fields: {text!r}")
    return _read(iter(tokens))


def _read(tokens: Iterator[re.Match[str]]) -> tuple[Field, ...]:
    found: list[Field] = []
    for token in tokens:
        sign = token["sign"]
        if token["name"]:
            found.append(Field(token["name"]))
        elif token["kind"]:
            found[-1].kind = token["kind"]
        elif token["values"]:
            found[-1].values = tuple(token["values"].split("|"))
        elif sign == "!":
            found[-1].required = True
        elif sign == "[]":
            found[-1].many = True
        elif sign in ("{", "[{"):
            found[-1].many = sign == "[{"
            found[-1].inside = _read(tokens)
        else:
            return tuple(found)
    return tuple(found)


def check_body(given: Any, known: tuple[Field, ...], *, complain: Complain, unknown: Complain, path: str = "") -> dict[str, Any]:
    """Return a JSON object that has exactly known fields of the right types; raises what ``complain`` or ``unknown`` makes of the first mistake."""
    if not isinstance(given, dict):
        raise complain(f"{path.rstrip('.') or 'the body'} must be an object")
    names = {field.name for field in known}
    for name in given:
        if name not in names:
            raise unknown(path + name)
    for field in known:
        where = path + field.name
        value = given.get(field.name)
        if value is None:
            if field.required:
                raise complain(f"{where} is required")
            continue
        for entry in _entries(field, value, where, complain):
            if field.inside is not None:
                check_body(entry, field.inside, complain=complain, unknown=unknown, path=f"{where}.")
            else:
                _check_value(field, entry, where, complain)
    return {name: value for name, value in given.items() if value is not None}


def _entries(field: Field, value: Any, where: str, complain: Complain) -> list[Any]:
    if not field.many:
        return [value]
    if not isinstance(value, list):
        raise complain(f"{where} must be a list")
    return value


def _check_value(field: Field, value: Any, where: str, complain: Complain) -> None:
    right = isinstance(value, {"text": str, "int": int, "bool": bool}[field.kind]) and not (field.kind == "int" and isinstance(value, bool))
    if not right:
        raise complain(f"{where} must be {'a text' if field.kind == 'text' else field.kind}")
    if field.values and value not in field.values:
        raise complain(f"{where} must be one of {', '.join(field.values)}")


def check_query(given: Mapping[str, list[str]], known: tuple[Field, ...], *, complain: Complain, unknown: Complain) -> dict[str, Any]:
    """Return the typed parameters of a query; raises what ``complain`` or ``unknown`` makes of the first mistake."""
    names = {field.name for field in known}
    for name, values in given.items():
        if name not in names:
            raise unknown(name)
        if len(values) > 1:
            raise complain(f"{name} is given {len(values)} times; join its values with commas")
    read: dict[str, Any] = {}
    for field in known:
        text = given.get(field.name, [""])[0]
        if text == "":
            if field.required:
                raise complain(f"{field.name} is required")
            continue
        read[field.name] = _typed(field, text, complain)
    return read


def _typed(field: Field, text: str, complain: Complain) -> Any:
    if field.kind == "int":
        if not re.fullmatch(r"\d{1,18}", text):
            raise complain(f"{field.name} must be a whole number")
        return int(text)
    if field.kind == "bool":
        if text not in ("true", "false"):
            raise complain(f"{field.name} must be true or false")
        return text == "true"
    if field.kind == "list":
        return text.split(",")
    if field.values and text not in field.values:
        raise complain(f"{field.name} must be one of {', '.join(field.values)}")
    return text
