"""The account's templates: the file read, fields filled within their limits, the platform asked."""

import re
import tomllib
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot import templates
from bot.kit.facts import Fen
from bot.sandbox import templates as demo
from notifications import forms, notice
from notifications.forms import FormsBroken, fill, fitted, shortened
from tests.conversations.running import START, running

LIMITS = Path(demo.__file__).with_name("limits.toml")
PATTERNS = {
    kind: re.compile(row["pattern"])
    for kind, row in tomllib.loads(LIMITS.read_text("utf-8"))["field"].items()
    if not row.get("registered")
}
"""What the stand-in takes, written by whoever wrote it."""
KINDS = sorted(set(PATTERNS) - {"car_number"})
PERIOD = (START, START + timedelta(hours=2))


@pytest.mark.parametrize("kind", KINDS)
@given(text=st.text(max_size=60))
def test_any_words_fit_any_field(kind: str, text: str) -> None:
    assert PATTERNS[kind].fullmatch(fill(f"{kind}1", "x", {"x": text, "planned_at": START}))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("value", [None, START, PERIOD, Fen(40_050), 208, "", "三坐标测量机"])
def test_any_fact_fits_any_field(kind: str, value: Any) -> None:
    assert PATTERNS[kind].fullmatch(fill(f"{kind}1", "x", {"x": value, "planned_at": START}))


@pytest.mark.parametrize(
    ("field", "source", "said"),
    [
        ("thing1", "instrument", "电感耦合等离子体质谱仪"),
        ("time2", "period", "2026年11月20日 10:00~12:00"),
        ("time2", "starts_at", "2026年11月20日 10:00"),
        ("date2", "period", "2026年11月20日"),
        ("time2", "missing", "2026年11月20日 10:00"),
        ("character_string3", "YY{number}", "YY208"),
        ("amount4", "fee", "1400.50元"),
        ("phrase5", "待答复", "待答复"),
        ("number6", "number", "208"),
        ("thing7", "missing", "无"),
    ],
)
def test_fields_are_written_as_their_kind_is(field: str, source: str, said: str) -> None:
    facts = {
        "instrument": "电感耦合等离子体质谱仪（带激光剥蚀进样系统）",
        "period": PERIOD,
        "starts_at": START,
        "planned_at": START,
        "number": 208,
        "fee": Fen(140_050),
    }
    assert fill(field, source, facts) == said


@pytest.mark.parametrize(
    ("text", "short"),
    [
        ("三坐标测量机", "三坐标测量机"),
        ("电感耦合等离子体质谱仪（7900 型，带自动进样器）", "电感耦合等离子体质谱仪"),
        ("YY208 预约成功：三坐标测量机 GLOBAL Advantage", "YY208 预约成功：三坐标测量机…"),
        ("一二三四五六七八九十一二三四五六七八九十一", "一二三四五六七八九十一二三四五六七八九…"),
    ],
)
def test_what_is_too_long_is_shortened_with_sense(text: str, short: str) -> None:
    assert shortened(text, 20) == short
    assert len(fitted("thing", text)) <= 20


@pytest.mark.parametrize(
    ("file", "said"),
    [
        ('[x]\ntemplate = "T"', "x: no such kind"),
        ('["booking.approved"]\ntemplate = "T"', "no fields"),
        ('["booking.approved"]\nid = "T"', "no such kind|unknown|no fields"),
        (
            '["booking.approved"]\ntemplate = "T"\nfields = { thing1 = "colour" }',
            "no fact 'colour'",
        ),
        ('["booking.approved"]\ntemplate = "T"\nfields = { stuff1 = "title" }', "no kind of field"),
        ('["booking.approved"]\ntemplat = "T"\nfields = { thing1 = "title" }', "unknown 'templat'"),
        ("[", "templates.toml"),
    ],
)
def test_mistakes_of_the_file_are_named(tmp_path: Path, file: str, said: str) -> None:
    path = tmp_path / "templates.toml"
    path.write_text(file, "utf-8")
    with pytest.raises(FormsBroken, match=said):
        forms.load(path, notice.load())


def test_the_usual_template_serves_what_has_none() -> None:
    kinds = notice.load()
    served = forms.load(demo.FILE, kinds)
    assert set(served) == {*kinds, forms.DIGEST}
    assert served["booking.approved"].template == "demo-booking"
    assert served["booking.rejected"].template == "demo-notice"
    assert forms.load(None, kinds) == {}


async def test_the_platform_is_asked(sqlite_url: str, tmp_path: Path) -> None:
    """Right at first; then a template goes, and another wants more than it is given."""
    async with running(sqlite_url, templates=demo.FILE) as town:
        demo.add(town.platform)
        settings, client = town.account.settings, town.account.client
        assert (await templates.check(settings, client)).problems == []
        world = town.platform.world
        del world.templates["demo-asked"], world.templates["demo-booking-once"]
        town.platform.add_template("demo-digest", "x", {"thing1": "a", "thing9": "b"})
        wrong = (await templates.check(settings, client)).problems
        assert wrong == [
            "booking.asked: the account has no template demo-asked",
            "digest: demo-digest has no field number2, time3",
            "digest: nothing fills thing9 of demo-digest",
            "booking.approved: the account has no subscription demo-booking-once",
        ]
        none = replace_templates(settings, None)
        assert "names no file" in (await templates.check(none, client)).problems[0]


def replace_templates(settings: Any, path: Path | None) -> Any:
    return settings.model_copy(update={"templates": path})
