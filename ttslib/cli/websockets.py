"""Protect the page of a listening test from messages that claim more parts than they have.

Both protocols of Jupyter's websockets begin a binary message with the number of its parts.
jupyter_server doesn't check it: a number of 2^63 would keep the server busy forever, for all
raters.
"""

from collections.abc import Callable
from typing import Any

__all__ = ["guard_websockets"]


def guard_websockets() -> None:
    """Make jupyter_server reject such messages; it then closes the sender's connection."""
    from jupyter_server.services.kernels.connection import channels

    for name, size, order in (
        ("deserialize_msg_from_ws_v1", 8, "little"),
        ("deserialize_binary_message", 4, "big"),
    ):
        setattr(channels, name, _guarded(getattr(channels, name), size, order))


def _guarded(read: Callable[[bytes], Any], size: int, order: Any) -> Callable[[bytes], Any]:
    """Return a reader that first checks the number of parts and their positions."""

    def guarded(message: bytes) -> Any:
        n_parts = int.from_bytes(message[:size], order)
        ends = [
            int.from_bytes(message[size * i : size * (i + 1)], order)
            for i in range(1, min(n_parts, len(message) // size) + 1)
        ]
        if not 0 < n_parts < len(message) // size or ends != sorted(ends):
            raise ValueError(f"a message of {len(message)} bytes can't have {n_parts} such parts")
        if ends[-1] > len(message):
            raise ValueError(f"a message of {len(message)} bytes can't end at {ends[-1]}")
        return read(message)

    return guarded
