"""The log as the built program writes it, against a verifier over the Go project's own code (`tools/peer`): Debian's
`golang-go` and `golang-golang-x-mod-dev`. Where they are not there it says so and is skipped.
"""
import os
import pathlib
import random
import shutil
import subprocess
import unittest

from served import Node

GOPATH = "/usr/share/gocode"
SOURCE = pathlib.Path(__file__).resolve().parents[1] / "peer" / "main.go"
SEED = 20261127


def is_there():
    return shutil.which("go") and os.path.isdir(GOPATH + "/src/golang.org/x/mod/sumdb/tlog")


@unittest.skipUnless(is_there(), "no Go with golang.org/x/mod (Debian's golang-go, golang-golang-x-mod-dev)")
class Peer(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.node = Node()
        cls.addClassCleanup(cls.node.stop)
        for _ in range(6):
            cls.node.get("/t/%s" % cls.node.code)
        cls.node.proof(7)
        cls.node.process.terminate()
        cls.node.process.wait(30)
        cls.log = pathlib.Path(cls.node.data, "log")
        cls.peer = os.path.join(cls.node.folder, "peer")
        go = {**os.environ, "GO111MODULE": "off", "GOPATH": GOPATH, "GOCACHE": os.path.join(cls.node.folder, "go")}
        subprocess.run(["go", "build", "-o", cls.peer, str(SOURCE)], check=True, env=go)

    def verify(self):
        return subprocess.run([self.peer, str(self.log), self.node.key], capture_output=True, text=True)

    def test_the_log_is_right_to_others_and_what_is_changed_is_wrong(self):
        done = self.verify()
        self.assertEqual(done.returncode, 0, done.stderr)
        size = int(self.log.joinpath("checkpoint").read_text().split("\n")[1])
        self.assertEqual(done.stdout, "right: %d entries\n" % size)
        chance = random.Random(SEED)
        files = sorted(path for path in self.log.joinpath("tile").rglob("*") if path.is_file())
        # Partial tiles and bundles of earlier sizes lie there still: nobody needs them any more.
        needed = [path for path in files if path.name == str(size)]
        self.assertEqual(len(needed), 2)
        for path in [*needed, self.log / "checkpoint"]:
            honest = path.read_bytes()
            changed = bytearray(honest)
            changed[chance.randrange(len(honest))] ^= 1 << chance.randrange(8)
            path.write_bytes(changed)
            self.assertEqual(self.verify().returncode, 1, path)
            path.write_bytes(honest)
        self.assertEqual(self.verify().returncode, 0)


if __name__ == "__main__":
    unittest.main()
