"""The page: header, form at the left, films at the right; and what goes into its head."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import gradio as gr

from components.ui.events import connect
from components.ui.form import build_form, field_names
from components.ui.texts import ASSETS, Texts
from components.ui.widgets import widget
from components.web.assets import Assets
from components.web.catalogue import services_json
from components.web.surface import PREFIX

if TYPE_CHECKING:
    from pathlib import Path

    from components.generation.capabilities import Capabilities
    from components.settings import Settings
    from components.studio.studio import Studio

STYLES = ("tokens", "page", "parts", "form", "strip", "boxes", "keys", "gallery")
"""``assets/css``, in the order of the cascade."""
TEXTS_OF_THE_PAGE = ("page", "form", "strip", "frame", "track", "gallery", "keys", "keeps", "errors")
"""Sections of the catalogue that the browser needs."""


def build_page(studio: Studio, assets: Path = ASSETS) -> gr.Blocks:
    """The page, not yet served.

    Args:
        studio: What it is the face of.
        assets: The folder of assets.
    """
    texts = Texts.read(assets)
    page = gr.Blocks(title=texts("page.title"), fill_width=True, analytics_enabled=False)
    with page:
        widget(assets, "bar", elem_id="bar")
        widget(assets, "hello", elem_id="hello")
        widget(assets, "keys", elem_id="keys")
        with gr.Row(elem_id="desk"):
            controls = build_form(tables(studio), texts, assets)
            with gr.Column(elem_id="shelf", min_width=320, scale=1):
                widget(assets, "gallery", elem_id="videos")
        connect(studio, controls)
    return page


def tables(studio: Studio) -> list[Capabilities]:
    """What each service can do, the one that is chosen when the page opens first."""
    default = studio.services.default
    others = [service for service in studio.services.values() if service is not default]
    return [service.capabilities for service in (default, *others)]


def page_head(settings: Settings, studio: Studio, assets: Path = ASSETS, *, version: str | None = None) -> str:
    """What ``launch(head=…)`` gets: styles, what the page has to know, and its script.

    The styles stand here and not in ``css=``: Gradio writes those twice, the second time prefixed and after the start.
    It puts the head in by script, before it draws anything.

    Args:
        settings: How the program is reached.
        studio: For its services.
        assets: The folder of assets.
        version: In the addresses of the assets; found out from the folder when it is not given.
    """
    css = "\n".join((assets / "css" / f"{name}.css").read_text(encoding="utf-8") for name in STYLES)
    root = f"{PREFIX}/assets/{version or Assets(assets).version}/js"
    modules = sorted(path.relative_to(assets / "js").as_posix() for path in (assets / "js").glob("*/*.js"))
    preload = "\n".join(f'<link rel="modulepreload" href="{root}/{name}">' for name in modules)
    return f"""<style>{css}</style>
<script type="application/json" id="studio-boot">{script_json(boot(settings, studio, assets))}</script>
{preload}
<script type="module" src="{root}/main.js"></script>"""


def boot(settings: Settings, studio: Studio, assets: Path) -> dict[str, Any]:
    """What the scripts have to know before they ask anything."""
    tree = Texts.read(assets).tree
    services = [{**service, "paid": service["capabilities"]["paid"]} for service in services_json(studio.services)]
    return {
        "base": PREFIX,
        "service": studio.services.default.id,
        "services": services,
        "fields": field_names(tables(studio)),
        "lasting": settings.lasting,
        "local": settings.loopback,
        "texts": {section: tree[section] for section in TEXTS_OF_THE_PAGE},
    }


def script_json(data: Any) -> str:  # noqa: ANN401 - whatever JSON holds
    """JSON that can stand in a ``<script>``: no ``<`` that would end it."""
    return json.dumps(data, ensure_ascii=False).replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")
