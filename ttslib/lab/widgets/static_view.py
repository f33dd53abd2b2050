"""A widget that leaves a picture of itself for readers who have no kernel."""

from typing import Any

import ipywidgets

__all__ = ["StaticView"]


class StaticView(ipywidgets.VBox):
    """A column of widgets whose saved output also holds plain HTML.

    A widget lives in the kernel; a page on the web shows nothing of it. So whatever inherits from
    this says in `static_html` what such a reader sees instead.
    """

    def static_html(self) -> str:
        """The widget as it stands, as HTML without scripts."""
        raise NotImplementedError

    def _repr_mimebundle_(self, **kwargs: Any) -> dict[str, str]:
        bundle = super()._repr_mimebundle_(**kwargs)
        return {**bundle, "text/html": self.static_html(), "text/plain": type(self).__name__}
