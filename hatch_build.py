"""A wheel carries the voice that `ttslib speak` uses and what training and evaluation fall back on.

The voices that the lessons compare stay in the course's folder, where an editable install reads
them: with them, a wheel would weigh 78 MB instead of 25.
"""

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

SHIPPED = ("kathleen", "mini-vocos", "mini-listener")


class CustomBuildHook(BuildHookInterface):
    """Add the voices in `SHIPPED` to a wheel."""

    def initialize(self, version: str, build_data: dict) -> None:
        """Add them unless the install is editable."""
        if version == "standard":
            for name in SHIPPED:
                build_data["force_include"][f"data/voices/{name}"] = f"ttslib/voices/{name}"
