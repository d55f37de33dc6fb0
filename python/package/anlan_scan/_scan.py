"""Scan statistics: :func:`scan` and what it answers."""

from __future__ import annotations

import math
import os
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from . import _columns as columns
from . import _native, _study


@dataclass(frozen=True)
class Cluster:
    """A window in space and time in which more (or fewer) cases came than chance lets us expect."""

    centre: Any
    """The place in the middle; ``None`` for a cluster everywhere; with a grid of ``centres`` the index of its point."""
    places: tuple[Any, ...]
    """The places in it, nearest to the centre first."""
    start: Any
    """Its first step of time; ``None`` where the data have no times."""
    end: Any
    """Its last step of time, included."""
    steps: int
    """How many steps of time it has."""
    is_everywhere: bool
    """Whether it holds every place: a purely temporal cluster."""
    radius: float | None
    """From the centre to its farthest place: km for ``latlong``, else in the unit of ``xy``; ``None`` without coordinates."""
    ellipse: tuple[float, float] | None
    """Long over short axis, and angle of the long axis to the x axis in degrees; ``None`` for a circle."""
    observed: int
    """Cases seen."""
    expected: float
    """Cases to be expected by chance."""
    ratio: float
    """Observed over expected."""
    relative_risk: float | None
    """Risk inside over risk outside; ``None`` for the permutation model."""
    population: float | None
    """Cases and controls together, for the Bernoulli model."""
    statistic: float
    """Logarithm of the likelihood ratio, times the penalty of an ellipse."""
    p: float | None
    """How often chance alone brings as high a statistic anywhere; ``None`` without replications."""
    gumbel_p: float | None
    """The same from a Gumbel distribution fitted to the replications: it also tells small ones apart."""
    recurrence: float | None
    """Steps of time until chance alone brings as high a statistic, when one looks every ``looks_every`` steps."""

    def to_dict(self) -> dict[str, Any]:
        """All attributes as a dictionary."""
        return asdict(self)


@dataclass(frozen=True)
class ScanResult:
    """What a scan found, the strongest cluster first."""

    clusters: tuple[Cluster, ...]
    """The clusters; also those that chance explains well: see their ``p``."""
    cases: int
    """Cases in all."""
    maxima: tuple[float, ...]
    """The largest statistic of each replication."""

    def to_dicts(self) -> list[dict[str, Any]]:
        """The clusters as dictionaries: ``pandas.DataFrame(result.to_dicts())``, ``polars.DataFrame(...)``."""
        return [cluster.to_dict() for cluster in self.clusters]

    def significant(self, level: float = 0.05) -> list[Cluster]:
        """The clusters with ``p`` at or below ``level``."""
        return [cluster for cluster in self.clusters if cluster.p is not None and cluster.p <= level]

    def __repr__(self) -> str:
        best = self.clusters[0] if self.clusters else None
        strongest = "" if best is None else f", strongest p={best.p}, places={list(best.places)!r}"
        return f"<ScanResult: {self.cases} cases, {len(self.clusters)} clusters{strongest}>"


def scan(
    data: Any,
    *,
    place: Any = None,
    time: Any = None,
    step: int = 1,
    cases: Any = None,
    population: Any = None,
    controls: Any = None,
    latlong: Any = None,
    xy: Any = None,
    neighbours: Any = None,
    centres: Any = None,
    model: str | None = None,
    kind: str | None = None,
    span_min: int = 1,
    span_max: int | None = None,
    first_look: int | None = None,
    population_share_max: float = 0.5,
    distance_max: float = math.inf,
    ellipses: Sequence[tuple[float, float]] = (),
    compactness: float = 0.0,
    rates: str = "high",
    secondary: str = "no_overlap",
    high_cases_min: int = 2,
    low_cases_min: int = 0,
    with_spatial: bool = False,
    with_temporal: bool = False,
    replications: int = 999,
    seed: int = 1,
    stop_after: int | None = None,
    looks_every: float = 1.0,
    threads: int | None = None,
) -> ScanResult:
    """Find where and when more cases came than chance lets us expect.

    A window is a circle or ellipse about a centre, times a span of steps. The windows with the largest likelihood
    ratios are the clusters; replications under the null hypothesis say how often chance alone would bring as unlikely
    a one *anywhere*, so the many looks are paid for.

    **Data**, in one of two shapes:

    - counts as an array of shape ``(places,)`` or ``(places, steps)``. ``place`` and ``time`` then name places and steps
      (default 0, 1, …); ``population`` or ``controls`` have the same shape or ``(places,)``; ``latlong`` or ``xy`` have
      the shape ``(places, 2)``;
    - a data frame with a row for each place and time, or for each case. ``place``, ``time``, ``cases``, ``population``,
      ``controls`` are then names of columns, ``latlong`` and ``xy`` pairs of names. Times are dates or whole numbers;
      ``step`` of them (days) make a step, counted back from the last; steps without a row have no cases. Without
      ``cases`` each row is one. Rows of the same place and step are added up. A population holds until the next is told.

    **Model**: ``"poisson"`` with ``population`` at risk or any expectation of any scale (Kulldorff 1997, Communications in
    Statistics 26); ``"bernoulli"`` with ``controls`` (Kulldorff & Nagarwalla 1995, Statistics in Medicine 14);
    ``"permutation"`` with cases alone over places and times (Kulldorff et al. 2005, PLoS Medicine 2). Default: what fits
    the columns given.

    **Neighbourhood**: ``latlong`` (degrees, distances in km), ``xy`` (any unit), or ``neighbours``: for each place the
    list of places that a growing window takes in, itself first (a sequence of lists of indices, or a dictionary by
    name). ``centres``: points of a grid to use as centres instead of the places. None of them: a purely temporal scan.

    **Windows**: ``kind`` is ``"spatial"`` (all of time; the default with one step), ``"prospective"`` (spans that end with the
    last step: what is alive now, Kulldorff 2001, JRSS A 164; the default with more) or ``"retrospective"`` (every span).
    Spans have ``span_min`` to ``span_max`` steps (default half of all). ``first_look``: the index of the step at which a
    prospective scan was first made; adjusts for all looks since. ``population_share_max`` of the population at
    risk (0–1) and ``distance_max`` bound the size. ``ellipses``: pairs of shape (long over short axis) and angle in degrees;
    ``compactness``: exponent of their penalty (Kulldorff et al. 2006, Statistics in Medicine 25). ``with_spatial`` and
    ``with_temporal`` add windows over all of time and over all places.

    **What is told**: ``rates`` ``"high"``, ``"low"`` or ``"both"``; clusters have at least ``high_cases_min`` (or
    ``low_cases_min``) cases; ``secondary`` says which weaker clusters are told beside stronger ones: ``"no_overlap"``,
    ``"no_centre_in_stronger"``, ``"no_centre_in_weaker"``, ``"no_centre_in_other"``, ``"no_centres_in_each_other"``,
    ``"everything"``.

    **Chance**: ``replications`` under the null hypothesis from ``seed``, the same on any number of ``threads`` (default: all).
    ``stop_after``: stop when so many were as extreme as the strongest cluster (Besag & Clifford 1991, Biometrika 78).
    ``looks_every``: steps between two looks, for ``recurrence``. Ctrl-C ends it between rounds of replications.

    Raises ``ValueError`` for data or settings that cannot be, with the place and the reason.

    >>> from anlan_scan import scan
    >>> found = scan([9, 11, 10, 31, 29], population=[100] * 5, xy=[(x, 0) for x in range(5)])
    >>> found.clusters[0].places, found.clusters[0].observed, found.clusters[0].p
    ((4, 3), 60, 0.001)
    """
    if population is not None and controls is not None:
        raise ValueError("either `population` or `controls`: they belong to different models")
    if latlong is not None and xy is not None:
        raise ValueError("either `latlong` or `xy`: places have one kind of coordinates")
    what = "controls" if controls is not None else "population"
    baseline = controls if controls is not None else population
    if model is None:
        model = "bernoulli" if controls is not None else "poisson" if population is not None else "permutation"
    if (model == "poisson" and controls is not None) or (model == "bernoulli" and population is not None):
        raise ValueError(f"the model {model!r} does not take `{what}`")
    coordinates = latlong if latlong is not None else xy
    if columns.names(data) is None:
        if cases is not None:
            raise ValueError("`cases` names a column of a data frame; an array has the cases itself")
        table = _study.from_arrays(
            data, place=place, time=time, baseline=baseline, what=what, coordinates=coordinates
        )
    else:
        table = _study.from_frame(
            data,
            place=place,
            time=time,
            step=step,
            cases=cases,
            baseline=baseline,
            what=what,
            coordinates=coordinates,
        )
    steps = len(table.starts)
    if kind is None:
        kind = "spatial" if steps == 1 else "prospective"
    geography = _geography(table, latlong is not None, neighbours, centres)
    if kind == "spatial" and geography["places"] is None and geography["neighbours"] is None:
        raise ValueError("a spatial scan needs `latlong`, `xy` or `neighbours`")
    look = {
        "kind": kind,
        "span_min": _whole(span_min, "span_min"),
        "span_max": max(1, steps // 2) if span_max is None else _whole(span_max, "span_max"),
        "first_look": None if first_look is None else _whole(first_look, "first_look"),
        "population_share_max": population_share_max,
        "distance_max": distance_max,
        "ellipses": [(float(shape), float(angle)) for shape, angle in ellipses],
        "compactness": compactness,
        "rates": rates,
        "secondary": secondary,
        "high_cases_min": _whole(high_cases_min, "high_cases_min"),
        "low_cases_min": _whole(low_cases_min, "low_cases_min"),
        "with_spatial": with_spatial,
        "with_temporal": with_temporal,
    }
    runs = {
        "replications": _whole(replications, "replications"),
        "seed": _whole(seed, "seed"),
        "threads": (os.cpu_count() or 1) if threads is None else _whole(threads, "threads"),
        "stop_after": None if stop_after is None else _whole(stop_after, "stop_after"),
        "steps_between_looks": looks_every,
    }
    study = {
        "places": len(table.places),
        "steps": steps,
        "cases": columns.packed(table.cases),
        "model": model,
        "baseline": None if table.baseline is None else columns.packed(table.baseline),
    }
    told = _native.scan(study, geography, look, runs)
    clusters = tuple(_cluster(one, table, centres is not None) for one in told["clusters"])
    return ScanResult(clusters, told["cases"], tuple(told["maxima"]))


def _whole(value: Any, what: str) -> int:
    if isinstance(value, bool) or not hasattr(value, "__index__") or value.__index__() < 0:
        raise ValueError(f"`{what}` is {value!r}; a whole number of 0 or more is needed")
    return int(value.__index__())


def _geography(table: _study.Table, is_latlong: bool, neighbours: Any, centres: Any) -> dict[str, Any]:
    grid = None
    if centres is not None:
        if table.coordinates is None:
            raise ValueError("`centres` need the places' own `latlong` or `xy`")
        listed = columns.values(centres)
        grid = columns.packed(columns.pairs(listed, "centres", len(listed)))
    return {
        "is_latlong": is_latlong,
        "places": None if table.coordinates is None else columns.packed(table.coordinates),
        "centres": grid,
        "neighbours": None if neighbours is None else _lists(table, neighbours),
    }


def _lists(table: _study.Table, neighbours: Any) -> list[list[int]]:
    if not isinstance(neighbours, Mapping):
        return [[_whole(value, "neighbours") for value in columns.values(own)] for own in neighbours]
    lists = []
    for place in table.places:
        own = columns.values(neighbours.get(place, [place]))
        strangers = [one for one in own if one not in table.order]
        if strangers:
            raise ValueError(f"the neighbour {strangers[0]!r} of {place!r} is no place of the data")
        lists.append([table.order[one] for one in own])
    return lists


def _cluster(told: dict[str, Any], table: _study.Table, has_grid: bool) -> Cluster:
    first, until = told.pop("from_step"), told.pop("until_step")
    at_centre = told.pop("centre")
    centre = None if told["is_everywhere"] else at_centre if has_grid else table.places[at_centre]
    return Cluster(
        centre=centre,
        places=tuple(table.places[at] for at in told.pop("places")),
        start=table.starts[first],
        end=table.ends[until - 1],
        steps=until - first,
        **told,
    )
