"""ZeroGPU hardware, all that free accounts get on Hugging Face, refuses to start a Space without a function marked for it."""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec


def satisfy_start_check() -> bool:
    """Mark a function that is never called: nothing here computes on a GPU.

    Returns:
        Whether the ``spaces`` package, which only Hugging Face installs, is there.
    """
    if find_spec("spaces") is None:
        return False
    spaces = import_module("spaces")

    @spaces.GPU  # type: ignore[untyped-decorator]
    def never_called() -> None:
        """Nothing."""

    return True
