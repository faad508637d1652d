"""From the words of a prompt to the way the camera moves.

Camera verbs beat subject verbs: "the camera rises" tilts, "the sun rises" does not. Words that only a camera can do
("zoom in", "pan left") count anywhere; words that anybody can do ("rises", "moves left") only right behind a camera word.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """What the camera does."""

    PUSH = "push in"
    PULL = "pull out"
    PAN_LEFT = "pan left"
    PAN_RIGHT = "pan right"
    TILT_UP = "tilt up"
    TILT_DOWN = "tilt down"
    ORBIT_LEFT = "orbit left"
    ORBIT_RIGHT = "orbit right"
    ROLL = "roll"
    HANDHELD = "handheld"
    STATIC = "static"


@dataclass(frozen=True, slots=True)
class Move:
    """A move of the camera; ``strength`` 0.6 (gentle) to 1.4 (fast), 1 is the measure of the kind."""

    kind: Kind
    strength: float = 1.0


GENTLE, PLAIN, FAST = 0.6, 1.0, 1.4
DEFAULT = Move(Kind.PUSH, GENTLE)


def _forms(verbs: str) -> str:
    """A pattern for the present forms of some verbs ("pan" finds pan, pans, panning and panned)."""
    patterns = []
    for verb in verbs.split():
        if verb.endswith("e"):
            patterns.append(f"{verb[:-1]}(?:e|es|ed|ing)")
        elif verb.endswith("y") and verb[-2] not in "aeou":
            patterns.append(f"{verb[:-1]}(?:y|ies|ied|ying)")
        else:
            patterns.append(f"{verb}(?:{verb[-1]}?(?:ing|ed)|e?s)?")
    return rf"(?:{'|'.join(patterns)})"


_HOW = r"(?:\s+(?:\w+ly|very|ever|so|softly|a\s+(?:little|bit|touch)))*"
_IN = r"(?:in|into|inwards?|closer|nearer|forwards?|towards?)\b"
_OUT = r"(?:out|outwards?|back|backwards?|away)\b"
_LEFT = r"(?:from\s+right\s+to\s+left|(?:sideways\s+)?(?:(?:to(?:wards?)?\s+)?the\s+)?left(?:wards?)?)\b"
_RIGHT = r"(?:from\s+left\s+to\s+right|(?:sideways\s+)?(?:(?:to(?:wards?)?\s+)?the\s+)?right(?:wards?)?)\b"
_UP, _DOWN = r"up(?:wards?)?\b", r"down(?:wards?)?\b"
_NOT_OF_SOMEBODY = r"(?!\s+(?:(?:on|onto|to|over|at)\s+)?(?:his|her|their|its|my|your)\b)"

_ZOOMS = _forms("zoom dolly dollie truck")
_PANS, _TILTS = _forms("pan"), _forms("tilt")
_GOES = _forms("move glide drift track travel fly float slide sweep swing turn truck pan go")
_LIFTS = _forms("look move crane boom tilt lift float drift glide fly pedestal pan")
_TURNS = _forms("rotate spin turn move swing fly sweep glide go")

# A camera alone does these, wherever they stand.
_ALONE: tuple[tuple[str, Kind], ...] = (
    (r"\b(?:no|without(?:\s+any)?)\s+(?:camera|movements?\s+of\s+the\s+camera)\b", Kind.STATIC),
    (r"\b(?:static|locked[\s-]?(?:off|down)?|fixed|still|motionless|stationary)\s+(?:camera|shot|frame|framing|view)\b", Kind.STATIC),
    (r"\block(?:ed)?[\s-](?:off|down)\s+(?:camera|shot|view)\b|\bon\s+a\s+tripod\b|\btripod\s+shot\b", Kind.STATIC),
    (rf"\b{_ZOOMS}{_HOW}[\s-]+{_IN}", Kind.PUSH),
    (rf"\b{_ZOOMS}{_HOW}[\s-]+{_OUT}", Kind.PULL),
    (rf"\b{_ZOOMS}{_HOW}\s+{_LEFT}", Kind.PAN_LEFT),
    (rf"\b{_ZOOMS}{_HOW}\s+{_RIGHT}", Kind.PAN_RIGHT),
    (r"\bpush(?:es|ing)?[\s-]+in\b(?!\s+(?:line|the|a|an|his|her|their)\b)", Kind.PUSH),
    (r"\bpull(?:s|ing)?[\s-]+(?:back|out)\b(?!\s+(?:his|her|their|its|the|a|an|of|into|from)\b)", Kind.PULL),
    (rf"\b{_PANS}{_HOW}(?:\s+shot)?\s+{_LEFT}", Kind.PAN_LEFT),
    (rf"\b{_PANS}{_HOW}(?:\s+shot)?\s+{_RIGHT}", Kind.PAN_RIGHT),
    (rf"\b(?:{_PANS}|{_TILTS}){_HOW}[\s-]+{_UP}{_NOT_OF_SOMEBODY}", Kind.TILT_UP),
    (rf"\b(?:{_PANS}|{_TILTS}){_HOW}[\s-]+{_DOWN}{_NOT_OF_SOMEBODY}", Kind.TILT_DOWN),
    (r"\b(?:pans|panning)\s+(?:across|over|around|along|shot)\b|\b(?:slow|gentle|smooth)\s+pan\b(?!\s*-)", Kind.PAN_RIGHT),
    (r"\b(?:slow|gentle|subtle|smooth|steady|slight|fast|quick)\s+(?:zoom|dolly|push)\b(?!\s+(?:out|back|away|left|right))", Kind.PUSH),
    (r"\b(?:orbit|arc)(?:ing)?\s+(?:shot|move|movement)\b", Kind.ORBIT_RIGHT),
    (r"\bdutch\s+(?:angle|roll|tilt)\b", Kind.ROLL),
    (r"\bhand-?held\s+(?:camera|shot|footage|look|style|feel|video)\b|\bhandheld$|\bshaky[\s-]cam\b", Kind.HANDHELD),
)

_CAMERA = r"\b(?:camera|cam|shot|lens|viewpoint|point\s+of\s+view|pov|view|drone|gimbal|steadicam|crane|jib|framing|frame)\b"
_LEADS = (
    rf"(?:\s+(?:is|will|can|should|must|to|then|very|always|work|movement|move|motion|\w+ly|{_forms('begin start keep continue')}))*\s+"
)

# Anybody can do these: they count for a camera that does them itself ("the camera slowly rises").
_LED: tuple[tuple[str, Kind], ...] = (
    (
        rf"(?:{_forms('stay remain hold keep stand')}|is|be){_HOW}\s+(?:still|static|fixed|locked|steady|motionless|put|in\s+place)\b",
        Kind.STATIC,
    ),
    (r"(?:does\s+not|doesn't|not|never|do\s+not|don't|won't|hardly|barely)\s+move\b", Kind.STATIC),
    (r"(?:static|still|fixed|locked|motionless|stationary)\b|holds\s*$", Kind.STATIC),
    (rf"{_forms('pull move glide back drift fly track go roll')}{_HOW}\s+{_OUT}|{_forms('retreat recede widen')}\b", Kind.PULL),
    (rf"{_forms('push move glide creep inch drift fly track come go travel float')}{_HOW}\s+(?:{_IN}|through\b|up\s+to\b)", Kind.PUSH),
    (rf"{_forms('approach')}\b|closes\s+in\b", Kind.PUSH),
    (rf"{_GOES}{_HOW}\s+{_LEFT}", Kind.PAN_LEFT),
    (rf"{_GOES}{_HOW}\s+(?:{_RIGHT}|sideways\b|across\b|along\b)|{_PANS}\b(?!\s+(?:up|down))", Kind.PAN_RIGHT),
    (rf"{_LIFTS}{_HOW}\s+{_UP}|{_forms('rise ascend lift climb')}\b", Kind.TILT_UP),
    (rf"{_LIFTS}{_HOW}\s+{_DOWN}|{_forms('descend lower sink drop')}\b", Kind.TILT_DOWN),
    (rf"(?:{_forms('orbit circle revolve arc')}|{_TURNS}{_HOW}\s+(?:around|round|about))\b.*\bleft\b", Kind.ORBIT_LEFT),
    (rf"(?:{_forms('orbit circle revolve arc')}|{_TURNS}{_HOW}\s+(?:around|round|about))\b", Kind.ORBIT_RIGHT),
    (rf"(?:{_forms('roll rotate spin twist tumble')}|tilts\s+sideways)\b", Kind.ROLL),
    (rf"{_forms('shake wobble sway tremble')}\b", Kind.HANDHELD),
)

_PATTERNS = tuple(
    (re.compile(pattern), kind) for pattern, kind in (*_ALONE, *((rf"{_CAMERA}{_LEADS}(?:{verb})", kind) for verb, kind in _LED))
)
_CAMERA_WORD = re.compile(_CAMERA)
_CUT = re.compile(r"[.;:!?\n,()]+|\b(?:while|as|then|when|until|and|but)\b")
_GOES_ON = re.compile(rf"(?:\w+ly\s+)*(?:\w+ing|{_forms('rise tilt pan move pull push orbit circle stay hold')})\b")
_REFUSED = re.compile(r"\b(?:no|not|never|without|avoid|don't|doesn't|isn't|nor)\b")
_FAST = re.compile(r"\b(?:fast|quick(?:ly)?|rapid(?:ly)?|sudden(?:ly)?|dramatic(?:ally)?|whip|crash|swift(?:ly)?)\b")
_SLOW = re.compile(r"\b(?:slow(?:ly)?|gentl[ey]|subtl[ey]|soft(?:ly)?|slight(?:ly)?|calm(?:ly)?|gradual(?:ly)?|creep\w*|barely|steadily)\b")


def read_move(prompt: str) -> Move:
    """The first move that the prompt asks the camera for; a gentle push in when it asks for none."""
    refused = False
    for clause in _clauses(prompt):
        hits = ((match.start(), rank, kind) for rank, (pattern, kind) in enumerate(_PATTERNS) if (match := pattern.search(clause)))
        for start, _, kind in sorted(hits):
            if kind is not Kind.STATIC and _REFUSED.search(clause[:start]):
                refused = True
                continue
            return Move(kind, _strength(clause, kind))
    return Move(Kind.STATIC) if refused else DEFAULT


def _clauses(prompt: str) -> list[str]:
    """The prompt in lower case, cut where a new subject may begin; a part without a subject goes on with the camera."""
    clauses: list[str] = []
    led = False
    for part in _CUT.split(prompt.lower().replace("’", "'")):
        clause = " ".join(part.split())
        if clause:
            goes_on = led and _GOES_ON.match(clause) and not _CAMERA_WORD.search(clause)
            clauses.append(f"camera {clause}" if goes_on else clause)
            led = bool(_CAMERA_WORD.search(clauses[-1]))
    return clauses


def _strength(clause: str, kind: Kind) -> float:
    if kind is Kind.STATIC:
        return PLAIN
    if _FAST.search(clause):
        return FAST
    return GENTLE if _SLOW.search(clause) else PLAIN
