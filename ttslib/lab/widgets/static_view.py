"""A widget that saves a picture of itself for readers without a kernel."""

from typing import Any

import ipywidgets

__all__ = ["StaticView"]


class StaticView(ipywidgets.VBox):
    """A column of widgets whose saved output also has plain HTML.

    A widget needs the kernel, so a page on the web can't show it. Subclasses return in
    `static_html` what such a page shows instead.
    """

    def static_html(self) -> str:
        """Return the widget's current state, as HTML without scripts."""
        raise NotImplementedError

    def _repr_mimebundle_(self, **kwargs: Any) -> dict[str, str]:
        bundle = super()._repr_mimebundle_(**kwargs)
        return {**bundle, "text/html": self.static_html(), "text/plain": type(self).__name__}
