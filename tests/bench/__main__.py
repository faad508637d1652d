"""``python -m tests.bench [name …]``: figures as ratios within one run; nothing is asserted here."""

from __future__ import annotations

import importlib
import sys

BENCHES = ("media", "preview", "jobs", "page", "paid")


def main(names: list[str]) -> None:
    """Run the named benches, or all."""
    for name in names or BENCHES:
        print(f"== {name}", flush=True)
        importlib.import_module(f"tests.bench.{name}").run()


if __name__ == "__main__":
    main(sys.argv[1:])
