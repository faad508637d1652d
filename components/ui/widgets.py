"""Our own widgets: a static template of ``assets/html`` that JavaScript fills and owns."""

from __future__ import annotations

from typing import TYPE_CHECKING

import gradio as gr

if TYPE_CHECKING:
    from pathlib import Path


def widget(assets: Path, name: str, *, elem_id: str, min_width: int | None = None) -> gr.HTML:
    """A ``gr.HTML`` that ``assets/js/main.js`` mounts by its name.

    The template has no placeholder: Gradio then never renders it anew, whatever the value, and no text of a person can
    be evaluated as a template. It is a function and no subclass, because Gradio writes a ``.pyi`` file beside the module
    of every subclass.

    Args:
        assets: The folder of assets.
        name: ``assets/html/<name>.html``; known to ``MOUNTS`` in main.js.
        elem_id: Id in the page.
        min_width: Width in px below which it leaves its row.
    """
    template = (assets / "html" / f"{name}.html").read_text(encoding="utf-8").strip()
    if "${" in template or "{{" in template:
        raise ValueError(f"{name}.html has a placeholder")
    return gr.HTML(
        html_template=template,
        js_on_load=(assets / "js" / "on_load.js").read_text(encoding="utf-8"),
        apply_default_css=False,
        elem_id=elem_id,
        min_width=min_width,
        widget=name,
    )
