"""The verifier against what the built program gives out: honest files pass, every alteration is refused.

`ANLAN_BIN` names the program; `cargo xtask test --only verifier` sets it.
"""
import contextlib
import copy
import io
import json
import os
import pathlib
import random
import shutil
import subprocess
import sys
import unittest
from unittest import mock

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
import verify_access
from served import Node

SEED = 20261127


class Verifier(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.node = Node()
        cls.addClassCleanup(cls.node.stop)
        for page in ["", "/accesses", "", "/accesses"]:
            cls.node.get("/t/%s%s" % (cls.node.code, page))
        cls.first = cls.node.proof(5)
        cls.node.get("/t/%s" % cls.node.code)
        cls.second = cls.node.proof(len(json.loads(cls.first)["cases"][0]["entries"]) + 2)

    def run_on(self, text, *options, key=None):
        """Exit code and what is printed."""
        path = pathlib.Path(self.node.folder, "file.json")
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        command = ["verify_access.py", str(path), "--key", key or self.node.key, *map(str, options)]
        printed = io.StringIO()
        with mock.patch.object(sys, "argv", command), contextlib.redirect_stdout(printed):
            return verify_access.main(), printed.getvalue()

    def altered(self, change):
        file = json.loads(self.first)
        change(file)
        return json.dumps(file, indent=2, ensure_ascii=False)

    def refused(self, change, *options, **named):
        code, printed = self.run_on(self.altered(change), *options, **named)
        self.assertEqual(code, 1, printed)
        return printed

    def saved(self, text):
        path = pathlib.Path(self.node.folder, "earlier.json")
        path.write_text(text, encoding="utf-8")
        return path

    def test_an_honest_file_passes_as_a_program_in_both_languages(self):
        path = self.saved(self.first)
        script = str(pathlib.Path(verify_access.__file__))
        for lang, words in [("zh", "全部正确"), ("en", "All is right")]:
            command = [sys.executable, script, str(path), "--key", self.node.key, "--lang", lang]
            done = subprocess.run(command, capture_output=True, encoding="utf-8", env={**os.environ, "PYTHONIOENCODING": "utf-8"})
            self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
            self.assertIn(words, done.stdout)
            self.assertEqual(done.stdout.count("own_report"), self.first.count("own_report"))

    def test_a_later_file_keeps_the_earlier_entries_and_the_log_has_no_more(self):
        log = pathlib.Path(self.node.data, "log")
        copied = pathlib.Path(self.node.folder, "copy")
        code, printed = self.run_on(self.second, "--earlier", self.saved(self.first))
        self.assertEqual(code, 0, printed)
        # The log goes on while it is copied: what the file's checkpoint promises is there for good.
        shutil.copytree(log, copied, ignore_dangling_symlinks=True)
        code, printed = self.run_on(self.second, "--log", copied)
        self.assertEqual(code, 0, printed)

        def last_dropped(file):
            file["cases"][0]["entries"].pop()

        self.assertEqual(self.run_on(self.altered(last_dropped))[0], 0, "a shorter chain is whole in itself")
        self.assertIn("is gone", self.refused(last_dropped, "--earlier", self.saved(self.first)))
        self.assertIn("not in the file", self.refused(last_dropped, "--log", copied))

    def test_what_is_altered_is_refused(self):
        entries = lambda file: file["cases"][0]["entries"]

        def purpose(file):
            entry = entries(file)[2]
            entry["leaf"] = entry["leaf"].replace("own_report", "maintenance")

        def swapped(file):
            entries(file)[1], entries(file)[2] = entries(file)[2], entries(file)[1]

        def swapped_leaves(file):
            one, two = entries(file)[1], entries(file)[2]
            one["leaf"], two["leaf"] = two["leaf"], one["leaf"]

        def other_case(file):
            file["cases"][0]["case"] += 1

        def twice(file):
            entries(file).insert(1, copy.deepcopy(entries(file)[1]))

        def other_key(file):
            key = file["cases"][0]["key"]
            file["cases"][0]["key"] = ("B" if key[0] == "A" else "A") + key[1:]

        def larger(file):
            lines = file["checkpoint"].split("\n")
            file["checkpoint"] = "\n".join([lines[0], str(int(lines[1]) + 1), *lines[2:]])

        def unsigned(file):
            file["checkpoint"] = file["checkpoint"].split("\n\n")[0] + "\n\n\u2014 other/log AAAAAAAA\n"

        for change in [purpose, swapped, swapped_leaves, other_case, twice, other_key, larger, unsigned]:
            with self.subTest(change.__name__):
                self.refused(change)
        for place in range(len(json.loads(self.first)["cases"][0]["entries"]) - 1):
            with self.subTest(dropped=place):
                self.assertIn("entry", self.refused(lambda file: entries(file).pop(place)))

    def test_another_key_is_refused(self):
        name, _, coded = self.node.key.split("+", 2)
        other = verify_access.base64.b64encode(b"\x01" + bytes.fromhex(
            "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"
        )).decode()
        key_id = verify_access.hashlib.sha256(name.encode() + b"\n" + verify_access.base64.b64decode(other)).hexdigest()[:8]
        stranger = "%s+%s+%s" % (name, key_id, other)
        self.assertEqual(self.run_on(self.first, key=stranger)[0], 1)

        def claimed(file):
            file["log"] = stranger

        self.assertIn("no signature", self.refused(claimed, key=stranger))
        self.assertEqual(self.run_on(self.first, key=self.node.key + "A")[0], 2)
        self.assertEqual(self.run_on(self.first, "--witness", self.node.key)[0], 2, "a log's key is no witness's")

    def test_a_thousand_of_a_thousand_flipped_bits_are_refused(self):
        chance, honest = random.Random(SEED), self.first.encode()
        passed = []
        for place in chance.sample(range(len(honest) * 8), 1000):
            flipped = bytearray(honest)
            flipped[place // 8] ^= 1 << place % 8
            if self.run_on(bytes(flipped))[0] == 0:
                passed.append((place, bytes(flipped[max(0, place // 8 - 20):place // 8 + 20])))
        self.assertEqual(passed, [])

    def test_nonsense_is_told_apart_from_wrong(self):
        for text in ["", "{}", "[]", "null", '{"format": 1}', self.first[:-30], "\ufeff" + self.first]:
            self.assertEqual(self.run_on(text)[0], 2, text[:40])


if __name__ == "__main__":
    unittest.main()
