"""The page's messages come through; clients that aren't the page are refused or cut off."""

import asyncio
import itertools
import json
from types import SimpleNamespace

import pytest

base = pytest.importorskip("jupyter_server.services.kernels.connection.base")

from jupyter_server.services.kernels.websocket import KernelWebsocketHandler  # noqa: E402
from tornado.iostream import StreamBufferFullError  # noqa: E402
from tornado.web import HTTPError  # noqa: E402
from traitlets.config import LoggingConfigurable  # noqa: E402

pytest.importorskip("voila")

from ttslib.cli import listening_server  # noqa: E402
from ttslib.cli.listening_server import (  # noqa: E402
    IDLE,
    PROTOCOL,
    RaterConnection,
    RaterKernels,
    RaterServer,
    require_parts,
)

PARTS = [b"{}", b"", b'{"a": 1}', b"{}", b"sound"]


class Kernels(LoggingConfigurable):
    allow_tracebacks = True
    allowed_message_types = ("comm_msg",)


def connection(offered=PROTOCOL, write_message=None):
    """Return a connection to a kernel that isn't there."""
    handler = KernelWebsocketHandler.__new__(KernelWebsocketHandler)
    handler.request = SimpleNamespace(headers={"Sec-WebSocket-Protocol": offered})
    closed = []
    stream = SimpleNamespace(close=lambda: closed.append(True))
    handler.ws_connection = SimpleNamespace(stream=stream, selected_subprotocol=PROTOCOL)
    handler.write_message = write_message
    made = RaterConnection(parent=LoggingConfigurable(parent=Kernels()), websocket_handler=handler)
    made.closed = closed
    return made


def send(made, kind, content):
    """Pass a message of the kernel to the page."""
    message = made.session.serialize(made.session.msg(kind, content))
    made.handle_outgoing_message(
        SimpleNamespace(channel="iopub", closed=lambda: False), list(map(bytes, message))
    )


def numbers(*all_of_them):
    return b"".join((number % 2**64).to_bytes(8, "little") for number in all_of_them)


def test_honest_messages_come_through():
    require_parts(base.serialize_msg_to_ws_v1(PARTS, "shell"))
    require_parts(base.serialize_msg_to_ws_v1(PARTS[:4], "control"))
    require_parts(base.serialize_msg_to_ws_v1([b""] * 4, ""))


@pytest.mark.parametrize(
    "message",
    [
        b"",
        b"a",
        b"\0" * 100,
        b"\xff" * 100,
        b"\x01" * 64,
        *(numbers(n) + b"x" * 100 for n in (0, 1, 5, 13, 2**31, 2**63, -1)),
        base.serialize_msg_to_ws_v1(PARTS[:3], "shell"),
        numbers(6, *[-8] * 6) + b"{}" * 20,
        numbers(6, *range(156, 150, -1)) + b"x" * 100,
        numbers(6, *range(6)) + b"x" * 100,
        numbers(6, *[56] * 5, 200) + b"x" * 100,
        base.serialize_binary_message({"header": {}, "parent_header": {}, "buffers": [b"ab"]}),
    ],
    ids=repr,
)
def test_a_message_whose_parts_are_not_inside_it_is_refused(message):
    with pytest.raises(ValueError, match="a message of"):
        require_parts(message)


def test_text_is_refused():
    made = connection()
    made.channels = {"shell": None}
    for text in ("", "{}", "[" * 100_000, json.dumps({"header": {}, "channel": "shell"})):
        with pytest.raises(ValueError, match="binary"):
            made.handle_incoming_message(text)


@pytest.mark.parametrize("offered", ["", "other", f"x{PROTOCOL}", f"{PROTOCOL}.2, other"])
def test_a_client_of_another_protocol_is_refused(offered):
    with pytest.raises(HTTPError, match="400"):
        asyncio.run(connection(offered).prepare())


@pytest.mark.parametrize("offered", [PROTOCOL, f"other, {PROTOCOL}", f"other,{PROTOCOL} "])
def test_the_page_is_not_refused(offered, monkeypatch):
    async def accept(_self):
        return "accepted"

    monkeypatch.setattr(RaterConnection.__base__, "prepare", accept)
    assert asyncio.run(connection(offered).prepare()) is None


def test_what_code_prints_and_its_errors_do_not_leave_the_computer():
    sent = []
    made = connection(write_message=lambda message, binary: sent.append(message))
    send(made, "stream", {"name": "stderr", "text": "Traceback (most recent call last)"})
    send(made, "error", {"ename": "E", "evalue": "", "traceback": ["Traceback"]})
    send(made, "comm_msg", {"comm_id": "a", "data": {}})
    (message,) = sent
    assert b"comm_msg" in message


def test_a_client_that_does_not_read_is_cut_off(monkeypatch):
    def full(_message, binary):
        raise StreamBufferFullError

    made = connection(write_message=full)
    monkeypatch.setattr(RaterConnection.__base__, "connect", lambda _self: None)
    made.connect()
    assert 0 < made.websocket_handler.ws_connection.stream.max_write_buffer_size < 2**30
    send(made, "comm_msg", {"comm_id": "a", "data": {}})
    assert made.closed


NUMBERS = itertools.count()


async def begin(self, **options):
    """Start a kernel that isn't one."""
    await asyncio.sleep(0)
    kernel = str(next(NUMBERS))
    self._kernels[kernel] = None
    return kernel


@pytest.fixture
def kernels(monkeypatch):
    monkeypatch.setattr(listening_server.AsyncMappingKernelManager, "start_kernel", begin)
    return RaterKernels(most=3)


def test_kernels_are_limited_even_if_all_start_together(kernels):
    async def open_pages():
        return await asyncio.gather(
            *(kernels.start_kernel() for _ in range(6)), return_exceptions=True
        )

    opened = asyncio.run(open_pages())
    assert [refused.status_code for refused in opened[3:]] == [503, 503, 503]
    assert set(opened[:3]) == set(kernels._kernels)
    kernels._kernels.pop(opened[1])
    asyncio.run(kernels.start_kernel())  # there is room again


def test_a_kernel_in_advance_waits_for_room(kernels, monkeypatch):
    waited = []
    first, *_ = [asyncio.run(kernels.start_kernel()) for _ in range(3)]

    async def wait(_):
        waited.append(True)
        if len(waited) == 2:
            kernels._kernels.pop(first)

    async def advance():
        monkeypatch.setattr(asyncio, "sleep", wait)
        return await kernels.start_kernel(env={"VOILA_PREHEAT": "True"})

    asyncio.run(advance())
    assert len(kernels) == 3
    assert len(waited) == 3  # the third time inside `begin`


def test_half_a_request_is_not_waited_for(monkeypatch):
    limits = {}
    server = RaterServer.__new__(RaterServer)
    server.app = SimpleNamespace(listen=lambda port, **given: limits.update(given))
    monkeypatch.setattr(listening_server.Voila, "listen", lambda self: self.app.listen(8866))
    server.listen()
    assert limits == {"idle_connection_timeout": IDLE}
