"""The form: Gradio's own controls, drawn from what all services together can do (``Capabilities``).

Which of the options the chosen service has, and its limits, the page follows by itself from the same table
(``assets/js/form/natives.js``); ``Studio.submit`` judges every request whatever the page did.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import gradio as gr

from components.ui.widgets import widget

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from gradio.components.base import FormComponent

    from components.generation.capabilities import Capabilities, Extra
    from components.ui.texts import Texts

COMMON = ("prompt", "prompt_extend", "sound", "duration", "quality", "shot_type")
"""Fields of every service; the others are what the tables declare beyond them."""
SIMPLEST = 5
"""Seconds a film has when the page opens, where the service can make it."""


@dataclass(frozen=True, slots=True)
class Controls:
    """The native controls by the name of the request's field they fill, and what Generate needs."""

    fields: dict[str, FormComponent]
    generate: gr.Button
    answer: gr.HTML
    """Carries what only the page knows to the event, and the event's answer back."""


def union(lists: Iterable[Sequence[str]]) -> list[str]:
    """Every value once, in the order in which they first come."""
    return list(dict.fromkeys(value for values in lists for value in values))


def field_names(tables: Sequence[Capabilities]) -> list[str]:
    """The request's fields that have a native control, in the order in which Generate gets their values."""
    return [*COMMON, *union(list(caps.fields) for caps in tables)]


def build_form(tables: Sequence[Capabilities], texts: Texts, assets: Path) -> Controls:
    """Draw the form into the column that is open.

    Args:
        tables: What each service can do; the one that is chosen when the page opens comes first.
        texts: Words.
        assets: The folder of assets.
    """
    fields: dict[str, FormComponent] = {}
    with gr.Column(elem_id="form", min_width=320, scale=1):
        widget(assets, "frame", elem_id="first-frame")
        _words(fields, texts)
        with gr.Column(elem_id="time", min_width=320):
            with gr.Row(elem_id="time-head"):
                fields["sound"] = _segments("sound", "sound", union(caps.sound for caps in tables), texts, min_width=220)
                fields["duration"] = _duration(tables[0], texts)
            widget(assets, "strip", elem_id="strip")
            widget(assets, "track", elem_id="soundtrack")
        with gr.Row(elem_id="look"):
            fields["quality"] = _segments("quality", "quality", union(caps.quality for caps in tables), texts, min_width=140)
            fields["shot_type"] = _segments("shot_type", "shot", union(caps.shot_type for caps in tables), texts, min_width=140)
        fields |= _more(tables, texts)
        with gr.Column(elem_id="make", min_width=320):
            with gr.Row(elem_id="make-row"):
                widget(assets, "service", elem_id="service", min_width=170)
                button = gr.Button(texts("form.generate"), variant="primary", size="lg", elem_id="generate", min_width=140)
            answer = widget(assets, "price", elem_id="price")
    return Controls({name: fields[name] for name in field_names(tables)}, button, answer)


def _words(fields: dict[str, FormComponent], texts: Texts) -> None:
    with gr.Column(elem_id="words", min_width=320):
        fields["prompt"] = gr.Textbox(
            label=texts("form.prompt.label"),
            placeholder=texts("form.prompt.placeholder"),
            lines=2,
            max_lines=10,
            elem_id="prompt",
            interactive=True,
        )
        fields["prompt_extend"] = gr.Checkbox(label=texts("form.prompt_extend.label"), value=True, elem_id="improve", interactive=True)


def _segments(field: str, elem_id: str, values: Sequence[str], texts: Texts, *, min_width: int) -> gr.Radio:
    choices = [(texts.maybe(f"form.{field}.{value}") or value, value) for value in values]
    return gr.Radio(
        choices,
        value=values[0],
        label=texts(f"form.{field}.label"),
        elem_id=elem_id,
        elem_classes="seg",
        interactive=True,
        min_width=min_width,
    )


def _duration(caps: Capabilities, texts: Texts) -> gr.Number:
    # no minimum and maximum: they are the chosen service's, and Gradio would refuse another one's with its own words
    value = SIMPLEST if caps.duration.allows(SIMPLEST) else caps.duration.shortest
    return gr.Number(
        value=value, step=1, precision=0, label=texts("form.duration.label"), elem_id="duration", interactive=True, min_width=90
    )


def _more(tables: Sequence[Capabilities], texts: Texts) -> dict[str, FormComponent]:
    extras: dict[str, Extra] = {}
    for caps in tables:
        for name, extra in caps.fields.items():
            extras.setdefault(name, extra)
    if not extras:
        return {}
    fields: dict[str, FormComponent] = {}
    with gr.Accordion(texts("form.more"), open=False, elem_id="more"):
        for name, extra in extras.items():
            if extra.max is not None or extra.advanced:
                fields[name] = _text(name, texts)
        with gr.Row(elem_id="more-row"):
            for name, extra in extras.items():
                if name not in fields:
                    fields[name] = _number(name, texts) if extra.start is not None else _switch(name, texts)
    return fields


def _text(name: str, texts: Texts) -> gr.Textbox:
    return gr.Textbox(
        label=texts(f"form.{name}.label"),
        placeholder=texts.maybe(f"form.{name}.placeholder"),
        lines=1,
        elem_id=extra_id(name),
        interactive=True,
    )


def _number(name: str, texts: Texts) -> gr.Number:
    return gr.Number(
        value=None,  # empty means: any
        step=1,
        precision=0,
        label=texts(f"form.{name}.label"),
        placeholder=texts.maybe(f"form.{name}.placeholder"),
        elem_id=extra_id(name),
        interactive=True,
        min_width=140,
    )


def _switch(name: str, texts: Texts) -> gr.Checkbox:
    return gr.Checkbox(label=texts(f"form.{name}.label"), elem_id=extra_id(name), interactive=True, min_width=140)


def extra_id(field: str) -> str:
    """Id in the page of a control that only some services have."""
    return f"extra-{field.replace('_', '-')}"
