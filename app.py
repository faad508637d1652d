"""Wan Flash Studio: settings, studio, page, server."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import ValidationError

from components.errors import StartRefused
from components.settings import Settings, environment, unknown_names
from components.studio.wording import Wording
from components.ui.environment import prepare_environment
from components.ui.greeting import greeting, refusal, say, unknown_setting, wrong_setting
from components.ui.ports import ensure_port_free
from components.ui.stopping import Stopping
from components.ui.texts import Texts
from components.ui.zerogpu import satisfy_start_check
from components.web.log import setup_log

if TYPE_CHECKING:
    from components.services.registry import Services
    from components.ui.launch import App

ASSETS = Path(__file__).parent / "assets"


def build(settings: Settings, services: Services | None = None) -> App:
    """The whole program, not yet started.

    What takes long to import is imported here, when a wish to stop is already noticed; Gradio last: in the environment that is
    prepared for it, and after all that could refuse the start at once.
    """
    prepare_environment(settings)
    from components.services.registry import build_services  # noqa: PLC0415 - as said
    from components.studio.studio import Studio  # noqa: PLC0415 - as said

    studio = Studio(settings, services or build_services(settings))
    ensure_port_free(settings.listens_on_space, settings.server_port)
    from components.ui.launch import build_app  # noqa: PLC0415 - as said

    return build_app(studio, ASSETS)


def main() -> int:
    """Run until asked to stop; 1 where it cannot start."""
    stopping = Stopping()
    satisfy_start_check()
    texts = Texts.read(ASSETS)
    try:
        settings = Settings()
        setup_log(settings.log)
        for name in unknown_names(environment()):
            say(unknown_setting(name, texts), wrong=True)
        with build(settings).run() as app:
            say(greeting(settings, texts, app.share_url))
            stopping.wait()
    except ValidationError as error:
        say(wrong_setting(error, texts), wrong=True)
        return 1
    except StartRefused as error:
        say(refusal(error, Wording.read()), wrong=True)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
