"""The description of our HTTP calls, made from the code. ``python -m tests.openapi`` writes it into ``assets``."""

from __future__ import annotations

import tempfile
from pathlib import Path

from components.services.registry import build_services
from components.studio.studio import Studio
from components.web.assets import Assets
from components.web.openapi import FILE, openapi, written
from components.web.wiring import Web
from tests.workshop import settings

ASSETS = Path(__file__).resolve().parents[1] / "assets"


def described() -> str:
    """The text that ``assets/openapi.json`` has to have."""
    with tempfile.TemporaryDirectory() as folder:
        chosen = settings(Path(folder))
        studio = Studio(chosen, build_services(chosen))
        try:
            return written(openapi(Web(chosen, studio, Assets(ASSETS)).routes()))
        finally:
            studio.close()


if __name__ == "__main__":
    (ASSETS / FILE).write_text(described(), encoding="utf-8")
