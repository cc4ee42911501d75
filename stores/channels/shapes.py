"""Checking foreign JSON against the typed shapes of a channel's ``schemas.py`` before a mapper reads it."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from functools import lru_cache
from typing import Any, TypeVar, cast, get_args, get_origin, get_type_hints, is_typeddict

from stores.channels.errors import Unreadable

T = TypeVar("T")


def conform(value: object, shape: type[T], path: str) -> T:
    """Return a copy of ``value`` that has the shape, without fields the shape does not know and without nulls.

    Numbers are accepted where text is expected (ids and amounts lose nothing by it), and NUL characters are left out. Anything else that does not fit raises
    ``Unreadable``, which names the field (``path`` and below) and the kind of value, never the value itself.
    """
    try:
        result: T = _reader(cast("Hashable", shape))(value)
    except _Misfit as misfit:
        raise Unreadable(f"{path}{misfit.below} {misfit.what}") from None
    return result


class _Misfit(Exception):
    """A value does not fit. The path grows on the way up, so that what fits pays nothing for it."""

    def __init__(self, what: str, below: str = "") -> None:
        super().__init__(what)
        self.what, self.below = what, below

    def under(self, step: str) -> _Misfit:
        """Return the same complaint as seen from one level higher."""
        return _Misfit(self.what, step + self.below)


@lru_cache(maxsize=256)
def _reader(shape: Any) -> Callable[[object], Any]:
    """Return the function that reads a shape; looked at once, because an order holds hundreds of values."""
    if is_typeddict(shape):
        return _object_reader(shape)
    if get_origin(shape) is list:
        (inner,) = get_args(shape)
        return _list_reader(_reader(inner))
    return _READERS[shape]


def _object_reader(shape: Any) -> Callable[[object], dict[str, Any]]:
    fields = [(name, _reader(inner), name in shape.__required_keys__) for name, inner in get_type_hints(shape).items()]

    def read_object(value: object) -> dict[str, Any]:
        if type(value) is not dict and not isinstance(value, Mapping):  # the second question takes ten times as long
            raise _misfit(value, "an object")
        read: dict[str, Any] = {}
        for name, read_field, required in fields:
            found = value.get(name)
            if found is not None:
                try:
                    read[name] = read_field(found)
                except _Misfit as misfit:
                    raise misfit.under(f".{name}") from None
            elif required:
                raise _Misfit("is missing", f".{name}")
        return read

    return read_object


def _list_reader(read_each: Callable[[object], Any]) -> Callable[[object], list[Any]]:
    def read_list(value: object) -> list[Any]:
        if not isinstance(value, list):
            raise _misfit(value, "a list")
        read: list[Any] = []
        for each in value:
            try:
                read.append(read_each(each))
            except _Misfit as misfit:
                raise misfit.under(f"[{len(read)}]") from None
        return read

    return read_list


def _read_text(value: object) -> str:
    if isinstance(value, str):
        return value.replace("\0", "")  # no text for people holds it, and no database column takes it
    if isinstance(value, int | float) and not isinstance(value, bool):
        return str(value)
    raise _misfit(value, "text")


def _read_number(value: object) -> int:
    if not isinstance(value, bool) and (isinstance(value, int) or (isinstance(value, float) and value.is_integer())):
        return int(value)
    raise _misfit(value, "a whole number")


def _read_truth(value: object) -> bool:
    if isinstance(value, bool):
        return value
    raise _misfit(value, "true or false")


_READERS: dict[Any, Callable[[object], Any]] = {str: _read_text, int: _read_number, bool: _read_truth}


def _misfit(value: object, expected: str) -> _Misfit:
    return _Misfit(f"is {_kind(value)} where {expected} is expected")


def _kind(value: object) -> str:
    if value is None:
        return "empty"
    return {bool: "true or false", int: "a number", float: "a number", str: "text", list: "a list", dict: "an object"}.get(
        type(value), type(value).__name__
    )
