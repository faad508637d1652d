"""What is in the repository, and what must not be."""

from __future__ import annotations

import re
import subprocess
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[3]
MAX_LINES = 420
"""A file that passes about 400 lines wants to be two."""


def tracked() -> list[Path]:
    names = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True, text=True).stdout.split("\0")
    return [ROOT / name for name in names if name and (ROOT / name).exists()]


def pins(file: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for line in (ROOT / file).read_text(encoding="utf-8").splitlines():
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        requirement = Requirement(line)
        (version,) = (s.version for s in requirement.specifier if s.operator == "==")
        found[canonicalize_name(requirement.name)] = version
    return found


def test_no_binary_is_tracked() -> None:
    assert [str(path) for path in tracked() if b"\0" in path.read_bytes()] == []


@pytest.mark.parametrize("file", ["requirements.txt", "requirements-dev.txt"])
def test_pins_carry_no_index_and_no_hash(file: str) -> None:
    text = (ROOT / file).read_text(encoding="utf-8")
    assert not re.search(r"--(index|extra-index|find-links|hash|trusted-host)|https?://", text)


def test_every_pin_lies_within_its_range() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    run, dev = pins("requirements.txt"), pins("requirements-dev.txt")
    wanted = [(run, spec) for spec in project["project"]["dependencies"]] + [(dev, spec) for spec in project["dependency-groups"]["dev"]]
    outside = []
    for table, spec in wanted:
        requirement = Requirement(spec)
        version = table.get(canonicalize_name(requirement.name))
        if version is None or not requirement.specifier.contains(version):
            outside.append((spec, version))
    assert outside == []


def test_the_tests_run_on_the_pins_of_the_app() -> None:
    run, dev = pins("requirements.txt"), pins("requirements-dev.txt")
    assert {name: (version, dev.get(name)) for name, version in run.items() if dev.get(name) != version} == {}


def test_no_source_file_is_too_long_to_read() -> None:
    sources = [path for path in tracked() if path.suffix in {".py", ".js", ".css", ".html"}]
    assert [(path.name, n) for path in sources if (n := len(path.read_text(encoding="utf-8").splitlines())) > MAX_LINES] == []


def test_every_dependency_says_why_it_is_there() -> None:
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    block = text.split("dependencies = [")[1].split("\n]")[0]
    assert [line for line in block.strip().splitlines() if "#" not in line] == []
