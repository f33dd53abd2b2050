"""A warning when speech comes out silent, so that nobody waits for a sound that isn't there."""

import warnings

__all__ = ["warn_if_silent"]

SILENT_PEAK = 0.003  # of full scale: nobody can hear a waveform below it


def warn_if_silent(peak: float, text: str) -> None:
    """Warn if the loudest sample of a spoken `text` can't be heard."""
    if peak < SILENT_PEAK:
        shown = repr(text if len(text) <= 60 else text[:57] + "...")
        warnings.warn(f"no sound came out at {shown}: it is silent there", stacklevel=4)
