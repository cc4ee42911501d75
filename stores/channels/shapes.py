"""Checking foreign JSON against the typed shapes of a channel's ``schemas.py`` before a mapper reads it."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any, TypeVar, get_args, get_origin, get_type_hints, is_typeddict

from stores.channels.errors import Unreadable

T = TypeVar("T")


def conform(value: object, shape: type[T], path: str) -> T:
    """Return a copy of ``value`` that has the shape, without fields the shape does not know and without nulls.

    Numbers are accepted where text is expected (ids and amounts lose nothing by it), and NUL characters are left out. Anything else that does not fit raises
    ``Unreadable``, which names the field (``path`` and below) and the kind of value, never the value itself.
    """
    result: T = _conform(value, shape, path)
    return result


@lru_cache(maxsize=256)
def _fields(shape: Any) -> dict[str, Any]:
    return get_type_hints(shape)


def _conform(value: object, shape: Any, path: str) -> Any:
    if is_typeddict(shape):
        return _object(value, shape, path)
    if get_origin(shape) is list:
        if not isinstance(value, list):
            raise Unreadable(f"{path} is {_kind(value)} where a list is expected")
        (inner,) = get_args(shape)
        return [_conform(each, inner, f"{path}[{index}]") for index, each in enumerate(value)]
    if shape is str:
        if isinstance(value, str):
            return value.replace("\0", "")  # no text for people holds it, and no database column takes it
        if isinstance(value, int | float) and not isinstance(value, bool):
            return str(value)
    if shape is bool and isinstance(value, bool):
        return value
    if shape is int and not isinstance(value, bool) and (isinstance(value, int) or (isinstance(value, float) and value.is_integer())):
        return int(value)
    raise Unreadable(f"{path} is {_kind(value)} where {_WORDS.get(shape, shape)} is expected")


def _object(value: object, shape: Any, path: str) -> dict[str, Any]:
    if not isinstance(value, Mapping):
        raise Unreadable(f"{path} is {_kind(value)} where an object is expected")
    read: dict[str, Any] = {}
    for name, inner in _fields(shape).items():
        found = value.get(name)
        if found is not None:
            read[name] = _conform(found, inner, f"{path}.{name}")
        elif name in shape.__required_keys__:
            raise Unreadable(f"{path}.{name} is missing")
    return read


_WORDS: dict[Any, str] = {str: "text", int: "a whole number", bool: "true or false"}


def _kind(value: object) -> str:
    if value is None:
        return "empty"
    return {bool: "true or false", int: "a number", float: "a number", str: "text", list: "a list", dict: "an object"}.get(
        type(value), type(value).__name__
    )
