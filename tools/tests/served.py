"""A node that serves, for the tests of the tools: the program that `ANLAN_BIN` names, in a folder of its own."""
import contextlib
import json
import os
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


class Node:
    """An empty node that serves, with one report in it."""

    def __init__(self):
        self.folder = tempfile.mkdtemp(prefix="anlan-verifier-")
        port = free_port()
        self.url = "http://127.0.0.1:%d" % port
        self.data = os.path.join(self.folder, "data")
        arguments = [PROGRAM, "--data", self.data, "serve", "--listen", "127.0.0.1:%d" % port]
        self.process = subprocess.Popen(arguments, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.wait(lambda: self.get("/healthz"))
        self.code = self.report()
        key = subprocess.run([PROGRAM, "--data", self.data, "log", "key"], check=True, capture_output=True, text=True)
        self.key = key.stdout.strip()

    def wait(self, work):
        for _ in range(600):
            with contextlib.suppress(urllib.error.URLError, OSError, AssertionError):
                return work()
            time.sleep(0.1)
        raise AssertionError("the node does not come so far")

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

        return self.wait(fetched)

    def stop(self):
        self.process.terminate()
        self.process.wait(30)
        shutil.rmtree(self.folder)
