"""The trained voices travel with the wheel; an editable install reads them where they are."""

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class CustomBuildHook(BuildHookInterface):
    """Add `data/voices` to a wheel."""

    def initialize(self, version: str, build_data: dict) -> None:
        """Add the voices unless the install is editable."""
        if version == "standard":
            build_data["force_include"]["data/voices"] = "ttslib/voices"
