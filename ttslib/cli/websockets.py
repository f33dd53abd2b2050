"""Guard the page of a listening test against messages that claim more parts than they have.

Both protocols of Jupyter's websockets begin a binary message with the number of its parts.
jupyter_server believes it: a number of 2^63 keeps the server busy for ever, for all raters.
"""

from collections.abc import Callable
from typing import Any

__all__ = ["guard_websockets"]


def guard_websockets() -> None:
    """Make jupyter_server refuse such messages; it closes the connection that sent one."""
    from jupyter_server.services.kernels.connection import channels

    for name, size, order in (
        ("deserialize_msg_from_ws_v1", 8, "little"),
        ("deserialize_binary_message", 4, "big"),
    ):
        setattr(channels, name, _guarded(getattr(channels, name), size, order))


def _guarded(read: Callable[[bytes], Any], size: int, order: Any) -> Callable[[bytes], Any]:
    """Return a reader that looks at the number of parts, and at where they are, first."""

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
