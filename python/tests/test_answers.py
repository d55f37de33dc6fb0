"""The answers themselves, and what the module promises around them."""

import doctest
import importlib
import math
import pathlib
import signal
import threading
import time
import unittest

import anlan_scan

LINE = [(x, 0) for x in range(5)]


class Scan(unittest.TestCase):
    def test_recurrence_of_adjusted_looks_is_that_of_one_look(self):
        daily = [[1, 1, 1, 1, 1, 1, 1, 1, 1, 6], [1] * 10, [1] * 10]
        found = anlan_scan.scan(
            daily, population=[100] * 3, xy=[(0, 0), (1, 0), (2, 0)], kind="prospective", first_look=5, seed=7
        )
        best = found.clusters[0]
        self.assertAlmostEqual(best.recurrence, 1 / (1 - (1 - best.p) ** (1 / 5)))

    def test_poisson_by_hand(self):
        found = anlan_scan.scan([9, 11, 10, 31, 29], population=[100] * 5, xy=LINE, seed=7)
        best = found.clusters[0]
        # Kulldorff 1997: c ln(c/E) + (C - c) ln((C - c)/(C - E)) with c = 60, E = 36, C = 90.
        wanted = 60 * math.log(60 / 36) + 30 * math.log(30 / 54)
        self.assertAlmostEqual(best.expected, 36.0)
        self.assertAlmostEqual(best.statistic, wanted, places=9)
        self.assertAlmostEqual(best.relative_risk, (60 / 200) / (30 / 300))
        self.assertEqual(best.radius, 1.0)
        self.assertEqual(len(found.maxima), 999)
        self.assertEqual(best.p, (1 + sum(m >= best.statistic for m in found.maxima)) / 1000)
        self.assertAlmostEqual(best.recurrence, 1 / best.p)
        self.assertIn(best, found.significant())
        self.assertEqual(found.to_dicts()[0]["observed"], 60)

    def test_the_same_on_any_number_of_threads(self):
        counts = [[(3 * place + 5 * day) % 4 for day in range(20)] for place in range(12)]
        xy = [(place % 4, place // 4) for place in range(12)]
        runs = [anlan_scan.scan(counts, xy=xy, threads=threads, replications=200) for threads in (1, 3)]
        self.assertEqual(runs[0], runs[1])
        other = anlan_scan.scan(counts, xy=xy, replications=200, seed=2)
        self.assertNotEqual(runs[0].maxima, other.maxima)

    def test_controls_and_early_stop(self):
        cases, controls = [5, 5, 5, 6, 5], [50, 52, 49, 50, 51]
        found = anlan_scan.scan(cases, controls=controls, xy=LINE, replications=9999, stop_after=50)
        self.assertLess(len(found.maxima), 9999)
        self.assertGreater(found.clusters[0].p, 0.05)
        self.assertGreater(found.clusters[0].population, 0)

    def test_neighbours_and_time_alone(self):
        lists = [[0, 1], [1, 0], [2, 3], [3, 2, 4], [4, 3]]
        counts = [9, 11, 10, 31, 29]
        found = anlan_scan.scan(counts, population=[100] * 5, neighbours=lists, replications=99)
        self.assertEqual(set(found.clusters[0].places), {3, 4})
        series = [[3, 2, 4, 3, 2, 3, 4, 2, 15, 17]]
        found = anlan_scan.scan(series, population=[1], replications=99)
        self.assertTrue(found.clusters[0].is_everywhere)
        self.assertEqual((found.clusters[0].start, found.clusters[0].end), (8, 9))

    def test_a_population_holds_until_the_next(self):
        frame = {"place": list("aabb"), "day": [0, 3, 0, 3], "n": [1, 6, 1, 1], "pop": [10, 20, 10, 20], "x": [0, 0, 9, 9]}
        frame["y"] = [0] * 4
        found = anlan_scan.scan(frame, place="place", time="day", cases="n", population="pop", xy=("x", "y"), replications=9)
        # Half of the people, in the last step 20 of 100 person-steps; nine cases.
        self.assertEqual((found.clusters[0].places, found.clusters[0].start), (("a",), 3))
        self.assertAlmostEqual(found.clusters[0].expected, 9 * 20 / 100)


class Promises(unittest.TestCase):
    def test_examples_in_the_documentation(self):
        for name in ("_scan", "_temporal"):
            outcome = doctest.testmod(importlib.import_module(f"anlan_scan.{name}"))
            self.assertGreater(outcome.attempted, 0)
            self.assertEqual(outcome.failed, 0)

    def test_documented_and_typed(self):
        for name in anlan_scan.__all__:
            self.assertTrue(getattr(anlan_scan, name).__doc__, name)
        folder = pathlib.Path(anlan_scan.__file__).parent
        self.assertTrue((folder / "py.typed").is_file())
        self.assertTrue((folder / "_native.pyi").is_file())

    def test_ctrl_c_stops_and_other_threads_run(self):
        counts = [[(place * 7 + day * 3) % 5 for day in range(60)] for place in range(150)]
        xy = [(place % 15, place // 15) for place in range(150)]
        ticks = []
        is_over = threading.Event()

        def tick():
            while not is_over.wait(0.01):
                ticks.append(time.monotonic())

        def interrupt():
            signal.raise_signal(signal.SIGINT)

        ticker = threading.Thread(target=tick)
        ticker.start()
        alarm = threading.Timer(1.0, interrupt)
        alarm.start()
        try:
            with self.assertRaises(KeyboardInterrupt):
                anlan_scan.scan(counts, xy=xy, kind="retrospective", replications=10_000_000, threads=1)
        finally:
            is_over.set()
            alarm.cancel()
            ticker.join()
        self.assertGreater(len(ticks), 10)


if __name__ == "__main__":
    unittest.main()
