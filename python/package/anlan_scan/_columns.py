"""Columns of whatever holds them: lists, arrays, data frames. It knows no statistics."""

from __future__ import annotations

import sys
from array import array
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any, Union

Label = Any
Time = Union[int, date]

_EPOCH = date(1970, 1, 1).toordinal()


def names(data: Any) -> list[str] | None:
    """The names of a data frame's columns; ``None`` if it is no data frame."""
    if isinstance(data, Mapping):
        return [str(name) for name in data]
    for attribute in ("column_names", "columns"):
        found = getattr(data, attribute, None)
        if found is not None and not callable(found):
            return [str(name) for name in found]
    return None


def pick(data: Any, name: Any, what: str) -> Any:
    """The column called ``name``, or ``name`` itself where it is no name but the values."""
    if not isinstance(name, str):
        return name
    columns = names(data)
    if columns is None:
        raise ValueError(f"{what} is the name {name!r}, but the data are no data frame")
    if name not in columns:
        raise ValueError(f"{what}: there is no column {name!r}; there are {', '.join(columns)}")
    return data[name]


def values(column: Any) -> list[Any]:
    """The values as a list of Python's own objects; dates of any kind as dates."""
    dtype = getattr(column, "dtype", None)
    if getattr(dtype, "kind", None) == "M" and hasattr(column, "to_numpy"):
        column = column.to_numpy()
    if getattr(dtype, "kind", None) == "M":
        column = column.astype("datetime64[D]")
    for method in ("tolist", "to_list", "to_pylist"):
        if hasattr(column, method):
            return list(getattr(column, method)())
    return list(column)


def reals(column: Any, what: str) -> array[float]:
    """The values as doubles."""
    listed = values(column)
    try:
        return array("d", listed)
    except (TypeError, OverflowError):
        for at, value in enumerate(listed):
            try:
                array("d", [value])
            except (TypeError, OverflowError):
                raise ValueError(f"{what} at index {at} is {value!r}, which is no number") from None
        raise


def packed(column: array[float]) -> bytes:
    """As the compiled half takes numbers: little-endian doubles."""
    if sys.byteorder == "big":
        column = array("d", column)
        column.byteswap()
    return column.tobytes()


def pairs(column: Any, what: str, count: int) -> array[float]:
    """``count`` pairs of numbers, one after another."""
    listed = values(column)
    flat: list[Any] = []
    for at, pair in enumerate(listed):
        two = values(pair)
        if len(two) != 2:
            raise ValueError(f"{what} at index {at} has {len(two)} numbers; a pair is needed")
        flat.extend(two)
    if len(listed) != count:
        raise ValueError(f"{what} has {len(listed)} pairs where {count} are needed")
    return reals(flat, what)


def day(value: Any, what: str, at: int) -> tuple[int, bool]:
    """A time as a whole number, and whether it is a date (then in days since 1970-01-01)."""
    if isinstance(value, datetime):
        value = value.date()
    if isinstance(value, str):
        try:
            value = date.fromisoformat(value[:10])
        except ValueError:
            raise ValueError(f"{what} at index {at} is {value!r}; a date is written as 2026-01-31") from None
    if isinstance(value, date):
        return value.toordinal() - _EPOCH, True
    if isinstance(value, bool) or not hasattr(value, "__index__"):
        raise ValueError(f"{what} at index {at} is {value!r}: neither a whole number nor a date")
    return value.__index__(), False


def days(column: Any, what: str) -> tuple[list[int], bool]:
    """Times as whole numbers, and whether they are dates."""
    both = [day(value, what, at) for at, value in enumerate(values(column))]
    kinds = {is_date for _, is_date in both}
    if len(kinds) > 1:
        raise ValueError(f"{what} has dates and numbers; one kind is needed")
    return [number for number, _ in both], kinds == {True}


def as_time(number: int, is_date: bool) -> Time:
    """The reverse of :func:`day`."""
    return date(1970, 1, 1) + timedelta(days=number) if is_date else number
