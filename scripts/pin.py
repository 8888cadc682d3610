"""Write constraints.txt: the exact version of everything the project and its tests install.

Run it in an environment that has what pyproject.toml asks for: `.venv/bin/python scripts/pin.py`.
"""

import tomllib
from collections.abc import Iterable
from importlib.metadata import distribution, version
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[1]
HEAD = "# Exact versions of every direct and transitive dependency; written by scripts/pin.py.\n"
TOOLS = ("pip",)


def wanted() -> list[str]:
    """What pyproject.toml asks for: to run, to develop and to build."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text())
    project = settings["project"]
    dev = settings["dependency-groups"]["dev"]
    return [*project["dependencies"], *dev, *settings["build-system"]["requires"]]


def closure(lines: Iterable[str], found: dict[tuple[str, str], None]) -> None:
    """Follow requirements to the last, as they hold on this machine."""
    for requirement in map(Requirement, lines):
        for extra in ("", *requirement.extras):
            name = canonicalize_name(requirement.name)
            if (name, extra) not in found:
                found[name, extra] = None
                needs = distribution(name).requires or []
                closure([need for need in needs if applies(need, extra)], found)


def applies(need: str, extra: str) -> bool:
    """Whether one requirement holds here, under one extra."""
    marker = Requirement(need).marker
    return marker is None or marker.evaluate({"extra": extra})


def main() -> None:
    """Write the file."""
    found: dict[tuple[str, str], None] = {}
    closure([*wanted(), *TOOLS], found)
    names = sorted({name for name, _ in found})
    text = HEAD + "".join(f"{name}=={version(name)}\n" for name in names)
    (ROOT / "constraints.txt").write_text(text)


if __name__ == "__main__":
    main()
