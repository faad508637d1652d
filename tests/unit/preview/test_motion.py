from __future__ import annotations

import pytest

from components.services.preview.motion import DEFAULT, FAST, GENTLE, Kind, read_move

ASKED = [
    ("slow push in on her face", Kind.PUSH),
    ("Zoom in", Kind.PUSH),
    ("a gentle dolly forward through the market", Kind.PUSH),
    ("The camera slowly moves closer to the old man", Kind.PUSH),
    ("camera flies through the canyon", Kind.PUSH),
    ("A very slow zoom on the cup", Kind.PUSH),
    ("the camera pulls back to reveal the valley", Kind.PULL),
    ("zoom out slowly", Kind.PULL),
    ("Pull out.", Kind.PULL),
    ("the shot widens", Kind.PULL),
    ("pan left", Kind.PAN_LEFT),
    ("The camera pans slowly to the left over the rooftops", Kind.PAN_LEFT),
    ("the camera moves from right to left", Kind.PAN_LEFT),
    ("pan to the right", Kind.PAN_RIGHT),
    ("camera tracking right along the wall", Kind.PAN_RIGHT),
    ("Slow pan across the bay", Kind.PAN_RIGHT),
    ("tilt up to the sky", Kind.TILT_UP),
    ("the camera rises above the trees", Kind.TILT_UP),
    ("Crane shot rising over the crowd", Kind.TILT_UP),
    ("the camera tilts gently down to the river", Kind.TILT_DOWN),
    ("the drone descends", Kind.TILT_DOWN),
    ("the camera orbits the statue", Kind.ORBIT_RIGHT),
    ("camera circles around her to the left", Kind.ORBIT_LEFT),
    ("orbit shot", Kind.ORBIT_RIGHT),
    ("the camera rolls", Kind.ROLL),
    ("handheld camera, nervous", Kind.HANDHELD),
    ("static shot of a lighthouse", Kind.STATIC),
    ("the camera stays perfectly still while people walk by", Kind.STATIC),
    ("no camera movement", Kind.STATIC),
    ("The camera doesn’t move.", Kind.STATIC),
    ("locked-off shot", Kind.STATIC),
]


@pytest.mark.parametrize(("prompt", "kind"), ASKED)
def test_a_camera_verb_moves_the_camera(prompt: str, kind: Kind) -> None:
    assert read_move(prompt).kind is kind


SUBJECTS = [
    "the sun rises over the sea",
    "a man is walking through the rain",
    "the bird flies up and away",
    "waves roll in",
    "she tilts her head up",
    "she tilts her head down and smiles",
    "he pushes in the door",
    "a car moves left",
    "the dancer spins around",
    "the planet orbits its star",
    "cars zoom past",
    "soup in a frying pan",
    "leaves drift down",
    "a still life with fruit",
    "a view of the rising sun",
    "she holds a handheld fan",
    "the elevator descends",
    "",
    "照片",
]


@pytest.mark.parametrize("prompt", SUBJECTS)
def test_a_subject_verb_leaves_the_gentle_push(prompt: str) -> None:
    assert read_move(prompt) == DEFAULT


@pytest.mark.parametrize(
    ("prompt", "kind"),
    [
        ("the sun rises while the camera pans left", Kind.PAN_LEFT),
        ("a bird flies up, the camera zooms out", Kind.PULL),
        ("As waves roll in, the camera slowly pushes in", Kind.PUSH),
        ("the camera watches the sun rise", DEFAULT.kind),
        ("The camera holds, then tilts up", Kind.STATIC),
        ("the camera follows her, slowly rising", Kind.TILT_UP),
    ],
)
def test_the_cameras_verb_beats_the_subjects(prompt: str, kind: Kind) -> None:
    assert read_move(prompt).kind is kind


@pytest.mark.parametrize(
    ("prompt", "kind"),
    [("no zoom in, pan left instead", Kind.PAN_LEFT), ("do not pan left", Kind.STATIC), ("without zooming in", Kind.STATIC)],
)
def test_a_refused_move_is_not_made(prompt: str, kind: Kind) -> None:
    assert read_move(prompt).kind is kind


@pytest.mark.parametrize(("prompt", "strength"), [("slow pan left", GENTLE), ("fast pan left", FAST), ("pan left", 1.0)])
def test_the_pace_is_read_from_the_same_clause(prompt: str, strength: float) -> None:
    assert read_move(prompt).strength == strength


def test_a_subjects_pace_is_not_the_cameras() -> None:
    assert read_move("people run fast, the camera slowly pans left").strength == GENTLE
