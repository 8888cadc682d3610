"""The pages say what is: links, commands, settings, numbers, paths, and the transcript."""

import re
import struct
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from urllib.parse import unquote

import click
import pytest

from bot import cli
from bot.logs import scrub
from bot.metrics import Metrics
from bot.settings import PREFIX, TO_SERVE, Settings
from bot.web.files import ENVELOPE
from bot.wechat import codes, turned_away, webhook
from store.file import LARGEST
from store.ledger.problems import SAID
from store.ledger.unreadable import WHY
from store.policies.reading import RULES
from tests.conversations.play import Player
from tests.conversations.running import fill, running
from tests.conversations.script import read, write

ROOT = Path(__file__).parents[1]
README = ROOT / "README.md"
DEPLOYING, OPERATING, MENDING = (ROOT / f"docs/{name}.md" for name in ("部署", "值守", "常见问题"))
PAGES = [README, ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").rglob("*.md"))]
TELLING = [page for page in PAGES if page.name != "CHANGELOG.md"]
"""Pages on what can be done now; the changelog also names what can't."""
DEPLOY = [path for path in (ROOT / "deploy").iterdir() if path.is_file()]

LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
CODE = re.compile(r"^```\w*\n(.*?)^```$|`([^`\n]+)`", re.DOTALL | re.MULTILINE)
COMMAND = re.compile(r"(?<![=\w-])(?<!-u )yixiang ([a-z]+)(?: ([a-z]+))?([^\n|&;]*)")
OPTION = re.compile(r"(?<!\S)--[a-z-]+")
TARGET = re.compile(r"\bmake ([a-z]+)\b")
SETTING = re.compile(rf"\b{PREFIX}[A-Z_]+\b")
METRIC = re.compile(r"\byixiang_[a-z_]+\b")
OURS = re.compile(
    r"(?:bot|handlers|notifications|store|tests|benchmarks|deploy|docs|scripts)/[\w./-]*"
)
EXAMPLES = {"handlers/lending.py", "handlers/texts/lending.toml"}
"""Files that how-to-add-a-flow.md has one write."""
LARGEST_PICTURE = 400 * 1024


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@cache
def text(path: Path) -> str:
    return path.read_text("utf-8")


def code(path: Path) -> Iterator[str]:
    """What stands in code, inline or in blocks."""
    for block, inline in CODE.findall(text(path)):
        yield block or inline


def cells(path: Path, heading: str) -> list[list[str]]:
    """The rows of the table below the line that holds a heading's first cells."""
    below = text(path).split(heading, 1)[1].splitlines()[2:]
    rows = []
    for line in below:
        if not line.startswith("|"):
            break
        rows.append([cell.strip() for cell in line.replace(r"\|", "\0").strip("|").split("|")])
    assert rows, heading
    return rows


def named(cell: str) -> list[str]:
    """What a cell names in code."""
    return re.findall(r"`([^`]+)`", cell)


def slug(heading: str) -> str:
    """The anchor that a heading gets."""
    kept = re.sub(r"[^\w\s-]", "", heading.strip().lower())
    return re.sub(r"\s", "-", kept)


def anchors(page: Path) -> set[str]:
    bare = re.sub(r"^```.*?^```$", "", text(page), flags=re.DOTALL | re.MULTILINE)
    return {slug(line.lstrip("#")) for line in bare.splitlines() if line.startswith("#")}


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_links_lead_somewhere(page: Path) -> None:
    lost = []
    for address in LINK.findall(text(page)):
        if address.startswith(("http://", "https://")):
            continue
        path, _, anchor = unquote(address).partition("#")
        there = page.parent / path if path else page
        if not there.exists() or (anchor and anchor not in anchors(there)):
            lost.append(address)
    assert lost == []


def test_every_page_is_linked() -> None:
    linked = {
        (page.parent / unquote(address).partition("#")[0]).resolve()
        for page in PAGES
        for address in LINK.findall(text(page))
    }
    decisions = ROOT / "docs" / "decisions"
    unlinked = {page for page in PAGES if page != README and page.resolve() not in linked}
    assert {name(page) for page in unlinked if page.parent != decisions} == set()
    assert decisions in linked


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_paths_are_there(page: Path) -> None:
    told = [found for piece in code(page) for found in OURS.findall(piece) if piece == found]
    assert {path for path in told if not (ROOT / path).exists()} - EXAMPLES == set()


def lines() -> Iterator[tuple[Path, str]]:
    """Lines of code on the pages, and of what is put in place by hand."""
    for page in TELLING:
        for piece in code(page):
            yield from ((page, line) for line in piece.splitlines())
    for path in DEPLOY:
        yield from ((path, line) for line in text(path).splitlines())


def command(first: str, second: str) -> click.Command | None:
    """The command that these words call."""
    found = cli.commands.commands.get(first)
    return found.commands.get(second) if isinstance(found, click.Group) else found


def options(called: click.Command) -> set[str]:
    return {one for each in called.params for one in each.opts} | {"--help"}


def test_commands_exist() -> None:
    wrong = []
    for page, line in lines():
        for first, second, rest in COMMAND.findall(line):
            called = command(first, second)
            if called is None or not set(OPTION.findall(rest)) <= options(called):
                wrong.append((name(page), line))
    assert wrong == []


def test_every_command_is_told() -> None:
    told = {found[:2] for _, line in lines() for found in COMMAND.findall(line)}
    firsts = {first for first, _ in told}
    for first, called in cli.commands.commands.items():
        assert first in firsts
        if isinstance(called, click.Group):
            assert {(first, second) for second in called.commands} <= told


def test_targets_exist() -> None:
    targets = set(re.findall(r"^([a-z]+):", text(ROOT / "Makefile"), re.MULTILINE))
    told = {found for _, line in lines() for found in TARGET.findall(line)}
    assert {"demo", "test"} <= told <= targets


def test_settings_exist_and_are_told() -> None:
    known = {PREFIX + field.upper() for field in Settings.model_fields}
    for path in [*PAGES, *DEPLOY]:
        assert set(SETTING.findall(text(path))) <= known, name(path)
    table = cells(DEPLOYING, "| 设置 | 默认 | 说明 |")
    assert {setting for row in table for setting in named(row[0])} == known


def test_defaults_are_those_of_the_settings() -> None:
    for setting, default, _ in cells(DEPLOYING, "| 设置 | 默认 | 说明 |"):
        field = named(setting)[0].removeprefix(PREFIX).lower()
        if default == "必填":
            assert field in TO_SERVE
            continue
        value = Settings.model_fields[field].default
        assert default == (f"`{value}`" if value else "空"), field
        assert field not in TO_SERVE


def test_the_example_of_settings_holds_what_the_server_needs() -> None:
    given = re.findall(rf"^{PREFIX}([A-Z_]+)=", text(ROOT / "deploy/env.example"), re.MULTILINE)
    assert set(TO_SERVE) <= {setting.lower() for setting in given}


def test_metrics_exist_and_are_told() -> None:
    families = list(Metrics().registry.collect())
    counters = {f"{each.name}_total" for each in families if each.type == "counter"}
    known = counters | {each.name for each in families if each.type != "counter"}
    known |= {f"{each.name}_bucket" for each in families if each.type == "histogram"}
    for page in (OPERATING, MENDING, ROOT / "docs/architecture.md"):
        assert {told for piece in code(page) for told in METRIC.findall(piece)} <= known
    table = cells(OPERATING, "| 指标 | 是什么 |")
    told = {metric for row in table for metric in named(row[0])}
    assert told == {each for each in known if not each.endswith("_bucket")}


def test_what_the_log_says_is_said() -> None:
    sources = "\n".join(
        text(path) for folder in ("bot", "store") for path in (ROOT / folder).rglob("*.py")
    )
    for row in cells(OPERATING, "| `event` | 意思 | 要不要管 |"):
        (event,) = named(row[0])
        assert re.search(rf'\.(info|warning|error|exception)\(\s*"{re.escape(event)}[":;]', sources)


def test_logs_keep_what_they_are_said_to_keep() -> None:
    assert "…" in text(OPERATING)
    assert scrub("王建国 13903541234 wang@example.cn") == "… … …"


def test_reasons_of_the_door_exist() -> None:
    for row in cells(MENDING, "| `why` | 意思 | 怎么办 |"):
        (reason,) = named(row[0])
        assert getattr(turned_away, reason).status == 403


def test_codes_of_the_platform_are_in_the_table() -> None:
    for row in cells(MENDING, "| 码 | 意思 | 怎么办 |"):
        for number in row[0].split("、"):
            assert int(number) in codes.table()


def test_troubles_of_ledgers_are_as_told() -> None:
    rows, files = (
        [named(row[0])[0] for row in cells(DEPLOYING, heading)]
        for heading in ("| 提示 | 意思 |", "| 提示 | 怎么办 |")
    )
    assert set(files) == set(WHY.values())
    for told in rows:
        assert any(said.endswith(told) for said in SAID.values()), told


def test_rules_are_told() -> None:
    table = cells(ROOT / "docs/policies.md", "| key | kind | what it decides |")
    assert {named(row[0])[0] for row in table} == set(RULES)


def test_layers_are_those_that_are_checked() -> None:
    settings = tomllib.loads(text(ROOT / "pyproject.toml"))
    (contract,) = (
        each for each in settings["tool"]["importlinter"]["contracts"] if each["type"] == "layers"
    )
    assert "\n".join(contract["layers"]) in text(ROOT / "docs/architecture.md")


def test_nginx_lets_through_what_the_account_takes() -> None:
    config = text(ROOT / "deploy/nginx.conf")
    assert f"client_max_body_size {webhook.LARGEST // 1024}k;" in config
    files = re.search(r"client_max_body_size (\d+)m;", config)
    assert files
    assert int(files[1]) * 1024 * 1024 >= LARGEST + ENVELOPE
    assert f"location = {webhook.PATH} " in config


def test_the_picture() -> None:
    content = (ROOT / "docs/images/sandbox.png").read_bytes()
    assert content.startswith(b"\x89PNG\r\n\x1a\n")
    assert struct.unpack(">II", content[16:24]) == (1600, 1000)
    assert len(content) < LARGEST_PICTURE


def test_version_and_changelog() -> None:
    settings = tomllib.loads(text(ROOT / "pyproject.toml"))
    assert settings["project"]["version"] in text(ROOT / "CHANGELOG.md")


async def test_the_transcript_is_what_the_account_says(
    sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    found = re.search(r"^```text\n(.*?)^```$", text(README), re.DOTALL | re.MULTILINE)
    assert found
    await fill(sqlite_url)
    async with running(sqlite_url) as town:
        told = write(await Player(town).play(read(found[1])))
    assert told.splitlines() == found[1].splitlines()
