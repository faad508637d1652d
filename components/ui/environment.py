"""What Gradio and its helpers read from the environment when they are imported; settled before that."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import MutableMapping

    from components.settings import Settings

_TAKEN_AWAY = (
    "GRADIO_ALLOWED_PATHS",  # would let the page serve files of this machine
    "GRADIO_VIBE_MODE",  # would let visitors rewrite the program
    "GRADIO_WATCH_DIRS",  # would run a second copy of the program beside the first
    "GRADIO_HOT_RELOAD",
    "GRADIO_LOCAL_DEV_MODE",  # would accept calls from pages without an origin
    "GRADIO_NUM_WORKERS",  # would serve files from processes that know nothing of our guards
    "GRADIO_MCP_SERVER",
    "GRADIO_NODE_SERVER_PORT",
    "SYSTEM",  # on a Space Gradio would open a second server that takes new code ("hot reload"); we go by SPACE_ID
)


def prepare_environment(settings: Settings, environment: MutableMapping[str, str] = os.environ) -> None:
    """Keep Gradio quiet, local and inside the data folder.

    Nothing is reported anywhere, its temporary files lie in ours, and where the home folder cannot be written
    (a Space) no package looks for a place in it. Calls to this very machine never go through a proxy.
    """
    temporary = settings.data_dir / "tmp"
    for name in _TAKEN_AWAY:
        environment.pop(name, None)
    environment["GRADIO_ANALYTICS_ENABLED"] = "False"
    environment["HF_HUB_DISABLE_TELEMETRY"] = "1"
    environment["GRADIO_TEMP_DIR"] = str(temporary / "gradio")
    environment["GRADIO_SSR_MODE"] = "False"  # a Space sets it to true: Node would stand in front of our guards
    environment["FORWARDED_ALLOW_IPS"] = "*" if settings.on_space else ""  # whose word about the caller's address is believed
    environment.setdefault("HF_HOME", str(temporary / "huggingface"))
    environment.setdefault("MPLCONFIGDIR", str(temporary / "matplotlib"))
    for name in ("NO_PROXY", "no_proxy"):
        kept = [part for part in environment.get(name, "").split(",") if part.strip()]
        environment[name] = ",".join([*kept, "localhost", "127.0.0.1", "::1"])
