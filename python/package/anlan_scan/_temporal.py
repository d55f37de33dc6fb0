"""Detectors for one series of counts, and what holds false discoveries over many.

Every detector takes ``counts`` in the order of time, oldest first: a sequence, an array, or the name of a column of
``data``. It answers a list of dictionaries, one per assessed time point, with at least ``at`` (index in the series),
``time`` (its date, where ``dates`` are given), ``observed``, ``expected`` and ``alarm``; ``pandas.DataFrame(rows)`` makes a table
of them.

What all have in common:

``data``: a data frame whose columns the other arguments name.
``per_year``: time points in a year: 365 daily, 52 weekly, 12 monthly.
``dates``: the date of each time point, rising; then "the same week a year ago" goes by the calendar.
``population``: above 0, any unit: rates are compared instead of counts.
``completeness``: the share of each time point's reports that has arrived by now, above 0 and up to 1.
``excluded``: true for time points that must not teach what is usual: imports, known outbreaks, days without data.
``regressors``: columns for the regression, one value per time point each (weekdays, holidays).
``start``: the first time point to assess; negative counts from the end, so ``-1`` is the newest alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from . import _columns as columns
from . import _native

Row = dict[str, Any]


class _Series:
    """A series as the compiled half takes it, and what its time points are called."""

    def __init__(self, counts: Any, known: dict[str, Any], start: int | None, usual_start: int | None) -> None:
        data = known["data"]
        self.counts = columns.reals(columns.pick(data, counts, "counts"), "counts")
        self.dates: list[int] | None = None
        if known["dates"] is not None:
            numbers, is_date = columns.days(columns.pick(data, known["dates"], "dates"), "dates")
            if not is_date:
                raise ValueError("dates are dates (2026-01-31), not numbers")
            self.dates = numbers
        size = len(self.counts)
        first = usual_start if start is None else start + size if start < 0 else start
        if first is None:
            raise ValueError("say `start`, the first time point to assess: everything before it teaches what is usual")
        if start is None and first >= size > 0:
            raise ValueError(f"the series has {size} time points; the method needs {first} before the first it assesses")
        if first < 0:
            raise ValueError(f"start is {start}, but the series has only {size} time points")
        self.native = {
            "counts": columns.packed(self.counts),
            "per_year": _small(known["per_year"]),
            "days": self.dates,
            "population": _optional(data, known["population"], "population"),
            "completeness": _optional(data, known["completeness"], "completeness"),
            "excluded": _excluded(data, known["excluded"]),
            "regressors": [_optional(data, one, "regressors") for one in known["regressors"]],
            "from_point": first,
            "to_point": size,
        }

    def named(self, rows: list[Row]) -> list[Row]:
        """The rows with their dates."""
        if self.dates is None:
            return rows
        return [{"at": row["at"], "time": columns.as_time(self.dates[row["at"]], True), **row} for row in rows]


def _small(value: Any) -> int:
    if not hasattr(value, "__index__") or not 1 <= value.__index__() <= 65535:
        raise ValueError(f"per_year is {value!r}: 365 for days, 52 for weeks, 12 for months")
    return int(value.__index__())


def _optional(data: Any, column: Any, what: str) -> bytes | None:
    if column is None:
        return None
    return columns.packed(columns.reals(columns.pick(data, column, what), what))


def _excluded(data: Any, column: Any) -> list[bool] | None:
    if column is None:
        return None
    return [bool(value) for value in columns.values(columns.pick(data, column, "excluded"))]


def _size(value: Any, what: str) -> int:
    if isinstance(value, bool) or not hasattr(value, "__index__") or value.__index__() < 0:
        raise ValueError(f"`{what}` is {value!r}; a whole number of 0 or more is needed")
    return int(value.__index__())


def ears(
    counts: Any,
    *,
    method: str = "C1",
    baseline: int = 7,
    least_deviation: float = 0.0,
    alpha: float | None = None,
    data: Any = None,
    dates: Any = None,
    excluded: Any = None,
    per_year: int = 365,
    start: int | None = None,
) -> list[Row]:
    """EARS C1, C2 or C3: mean and deviation of a few days just past (Hutwagner et al. 2003, Journal of Urban Health 80).

    ``baseline``: how many time points teach (3 or more); ``least_deviation``: the deviation is not taken smaller than this,
    in counts; ``alpha``: one-sided, default 0.001 for C1 and C2, 0.025 for C3. Default ``start``: the first with a baseline.

    Rows: ``at, observed, expected, upper, alarm, deviation``; ``upper`` is ``None`` where it is 0/0.

    >>> from anlan_scan import ears
    >>> ears([2, 3, 1, 2, 4, 3, 2, 9])[-1]["alarm"]
    True
    """
    size = _size(baseline, "baseline")
    usual = size + {"C1": 0, "C2": 2, "C3": 4}.get(method, 0)
    series = _Series(counts, _known(locals()), start, usual)
    return series.named(_native.ears(series.native, method, size, least_deviation, alpha))


def cusum(
    counts: Any,
    *,
    reference: float = 1.04,
    decision: float = 2.26,
    transform: str = "rossi",
    dispersion: float | None = None,
    mean: float | None = None,
    season: bool = False,
    data: Any = None,
    dates: Any = None,
    excluded: Any = None,
    per_year: int = 52,
    start: int | None = None,
) -> list[Row]:
    """Cumulative sums of transformed counts: small lasting shifts (Rossi et al. 1999, Statistics in Medicine 18).

    ``reference`` k and ``decision`` h in standard deviations; ``transform``: ``"standard"``, ``"rossi"``, ``"anscombe"``,
    ``"anscombe2"``, ``"none"``, or with ``dispersion`` α (variance m + αm²) ``"pearson_nb"``, ``"anscombe_nb"``. ``mean``: in counts,
    if known; else that of everything before ``start``, with ``season`` as a yearly wave. The sum starts at ``start``.

    Rows: ``at, observed, expected, upper, alarm, sum``.

    >>> from anlan_scan import cusum
    >>> [row["alarm"] for row in cusum([4, 5, 3, 4, 8, 9, 8], start=4)]
    [False, False, True]
    """
    series = _Series(counts, _known(locals()), start, None if mean is None else 0)
    settings = {
        "reference": reference,
        "decision": decision,
        "transform": transform,
        "dispersion": dispersion,
        "mean": mean,
        "is_seasonal": season,
    }
    return series.named(_native.cusum(series.native, settings))


def ewma(
    counts: Any,
    *,
    weight: float = 0.3,
    limit: float = 3.0,
    baseline: int = 26,
    data: Any = None,
    dates: Any = None,
    excluded: Any = None,
    per_year: int = 52,
    start: int | None = None,
) -> list[Row]:
    """Exponentially weighted moving average: slow rises (Roberts 1959, Technometrics 1; Lucas & Saccucci 1990).

    ``weight`` λ of the newest count, above 0 and up to 1; ``limit`` in standard deviations; the first ``baseline`` time points
    teach. Default ``start``: the first after them.

    Rows: ``at, observed, expected, upper, alarm, average``; ``upper`` is the limit of the average, not of a count.

    >>> from anlan_scan import ewma
    >>> ewma([5 + t % 3 for t in range(30)] + [9] * 10)[-1]["alarm"]
    True
    """
    size = _size(baseline, "baseline")
    series = _Series(counts, _known(locals()), start, size)
    return series.named(_native.ewma(series.native, weight, limit, size))


def farrington(
    counts: Any,
    *,
    improved: bool = True,
    years: int = 5,
    half_window: int = 3,
    alpha: float | None = None,
    trend: bool = True,
    periods: int = 10,
    reweight_above: float | None = 2.58,
    recent_left_out: int = 26,
    threshold: str = "nb_plugin",
    enough: tuple[float, int] = (5, 4),
    data: Any = None,
    dates: Any = None,
    population: Any = None,
    completeness: Any = None,
    excluded: Any = None,
    regressors: Sequence[Any] = (),
    per_year: int = 52,
    start: int | None = None,
) -> list[Row]:
    """Farrington's method: quasi-Poisson regression on the same weeks of earlier years.

    ``improved``: as Noufaily et al. 2013 (Statistics in Medicine 32), else as Farrington et al. 1996 (JRSS A 159). It
    learns from ``years`` years and ``half_window`` time points to each side; ``alpha``: improved one-sided, default 0.01; else
    two-sided, default 0.05; ``trend``: whether one is considered.

    Improved only: ``periods`` of the year (1: the windows only); ``reweight_above``: rows with a larger residual are weighed
    down, ``None`` never; ``recent_left_out``: time points just before the assessed one that do not teach; ``threshold``:
    ``"nb_plugin"``, ``"muan"`` (upper quantile of the mean) or ``"delta"``; ``enough``: no alarm with fewer than so many cases in
    so many last time points. Default ``start``: the first with enough past.

    Rows: ``at, observed, expected, upper, alarm, score``; improved also ``p, dispersion, trend, enough``, else ``quantile, trend``.
    A ``score`` above 1 is above the bound.

    >>> from anlan_scan import farrington
    >>> row = farrington([5 + (t * 7) % 4 for t in range(208)] + [50], years=3, start=-1)[0]
    >>> row["alarm"], row["upper"] < 20, row["p"] < 1e-6
    (True, True, True)
    """
    back, half = _size(years, "years"), _size(half_window, "half_window")
    usual = back * _small(per_year) + half
    series = _Series(counts, _known(locals()), start, usual)
    if not improved:
        level = 0.05 if alpha is None else alpha
        return series.named(_native.farrington(series.native, back, half, level, trend))
    settings = {
        "years": back,
        "half_window": half,
        "periods": _size(periods, "periods"),
        "reweight_above": reweight_above,
        "recent_left_out": _size(recent_left_out, "recent_left_out"),
        "trend_below": 1.0 if trend else None,
        "alpha": 0.01 if alpha is None else alpha,
        "threshold": threshold,
        "enough": (float(enough[0]), _size(enough[1], "enough")),
    }
    return series.named(_native.farrington_flexible(series.native, settings))


def glr(
    counts: Any,
    *,
    limit: float = 5.0,
    means: Any = None,
    harmonics: int = 1,
    trend: bool = True,
    refit: bool = False,
    dispersion: float | None = None,
    known_change: float | None = None,
    direction: str = "increase",
    window: int | None = 52,
    least: int = 1,
    data: Any = None,
    dates: Any = None,
    population: Any = None,
    excluded: Any = None,
    per_year: int = 52,
    start: int | None = None,
) -> list[Row]:
    """Likelihood-ratio chart for negative-binomial counts: changes of unknown size (Höhle & Paul 2008, CSDA 52).

    ``limit``: alarm limit of the statistic; ``means``: in control, one per assessed time point, if known; else a regression on
    everything before ``start`` with ``harmonics`` yearly waves and, with ``trend``, a trend, learnt anew after an alarm with
    ``refit``. ``dispersion`` α (variance m + αm²): ``None`` estimates it, 0 is Poisson. ``known_change`` κ: the mean becomes e^κ
    times as large; ``None``: any factor, ``direction`` ``"increase"`` or ``"decrease"``. ``window``: look back at most so far,
    ``None`` without end; ``least``: a change needs so many time points.

    Rows: ``at, observed, expected, alarm, score, dispersion``. The chart starts anew after an alarm.

    >>> from anlan_scan import glr
    >>> [row["alarm"] for row in glr([3, 4, 2, 9, 10, 8], means=[3] * 6, dispersion=0)]
    [False, False, False, False, True, False]
    """
    if direction not in ("increase", "decrease"):
        raise ValueError('direction is "increase" or "decrease"')
    series = _Series(counts, _known(locals()), start, None if means is None else 0)
    settings = {
        "limit": limit,
        "means": _optional(data, means, "means"),
        "harmonics": _size(harmonics, "harmonics"),
        "has_trend": trend,
        "refits": refit,
        "dispersion": dispersion,
        "known_change": known_change,
        "is_decrease": direction == "decrease",
        "window": None if window is None else _size(window, "window"),
        "least": _size(least, "least"),
    }
    return series.named(_native.glr(series.native, settings))


def adjust(p: Any, *, dependence: str = "positive") -> list[float]:
    """p-values adjusted for false discoveries, in the order given.

    Calling "adjusted ≤ q" an alarm keeps the expected share of false alarms among alarms at q. ``dependence``: ``"positive"``
    (or none; Benjamini & Hochberg 1995, JRSS B 57) or ``"any"`` (Benjamini & Yekutieli 2001, Annals of Statistics 29).

    >>> from anlan_scan import adjust
    >>> [round(value, 4) for value in adjust([0.01, 0.04, 0.03, 0.5])]
    [0.04, 0.0533, 0.0533, 0.5]
    """
    if dependence not in ("positive", "any"):
        raise ValueError('dependence is "positive" or "any"')
    return _native.adjust(columns.packed(columns.reals(p, "p")), dependence == "any")


_COMMON: dict[str, Any] = {
    "data": None,
    "dates": None,
    "population": None,
    "completeness": None,
    "excluded": None,
    "regressors": (),
    "per_year": 52,
}


def _known(arguments: dict[str, Any]) -> dict[str, Any]:
    """What all detectors share, of one detector's arguments."""
    return {name: arguments.get(name, usual) for name, usual in _COMMON.items()}
