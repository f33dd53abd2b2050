"""Serve a listening test, and protect it from clients that aren't its page.

The page has no password, so anyone who reaches it can send it anything. Voila and jupyter_server
trust messages, and one that claims 2^63 parts would keep them busy forever, for all raters; so
would pages that are opened again and again, since each has a kernel of its own.
"""

import asyncio
from functools import partial
from typing import Any

import psutil
from jupyter_server.services.kernels.connection.channels import ZMQChannelsWebsocketConnection
from jupyter_server.services.kernels.kernelmanager import AsyncMappingKernelManager
from tornado.iostream import StreamBufferFullError
from tornado.web import HTTPError
from traitlets import Integer
from voila.app import Voila
from voila.utils import ENV_VARIABLE

__all__ = ["MOST_RECEIVED", "RaterConnection", "RaterKernels", "RaterServer", "raters_that_fit"]

PROTOCOL = "v1.kernel.websocket.jupyter.org"
MOST_RECEIVED = 100_000  # bytes in a message; an answer has about 500
MOST_UNSENT = 100_000_000  # bytes; a screen has up to three clips
FEWEST_PARTS = 6  # the channel's start and end, and the ends of four JSON objects
PRIVATE = ("stream", "error")  # types of messages that contain Python's tracebacks

KERNEL_MEMORY = 600_000_000  # bytes
IDLE = 60.0  # seconds for a request's headers, and between two requests


class RaterServer(Voila):
    """Serve the page without waiting for clients that send half a request."""

    def listen(self) -> None:
        """Bind the port."""
        self.app.listen = partial(self.app.listen, idle_connection_timeout=IDLE)
        super().listen()


class RaterKernels(AsyncMappingKernelManager):
    """Start a kernel for each page, but no more than fit into memory."""

    most = Integer(help="kernels at once").tag(config=True)
    starting = 0

    async def start_kernel(self, *args: Any, **options: Any) -> str:  # type: ignore[override]
        """Start a kernel for a page, or for the next page in advance.

        Raises
        ------
        HTTPError
            503, when there are too many for another page. A kernel in advance waits instead.
        """
        in_advance = options.get("env", {}).get(ENV_VARIABLE.VOILA_PREHEAT) == "True"
        while len(self) + self.starting >= self.most:
            if not in_advance:
                raise HTTPError(503, f"{self.most} pages are open already")
            await asyncio.sleep(1)
        self.starting += 1
        try:
            return await super().start_kernel(*args, **options)
        finally:
            self.starting -= 1


def raters_that_fit() -> int:
    """Return the number of kernels that fit into the free memory, at least two."""
    return max(2, psutil.virtual_memory().available // KERNEL_MEMORY)


class RaterConnection(ZMQChannelsWebsocketConnection):
    """Connect a rater's page to its kernel, and close whatever doesn't behave as the page does."""

    async def prepare(self) -> None:
        """Refuse the older protocol: voila would parse its messages as the newer's, forever."""
        offered = self.websocket_handler.request.headers.get("Sec-WebSocket-Protocol", "")
        if PROTOCOL not in [name.strip() for name in offered.split(",")]:
            raise HTTPError(400, f"only {PROTOCOL} is supported")
        await super().prepare()

    def connect(self) -> Any:
        """Limit what waits for a client that doesn't read, then connect."""
        client: Any = self.websocket_handler.ws_connection
        client.stream.max_write_buffer_size = MOST_UNSENT
        return super().connect()

    def handle_incoming_message(self, incoming_msg: Any) -> None:
        """Pass a message on to the kernel if its parts are inside it."""
        require_parts(incoming_msg)
        super().handle_incoming_message(incoming_msg)

    def handle_outgoing_message(self, stream: Any, outgoing_msg: list[Any]) -> None:
        """Send the kernel's message, unless it is private; close clients that don't read."""
        _, (_signature, header, *_) = self.session.feed_identities(outgoing_msg)
        if self.session.unpack(header)["msg_type"] in PRIVATE:
            return
        try:
            super().handle_outgoing_message(stream, outgoing_msg)
        except StreamBufferFullError:
            client: Any = self.websocket_handler.ws_connection
            client.stream.close()


def require_parts(message: bytes | str) -> None:
    """Check the number of a message's parts and their positions.

    Raises
    ------
    ValueError
        The message is text, or there are too few or too many parts, or they overlap or end beyond
        the message.
    """
    if isinstance(message, str):
        raise ValueError("a message must be binary")
    numbers = [
        int.from_bytes(message[at : at + 8], "little") for at in range(0, len(message) - 7, 8)
    ]
    n_parts = numbers[0] if numbers else 0
    if not FEWEST_PARTS <= n_parts < len(numbers):
        raise ValueError(f"a message of {len(message)} bytes can't have {n_parts} parts")
    ends = [8 * (n_parts + 1), *numbers[1 : n_parts + 1], len(message)]
    if ends != sorted(ends):
        raise ValueError(f"the parts of a message of {len(message)} bytes can't end at {ends}")
