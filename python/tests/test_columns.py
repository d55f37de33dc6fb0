"""The same data as lists, arrays and data frames give the same answers; what is no data is told."""

import datetime
import unittest

import numpy
import pandas
import polars

import anlan_scan

COUNTS = [[2, 1, 0, 3], [1, 0, 1, 9], [0, 1, 2, 8], [3, 3, 2, 1], [2, 2, 2, 2]]
PLACES = ["north", "river", "market", "hill", "south"]
XY = [(0, 0), (1, 0), (1, 1), (5, 5), (9, 1)]
FIRST = datetime.date(2026, 2, 26)


def long_columns():
    """One row for each place and day with cases."""
    rows = [
        (name, FIRST + datetime.timedelta(days=day), count, x, y)
        for name, (x, y), counts in zip(PLACES, XY, COUNTS)
        for day, count in enumerate(counts)
    ]
    return dict(zip(["place", "day", "n", "x", "y"], map(list, zip(*rows))))


def from_frame(frame):
    return anlan_scan.scan(
        frame, place="place", time="day", cases="n", xy=("x", "y"), replications=99, threads=1
    )


class SameWhateverHoldsIt(unittest.TestCase):
    def test_scan(self):
        days = [FIRST + datetime.timedelta(days=day) for day in range(4)]
        wanted = anlan_scan.scan(COUNTS, place=PLACES, time=days, xy=XY, replications=99, threads=1)
        self.assertEqual(set(wanted.clusters[0].places), {"river", "market"})
        self.assertEqual(wanted.clusters[0].start, datetime.date(2026, 3, 1))
        array = anlan_scan.scan(
            numpy.array(COUNTS), place=numpy.array(PLACES), time=days, xy=numpy.array(XY), replications=99
        )
        self.assertEqual(array, wanted)
        columns = long_columns()
        self.assertEqual(from_frame(columns), wanted)
        self.assertEqual(from_frame(polars.DataFrame(columns)), wanted)
        frame = pandas.DataFrame(columns)
        self.assertEqual(from_frame(frame), wanted)
        frame["day"] = pandas.to_datetime(frame["day"])
        self.assertEqual(from_frame(frame), wanted)
        columns["day"] = [day.isoformat() for day in columns["day"]]
        self.assertEqual(from_frame(columns), wanted)

    def test_cases_one_by_one_and_days_without_any(self):
        columns = long_columns()
        lines = [
            {"place": place, "day": day, "x": x, "y": y}
            for place, day, n, x, y in zip(*columns.values())
            for _ in range(n)
        ]
        frame = pandas.DataFrame(lines).sort_values("place", key=lambda names: names.map(PLACES.index))
        found = anlan_scan.scan(frame, place="place", time="day", xy=("x", "y"), replications=99)
        self.assertEqual(found, from_frame(columns))

    def test_series(self):
        counts = [5 + (t * 7) % 4 for t in range(208)] + [50]
        days = [datetime.date(2020, 1, 6) + datetime.timedelta(weeks=week) for week in range(209)]
        wanted = anlan_scan.farrington(counts, dates=days, years=3, start=-2)
        self.assertEqual([row["alarm"] for row in wanted], [False, True])
        self.assertEqual(wanted[-1]["time"], days[-1])
        self.assertEqual(anlan_scan.farrington(numpy.array(counts), dates=days, years=3, start=-2), wanted)
        for frame in (
            pandas.DataFrame({"n": counts, "week": pandas.to_datetime(days)}),
            polars.DataFrame({"n": counts, "week": days}),
        ):
            found = anlan_scan.farrington("n", data=frame, dates="week", years=3, start=-2)
            self.assertEqual(found, wanted)


class WhatIsNoData(unittest.TestCase):
    def refused(self, words, function, *args, **kwargs):
        with self.assertRaisesRegex(ValueError, words):
            function(*args, **kwargs)

    def test_scan(self):
        scan = anlan_scan.scan
        self.refused("2.5", scan, [1, 2.5], xy=XY[:2], population=[1, 1])
        self.refused("no number", scan, [1, "two"], xy=XY[:2], population=[1, 1])
        self.refused("index 1", scan, [1, float("nan")], xy=XY[:2], population=[1, 1])
        self.refused("place 1 has 1 steps", scan, [[1, 2], [3]], xy=XY[:2])
        self.refused("shape", scan, [1, 2], xy=XY[:2], population=[1, 1, 1])
        self.refused("2 pairs where 3", scan, [1, 2, 3], xy=XY[:2], population=[1, 1, 1])
        self.refused("swapped", scan, [1, 2], latlong=[(116.4, 39.9), (117.2, 39.1)], population=[1, 1])
        self.refused("too few", scan, [0, 1], xy=XY[:2], population=[1, 1])
        self.refused("no population", scan, [3, 1], xy=XY[:2], population=[0, 1])
        self.refused("spatial scan needs", scan, [3, 1], population=[1, 1])
        self.refused("no column 'cell'; there are", from_frame_by, "cell")
        self.refused("named twice", scan, [3, 1], place=["a", "a"], xy=XY[:2], population=[1, 1])
        self.refused("kind is", scan, COUNTS, xy=XY, kind="sideways")
        self.refused("`seed`", scan, COUNTS, xy=XY, seed=-1)
        self.refused("no place", scan, [], xy=[], population=[])
        self.refused("neighbour 'moon'", scan, COUNTS, place=PLACES, neighbours={"hill": ["hill", "moon"]})

    def test_series(self):
        self.refused("empty", anlan_scan.ears, [], start=0)
        self.refused("index 2", anlan_scan.ears, [1, 2, -3, 4, 5, 6, 7, 8])
        self.refused("method is", anlan_scan.ears, [1] * 20, method="C4")
        self.refused("say `start`", anlan_scan.cusum, [1, 2, 3])
        self.refused("needs 263", anlan_scan.farrington, [1] * 100)
        self.refused("not after", anlan_scan.ears, [1] * 8, dates=["2026-01-01"] * 8)
        self.refused("a date is written", anlan_scan.ears, [1] * 8, dates=["01.02.2026"] * 8)
        self.refused("no data frame", anlan_scan.ears, "n", data=None)
        self.refused("p-value|index 0", anlan_scan.adjust, [1.5])


def from_frame_by(place):
    return anlan_scan.scan(long_columns(), place=place, cases="n", xy=("x", "y"))


if __name__ == "__main__":
    unittest.main()
