"""What all test runs share: how the notebooks are run by nbval."""

import os
from pathlib import Path

OUTPUT_TIMEOUT = 30  # seconds

# Each test process keeps what numba compiles in a folder of its own. Two that compile the same
# function at the same moment for a shared one can leave it so that all later calls crash.
if worker := os.environ.get("PYTEST_XDIST_WORKER"):
    kept = Path(__file__).parent / ".pytest_cache" / f"numba-{worker}"
    os.environ.setdefault("NUMBA_CACHE_DIR", str(kept))


def pytest_configure(config):
    """Take every training in a notebook down to a few steps when nbval runs them."""
    if getattr(config.option, "nbval", False) or getattr(config.option, "nbval_lax", False):
        os.environ.setdefault("TTSLIB_FAST", "1")
        os.environ.setdefault("PYDEVD_DISABLE_FILE_VALIDATION", "1")  # no warning per kernel


def pytest_itemcollected(item):
    """Give a notebook's cells more time between two messages than nbval's fixed five seconds.

    A long silent cell is not the trouble: nbval first waits for the cell's end, as long as
    --nbval-cell-timeout says. But on a busy machine the kernel may send its last pictures later
    than five seconds after that; nbval then stops the kernel and fails the rest of the notebook.
    The same error comes, whatever the time, from a cell that sends thousands of messages (a
    `display` in a loop): they overflow the queue, and the last one, "idle", is lost.
    """
    if hasattr(item, "output_timeout"):
        item.output_timeout = OUTPUT_TIMEOUT
