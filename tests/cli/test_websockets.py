"""Messages of both protocols come through; those that lie about their parts don't."""

import json
import struct

import pytest

channels = pytest.importorskip("jupyter_server.services.kernels.connection.channels")
base = pytest.importorskip("jupyter_server.services.kernels.connection.base")

from ttslib.cli.websockets import guard_websockets  # noqa: E402

PARTS = [b"{}", b"", b'{"a": 1}', b"sound"]
HEADERS = {"header": {}, "parent_header": {}, "content": {"n": 1}, "buffers": [b"abc", b""]}


@pytest.fixture(autouse=True)
def guarded(monkeypatch):
    for name in ("deserialize_msg_from_ws_v1", "deserialize_binary_message"):
        monkeypatch.setattr(channels, name, getattr(base, name))
    guard_websockets()


def test_honest_messages_come_through():
    message = base.serialize_msg_to_ws_v1(PARTS, "shell")
    assert channels.deserialize_msg_from_ws_v1(message) == ("shell", PARTS)
    found = channels.deserialize_binary_message(base.serialize_binary_message(dict(HEADERS)))
    assert found["buffers"] == [b"abc", b""]


@pytest.mark.parametrize("n_parts", [0, 2**31, 2**63, 2**64 - 1])
def test_a_count_of_parts_that_is_no_count_is_refused(n_parts):
    with pytest.raises(ValueError, match="can't have"):
        channels.deserialize_msg_from_ws_v1(struct.pack("<Q", n_parts) + b"x" * 100)
    with pytest.raises(ValueError, match="can't have"):
        channels.deserialize_binary_message(struct.pack("!I", n_parts % 2**32) + b"x" * 100)


@pytest.mark.parametrize("message", [b"", b"a", b"\0" * 8, b"\xff" * 8, b"\x01" * 64])
def test_whatever_is_no_message_is_refused(message):
    for read in (channels.deserialize_msg_from_ws_v1, channels.deserialize_binary_message):
        with pytest.raises(ValueError, match="a message of"):
            read(message)


def test_a_message_of_the_other_protocol_is_refused():
    new = base.serialize_msg_to_ws_v1(PARTS, "shell")
    old = base.serialize_binary_message(dict(HEADERS))
    with pytest.raises(ValueError, match="a message of"):
        channels.deserialize_msg_from_ws_v1(old)
    with pytest.raises(ValueError, match=r"a message of|Expecting value|codec"):
        channels.deserialize_binary_message(new)
    with pytest.raises(ValueError, match="a message of"):
        channels.deserialize_msg_from_ws_v1(json.dumps({"header": {}}).encode())
