"""From what people hold to what a scan takes: places and steps of time as indices, counts place by place."""

from __future__ import annotations

from array import array
from dataclasses import dataclass, field
from typing import Any

from . import _columns as columns


@dataclass
class Table:
    """Counts by place and step, each place's steps together, and how both are called."""

    places: list[Any]
    starts: list[Any]
    ends: list[Any]
    cases: array[float]
    baseline: array[float] | None = None
    coordinates: array[float] | None = None
    order: dict[Any, int] = field(default_factory=dict)


def from_arrays(
    data: Any, *, place: Any, time: Any, baseline: Any, what: str, coordinates: Any
) -> Table:
    """Counts of shape (places,) or (places, steps)."""
    rows, steps = _rows(data, "cases")
    places = list(range(len(rows))) if place is None else columns.values(place)
    if len(places) != len(rows):
        raise ValueError(f"there are {len(rows)} places and {len(places)} names of places")
    times = list(range(steps)) if time is None else columns.values(time)
    if len(times) != steps:
        raise ValueError(f"there are {steps} steps of time and {len(times)} names of steps")
    table = Table(places, times, times, _flat(rows))
    if baseline is not None:
        own, own_steps = _rows(baseline, what)
        if len(own) != len(rows) or own_steps not in (1, steps):
            raise ValueError(
                f"{what} has the shape ({len(own)}, {own_steps}) where the cases have ({len(rows)}, {steps})"
            )
        table.baseline = _flat([row * steps if own_steps == 1 else row for row in own])
    if coordinates is not None:
        table.coordinates = columns.pairs(coordinates, "coordinates", len(rows))
    table.order = _order(places)
    return table


def _rows(data: Any, what: str) -> tuple[list[array[float]], int]:
    rows: list[array[float]] = []
    for at, row in enumerate(columns.values(data)):
        is_number = isinstance(row, (int, float)) or not hasattr(row, "__iter__")
        rows.append(columns.reals([row] if is_number else row, f"{what} of place {at}"))
    steps = len(rows[0]) if rows else 0
    for at, row in enumerate(rows):
        if len(row) != steps:
            raise ValueError(f"{what}: place {at} has {len(row)} steps of time where place 0 has {steps}")
    return rows, steps


def _flat(rows: list[array[float]]) -> array[float]:
    flat = array("d")
    for row in rows:
        flat.extend(row)
    return flat


def _order(places: list[Any]) -> dict[Any, int]:
    order = {place: at for at, place in enumerate(places)}
    if len(order) != len(places):
        twice = next(place for at, place in enumerate(places) if order[place] != at)
        raise ValueError(f"the place {twice!r} is named twice")
    return order


def from_frame(
    data: Any,
    *,
    place: Any,
    time: Any,
    step: int,
    cases: Any,
    baseline: Any,
    what: str,
    coordinates: Any,
) -> Table:
    """A long data frame: a row for each place and time, or for each case."""
    if place is None:
        raise ValueError("`place` has to name the column with the places")
    labels = columns.values(columns.pick(data, place, "place"))
    order: dict[Any, int] = {}
    for label in labels:
        order.setdefault(label, len(order))
    rows = len(labels)
    at_step, starts, ends = _steps(data, time, step, rows)
    cells = [order[label] * len(starts) + slot for label, slot in zip(labels, at_step)]
    table = Table(list(order), starts, ends, array("d", bytes(8 * len(order) * len(starts))), order=order)
    counts = array("d", [1.0]) * rows if cases is None else _column(data, cases, "cases", rows)
    for cell, count in zip(cells, counts):
        table.cases[cell] += count
    if baseline is not None:
        numbers = _column(data, baseline, what, rows)
        table.baseline = _spread(cells, numbers, len(order), len(starts), what == "controls")
    if coordinates is not None:
        table.coordinates = _located(data, coordinates, labels, order)
    return table


def _column(data: Any, name: Any, what: str, rows: int) -> array[float]:
    numbers = columns.reals(columns.pick(data, name, what), what)
    if len(numbers) != rows:
        raise ValueError(f"{what} has {len(numbers)} values where the data have {rows} rows")
    return numbers


def _steps(data: Any, time: Any, step: int, rows: int) -> tuple[list[int], list[Any], list[Any]]:
    if step < 1:
        raise ValueError("`step` is 1 or more: days, or units of the numbers in the column of times")
    if time is None:
        return [0] * rows, [None], [None]
    numbers, is_date = columns.days(columns.pick(data, time, "time"), "time")
    if len(numbers) != rows:
        raise ValueError(f"time has {len(numbers)} values where the data have {rows} rows")
    if not numbers:
        return [], [], []
    # The last step is whole: what is newest matters most.
    last = max(numbers)
    count = (last - min(numbers)) // step + 1
    first = last - count * step + 1
    starts = [columns.as_time(first + at * step, is_date) for at in range(count)]
    ends = [columns.as_time(first + (at + 1) * step - 1, is_date) for at in range(count)]
    return [(number - first) // step for number in numbers], starts, ends


def _spread(
    cells: list[int], numbers: array[float], places: int, steps: int, is_count: bool
) -> array[float]:
    """Sums by place and step. A population holds until the next one is told, the first also before."""
    sums: dict[int, float] = {}
    for cell, number in zip(cells, numbers):
        sums[cell] = sums.get(cell, 0.0) + number
    spread = array("d", bytes(8 * places * steps))
    for place in range(places):
        own = range(place * steps, (place + 1) * steps)
        known = 0.0 if is_count else next((sums[cell] for cell in own if cell in sums), 0.0)
        for cell in own:
            known = sums.get(cell, 0.0 if is_count else known)
            spread[cell] = known
    return spread


def _located(data: Any, names: Any, labels: list[Any], order: dict[Any, int]) -> array[float]:
    if len(names) != 2:
        raise ValueError("coordinates are a pair of columns")
    first, second = (_column(data, name, f"coordinate {name}", len(labels)) for name in names)
    found: dict[Any, tuple[float, float]] = {}
    for at, label in enumerate(labels):
        pair = (first[at], second[at])
        if found.setdefault(label, pair) != pair and pair == pair:
            raise ValueError(f"the place {label!r} lies at {found[label]} and, in row {at}, at {pair}")
    flat = array("d")
    for label in order:
        flat.extend(found[label])
    return flat
