"""A node that serves, for the tests of the tools: the program that `ANLAN_BIN` names, in a folder of its own."""
import contextlib
import json
import os
import pathlib
import re
import shutil
import socket
import subprocess
import tempfile
import time
import urllib.error
import urllib.request

PROGRAM = os.environ["ANLAN_BIN"]


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait(work):
    """What this gives, once it gives anything: it is tried for a minute."""
    for _ in range(600):
        with contextlib.suppress(urllib.error.URLError, OSError, AssertionError, AttributeError):
            return work()
        time.sleep(0.1)
    raise AssertionError("it does not come so far")


def program(*arguments):
    """What the program prints."""
    done = subprocess.run([PROGRAM, *arguments], check=True, capture_output=True, text=True)
    return done.stdout.strip()


class Node:
    """An empty node that serves, with one report in it; with these lines of configuration, and the secret of another node."""

    def __init__(self, config="", secret=None):
        self.folder = tempfile.mkdtemp(prefix="anlan-verifier-")
        port = free_port()
        self.url = "http://127.0.0.1:%d" % port
        self.data = os.path.join(self.folder, "data")
        self.said = pathlib.Path(self.folder, "said")
        settings = pathlib.Path(self.folder, "anlan.toml")
        settings.write_text(config)
        if secret:
            os.mkdir(self.data, 0o700)
            shutil.copy(secret, self.data)
        arguments = ["--config", str(settings), "--data", self.data, "serve", "--listen", "127.0.0.1:%d" % port]
        with self.said.open("wb") as said:
            self.process = subprocess.Popen([PROGRAM, *arguments], stdout=subprocess.DEVNULL, stderr=said)
        wait(lambda: self.get("/healthz"))
        self.code = self.report()
        self.key = program("--data", self.data, "log", "key")

    def output(self):
        return self.said.read_text()

    def get(self, path):
        with urllib.request.urlopen(self.url + path, timeout=30) as answer:
            return answer.read().decode()

    def report(self):
        token = re.search('name="token" value="([^"]+)"', self.get("/report")).group(1)
        fields = {"token": token, "description": "water on the road", "address": "1 River Street"}
        body = "".join('--calm\r\nContent-Disposition: form-data; name="%s"\r\n\r\n%s\r\n' % field for field in fields.items())
        kind = {"Content-Type": "multipart/form-data; boundary=calm"}
        request = urllib.request.Request(self.url + "/report", (body + "--calm--\r\n").encode(), kind)
        with urllib.request.urlopen(request, timeout=30) as answer:
            return re.search("/t/([a-z0-9]{20})", answer.geturl()).group(1)

    def proof(self, entries):
        """The proof file, once it has so many entries."""

        def fetched():
            text = self.get("/t/%s/accesses/proof" % self.code)
            assert len(json.loads(text)["cases"][-1]["entries"]) >= entries
            return text

        return wait(fetched)

    def stop(self):
        self.process.terminate()
        self.process.wait(30)
        shutil.rmtree(self.folder)
