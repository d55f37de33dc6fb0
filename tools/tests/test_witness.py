"""A witness that is not ours (`sigsum-witness`, Debian's package `sigsum-go`) cosigns the log of the built program, and
refuses one that was set back or forked. Where it is not there it says so and is skipped.
"""
import base64
import hashlib
import os
import pathlib
import shutil
import struct
import subprocess
import tempfile
import unittest

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from served import Node, free_port, program, wait

COSIGNATURE = 4


def public(key):
    """The bytes of a verifier key (C2SP signed-note), without what kind it is."""
    return base64.b64decode(key.split("+", 2)[2])[1:]


def as_ssh(key):
    kind = b"ssh-ed25519"
    blob = struct.pack(">I", len(kind)) + kind + struct.pack(">I", len(key)) + key
    return "ssh-ed25519 %s\n" % base64.b64encode(blob).decode()


class Witness:
    """The witness, for the log with this key; it takes a log's name from its key."""

    def __init__(self, log):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="anlan-witness-"))
        own = Ed25519PrivateKey.generate()
        secret, known = self.folder / "key", self.folder / "log.pub"
        secret.write_bytes(own.private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption()))
        secret.chmod(0o600)
        known.write_text(as_ssh(public(log)))
        bare = own.public_key().public_bytes_raw()
        self.name = "sigsum.org/v1/witness/" + hashlib.sha256(bare).hexdigest()
        kind = bytes([COSIGNATURE])
        number = hashlib.sha256(self.name.encode() + b"\n" + kind + bare).hexdigest()[:8]
        self.key = "%s+%s+%s" % (self.name, number, base64.b64encode(kind + bare).decode())
        address = "127.0.0.1:%d" % free_port()
        self.url = "http://%s/" % address
        files = ["--signing-key", str(secret), "--log-key", str(known), "--state-file", str(self.folder / "state")]
        # Debian builds it without a module file, and Go then takes "POST /path" for a host's name.
        routes = {**os.environ, "GODEBUG": "httpmuxgo121=0"}
        self.process = subprocess.Popen(["sigsum-witness", *files, address], env=routes)

    def stop(self):
        self.process.terminate()
        self.process.wait(30)
        shutil.rmtree(self.folder)


@unittest.skipUnless(shutil.which("sigsum-witness"), "no sigsum-witness (Debian's package sigsum-go)")
class OutsideWitness(unittest.TestCase):
    def setUp(self):
        self.secret = pathlib.Path(tempfile.mkdtemp(prefix="anlan-secret-"))
        self.addCleanup(shutil.rmtree, self.secret)
        key = program("--data", str(self.secret), "log", "key")
        self.origin = "sigsum.org/v1/tree/" + hashlib.sha256(public(key)).hexdigest()
        self.witness = Witness(key)
        self.addCleanup(self.witness.stop)
        self.policy = self.secret / "policy"
        self.policy.write_text("witness outside %s %s\nquorum outside\n" % (self.witness.key, self.witness.url))

    def node(self):
        """A node without a history that signs with the same key as every other here."""
        node = Node("log_origin = '%s'\nlog_policy = '%s'\n" % (self.origin, self.policy), self.secret / "node.key")
        self.addCleanup(node.stop)
        return node

    def note(self, node, name):
        return pathlib.Path(node.data, "log", name).read_text()

    def size(self, node, name):
        return int(self.note(node, name).split("\n")[1])

    def cosigned(self, node, least):
        """The size of its newest head once that is cosigned and has so many entries."""

        def same():
            size = self.size(node, "cosigned")
            assert size == self.size(node, "checkpoint") and size >= least
            return size

        return wait(same)

    def is_cosigned(self, node):
        return os.path.exists(os.path.join(node.data, "log", "cosigned"))

    def test_it_cosigns_and_refuses_what_is_set_back_or_forked(self):
        first = self.node()
        begun = self.cosigned(first, 1)
        for _ in range(10):
            first.report()
        before = self.cosigned(first, begun + 10)
        self.holds(self.note(first, "cosigned"))
        self.assertNotIn("ALARM", first.output())
        first.process.terminate()
        first.process.wait(30)

        second = self.node()
        wait(lambda: self.assertIn("ALARM", second.output()))
        self.assertLess(self.size(second, "checkpoint"), before)
        self.assertFalse(self.is_cosigned(second), "set back")
        while self.size(second, "checkpoint") <= before:
            second.report()
        wait(lambda: self.assertTrue(self.is_called_forked(second)))
        self.assertFalse(self.is_cosigned(second), "forked")

    def is_called_forked(self, node):
        """Whether an alarm tells of another history, and not of one that is shorter only."""
        alarms = [line for line in node.output().splitlines() if "ALARM" in line]
        return any("it has cosigned" not in line for line in alarms)

    def holds(self, note):
        """Its cosignature (C2SP tlog-cosignature: the time, then the signed text) is right by its key."""
        text, lines = note.split("\n\n", 1)
        line = next(line for line in lines.splitlines() if line.startswith("\u2014 %s " % self.witness.name))
        signed = base64.b64decode(line.split(" ")[2])
        time = int.from_bytes(signed[4:12], "big")
        message = "cosignature/v1\ntime %d\n%s\n" % (time, text)
        Ed25519PublicKey.from_public_bytes(public(self.witness.key)).verify(signed[12:], message.encode())


if __name__ == "__main__":
    unittest.main()
