"""Gradio's theme variables, pointed at our tokens (``assets/css/tokens.css``): one source of colour for both."""

from __future__ import annotations

import inspect
import re
from typing import TYPE_CHECKING

import gradio as gr

from components.ui.texts import ASSETS

if TYPE_CHECKING:
    from pathlib import Path

SANS = ("ui-sans-serif", "system-ui", "-apple-system", "Segoe UI", "Roboto", "Helvetica Neue", "Noto Sans", "sans-serif")
MONO = ("ui-monospace", "SFMono-Regular", "Consolas", "monospace")

_PAGE = {
    "body_text_color_subdued": "var(--ink-2)",
    "body_text_size": "15px",
    "background_fill_primary": "var(--ground)",
    "background_fill_secondary": "var(--well)",
    "border_color_primary": "var(--line)",
    "border_color_accent": "var(--ink)",
    "border_color_accent_subdued": "var(--edge)",
    "color_accent": "var(--ink)",
    "color_accent_soft": "var(--well)",
    "link_text_color": "var(--ink)",
    "link_text_color_hover": "var(--ink)",
    "link_text_color_active": "var(--ink)",
    "link_text_color_visited": "var(--ink)",
    "form_gap_width": "0px",
    "layout_gap": "16px",
    "container_radius": "0px",
    "panel_background_fill": "transparent",
    "panel_border_width": "0px",
    "accordion_text_color": "var(--ink-2)",
    "loader_color": "var(--time-mark)",
    "error_background_fill": "var(--wrong-soft)",
    "error_border_color": "var(--wrong)",
    "error_text_color": "var(--wrong)",
}
_BLOCK = {
    "block_background_fill": "transparent",
    "block_border_color": "transparent",
    "block_border_width": "0px",
    "block_shadow": "none",
    "block_padding": "0px",
    "block_radius": "0px",
    "block_info_text_color": "var(--ink-2)",
    "block_info_text_size": "13px",
    "block_title_text_color": "var(--ink-2)",
    "block_title_text_size": "13px",
    "block_title_text_weight": "500",
    "block_title_background_fill": "transparent",
    "block_title_border_width": "0px",
    "block_title_padding": "0px",
    "block_label_text_color": "var(--ink-2)",
    "block_label_background_fill": "transparent",
    "block_label_border_width": "0px",
}
_INPUT = {
    "input_background_fill": "var(--surface)",
    "input_background_fill_focus": "var(--surface)",
    "input_background_fill_hover": "var(--surface)",
    "input_border_color": "var(--edge)",
    "input_border_color_hover": "var(--ink-3)",
    "input_border_color_focus": "var(--ink)",
    "input_border_width": "1px",
    "input_placeholder_color": "var(--ink-3)",
    "input_radius": "var(--r-m)",
    "input_padding": "10px 12px",
    "input_shadow": "none",
    "input_shadow_focus": "0 0 0 1px var(--ink)",
    "input_text_size": "15px",
    "input_text_weight": "400",
}
_CHECKBOX = {
    "checkbox_background_color": "var(--surface)",
    "checkbox_background_color_selected": "var(--action)",
    "checkbox_background_color_hover": "var(--surface)",
    "checkbox_background_color_focus": "var(--surface)",
    "checkbox_border_color": "var(--edge)",
    "checkbox_border_color_hover": "var(--ink-2)",
    "checkbox_border_color_selected": "var(--action)",
    "checkbox_border_color_focus": "var(--ink)",
    "checkbox_border_radius": "5px",
    "checkbox_border_width": "1px",
    "checkbox_label_background_fill": "transparent",
    "checkbox_label_background_fill_hover": "transparent",
    "checkbox_label_background_fill_selected": "var(--surface)",
    "checkbox_label_border_color": "transparent",
    "checkbox_label_border_color_hover": "transparent",
    "checkbox_label_border_color_selected": "transparent",
    "checkbox_label_border_width": "0px",
    "checkbox_label_text_color": "var(--ink-2)",
    "checkbox_label_text_color_selected": "var(--ink)",
    "checkbox_label_text_size": "14px",
    "checkbox_label_text_weight": "500",
    "checkbox_label_padding": "0 12px",
    "checkbox_label_shadow": "none",
    "checkbox_shadow": "none",
}
_BUTTON = {
    "button_primary_background_fill": "var(--action)",
    "button_primary_background_fill_hover": "var(--action-hover)",
    "button_primary_text_color": "var(--on-action)",
    "button_primary_text_color_hover": "var(--on-action)",
    "button_primary_border_color": "transparent",
    "button_primary_border_color_hover": "transparent",
    "button_secondary_background_fill": "transparent",
    "button_secondary_background_fill_hover": "var(--well)",
    "button_secondary_text_color": "var(--ink)",
    "button_secondary_border_color": "var(--edge)",
    "button_secondary_border_color_hover": "var(--ink)",
    "button_border_width": "0px",
    "button_large_radius": "var(--r-m)",
    "button_medium_radius": "var(--r-m)",
    "button_large_text_size": "15px",
    "button_large_text_weight": "600",
    "button_large_padding": "0 18px",
    "button_primary_shadow": "none",
    "button_primary_shadow_hover": "none",
    "button_primary_shadow_active": "none",
    "button_transition": "background var(--fast) var(--ease)",
}


def studio_theme(assets: Path = ASSETS) -> gr.themes.Base:
    """The theme; system fonts only, so that no file of fonts is ever loaded.

    Each value is set for light and dark alike: Gradio resolves a variable where it is declared, so one that is
    declared on ``:root`` alone would keep the light token inside ``.dark``. Ground and ink alone stand as colours: they
    are in the page before any script has brought the tokens, so that nothing flashes.
    """
    light, dark = (tokens(assets, part) for part in (":root {", ":root.dark"))
    theme = gr.themes.Base(font=list(SANS), font_mono=list(MONO))
    known = inspect.signature(theme.set).parameters
    values = {
        "body_background_fill": light["ground"],
        "body_background_fill_dark": dark["ground"],
        "body_text_color": light["ink"],
        "body_text_color_dark": dark["ink"],
    }
    for name, value in (_PAGE | _BLOCK | _INPUT | _CHECKBOX | _BUTTON).items():
        values[name] = value
        if f"{name}_dark" in known:
            values[f"{name}_dark"] = value
    return theme.set(**values)


def tokens(assets: Path, start: str) -> dict[str, str]:
    """The colours of the block of ``tokens.css`` that begins with ``start``, by name."""
    css = (assets / "css" / "tokens.css").read_text(encoding="utf-8")
    block = css[css.index(start) :].partition("}")[0]
    return dict(re.findall(r"--([\w-]+):\s*(#[0-9a-f]{6});", block))
