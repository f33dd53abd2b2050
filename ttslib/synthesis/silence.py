"""A warning when generated speech is silent."""

import warnings

__all__ = ["warn_if_silent"]

SILENT_PEAK = 0.003  # of full scale: a waveform below it is inaudible


def warn_if_silent(peak: float, text: str) -> None:
    """Warn if even the loudest sample of a spoken `text` is inaudible."""
    if peak < SILENT_PEAK:
        shown = repr(text if len(text) <= 60 else text[:57] + "...")
        warnings.warn(f"the speech is silent at {shown}", stacklevel=4)
