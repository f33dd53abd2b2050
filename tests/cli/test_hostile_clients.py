"""A served listening test outlives clients that aren't its page, and leaves no files behind."""

import json
import os
import re
import select
import signal
import socket
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen
from uuid import uuid4

import numpy as np
import pytest

websocket = pytest.importorskip("websocket")
pytest.importorskip("voila")

from jupyter_server.services.kernels.connection.base import serialize_msg_to_ws_v1  # noqa: E402

from ttslib.audio.files import write_audio  # noqa: E402
from ttslib.cli.listening_server import MOST_RECEIVED, PROTOCOL  # noqa: E402
from ttslib.evaluation.listening.folder import make_listening_test  # noqa: E402

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
PATIENCE = 120  # seconds
RATERS = 5
FOREIGN = {"comm_id": "x", "target_name": "jupyter.widget", "data": {}}


class Page:
    """A served listening test, and the kernels of two of its raters."""

    def __init__(self, folder):
        sound = 0.3 * np.sin(np.arange(4_000) / 3)
        for name in ("one", "two"):
            for n in range(2):
                write_audio(folder / name / f"s{n}.wav", sound, 8_000)
        systems = {name: folder / name for name in ("one", "two")}
        make_listening_test(folder / "test", systems=systems)
        self.temporary = folder / "temporary"
        self.temporary.mkdir()
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.place = f"127.0.0.1:{free.getsockname()[1]}"
        command = [sys.executable, "-m", "ttslib.cli.main", "listen", "serve", str(folder / "test")]
        self.process = subprocess.Popen(
            [*command, f"--port={self.place.split(':')[1]}", "--no-browser", f"--raters={RATERS}"],
            env={**os.environ, "PYTHONPATH": str(ROOT), "TMPDIR": str(self.temporary)},
            stderr=subprocess.DEVNULL,
        )
        self.attacker = self.wait_for_kernel()
        self.rater = self.kernel()

    def wait_for_kernel(self):
        for _ in range(10 * PATIENCE):
            with suppress(URLError):
                return self.kernel()
            with suppress(subprocess.TimeoutExpired):
                pytest.fail(f"the page could not be served: {self.process.wait(timeout=0.1)}")
        pytest.fail("the page is not served")

    def read(self, path):
        with urlopen(f"http://{self.place}{path}", timeout=PATIENCE) as page:
            return page.read().decode()

    def kernel(self):
        """Load the page; return the ID of the kernel behind it."""
        return re.search(r'"kernelId": ?"([^"]+)"', self.read("/")).group(1)

    def connect(self, *protocols):
        return websocket.create_connection(
            f"ws://{self.place}/api/kernels/{self.attacker}/channels?session_id={uuid4().hex}",
            subprotocols=protocols,
            timeout=PATIENCE,
        )


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    served = Page(tmp_path_factory.mktemp("hostile"))
    yield served
    served.process.send_signal(signal.SIGTERM)
    served.process.wait(timeout=PATIENCE)
    assert not list(served.temporary.iterdir())


@pytest.fixture(autouse=True)
def others_are_served(page):
    yield
    assert page.rater in page.read(f"/api/kernels/{page.rater}")


def message(kind, content, header=None):
    whole = {"msg_id": uuid4().hex, "msg_type": kind, "session": "s", "date": "2026"}
    parts = [whole if header is None else header, {}, {}, content]
    return serialize_msg_to_ws_v1([json.dumps(part).encode() for part in parts], "shell")


def answers(connection):
    """Yield the kernel's messages until it has answered one about a comm."""
    while answer := connection.recv():
        yield answer
        if b'"execution_state": "idle"' in answer and b'"comm_' in answer:
            return


@pytest.mark.parametrize("protocols", [[], ["other"]])
def test_a_client_of_another_protocol_is_refused(page, protocols):
    with pytest.raises(websocket.WebSocketBadStatusException, match="400"):
        page.connect(*protocols)


DEEP = b"[" * 40_000 + b"]" * 40_000


@pytest.mark.parametrize(
    "hostile",
    [
        b"\xff" * 100,
        message("comm_msg", {}, header=[]),
        message("comm_msg", {}, header={}),
        serialize_msg_to_ws_v1([DEEP, b"{}", b"{}", b"{}"], "shell"),
        message("comm_msg", {"comm_id": "x", "data": "x" * MOST_RECEIVED}),
        "text",
    ],
    ids=["no parts", "list", "nothing", "deep", "long", "text"],
)
def test_a_hostile_message_closes_its_connection(page, hostile):
    connection = page.connect(PROTOCOL)
    connection.send(hostile, opcode=1 if isinstance(hostile, str) else 2)
    with suppress(websocket.WebSocketConnectionClosedException, ConnectionError):
        while connection.recv():  # nothing, once it is closed
            pass


def test_no_traceback_reaches_a_client(page):
    connection = page.connect(PROTOCOL)
    connection.send(message("comm_open", FOREIGN), opcode=2)
    found = b"".join(answers(connection))
    assert b"comm_close" in found
    assert b"Traceback" not in found
    connection.close()


def test_an_address_can_not_choose_the_template(page):
    with urlopen(f"http://{page.place}/?template=none&theme=none", timeout=PATIENCE) as answer:
        beats = 0  # voila sends them every 10 seconds to a page that never ends
        for line in answer:
            beats += b"voila_heartbeat()" in line
            assert beats < 12
            if b"</html>" in line:
                return
    pytest.fail("the page has no end")


def test_more_pages_than_fit_are_refused(page):
    host, port = page.place.split(":")
    connections = [socket.create_connection((host, int(port))) for _ in range(RATERS + 2)]
    for connection in connections:
        connection.sendall(b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
    waiting, refused = list(connections), False
    while not refused:
        answered, _, _ = select.select(waiting, [], [], PATIENCE)
        assert answered, "nobody is refused"
        for connection in answered:
            refused |= connection.recv(20).startswith(b"HTTP/1.1 503 ")
            waiting.remove(connection)
    for connection in connections:
        connection.close()
