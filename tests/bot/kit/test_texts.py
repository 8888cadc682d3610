from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.kit.say import Link, Say
from bot.kit.template import TemplateError
from bot.kit.texts import TextError, Texts, refusal
from store.errors import Refused
from tests.bot.kit import example
from tests.bot.kit.example import NOW


def tap(label: str, words: str) -> str:
    return f"<a {words}>{label}</a>"


def texts(**sources: str) -> Texts:
    return Texts({f"t.{key.replace('__', ':')}": text for key, text in sources.items()}, tap, tap)


def said(text: str, **args: object) -> str:
    return texts(x=text).compose(Say("t.x", args))


def test_placeholders() -> None:
    assert said("{name}，{n} 台", name="电镜", n=3) == "电镜，3 台"
    assert said("{n} 台", n=0) == "0 台"
    assert said("100% {a}%s", a="%d") == "100% %d%s"
    assert said("{a}", a=2.5) == "2.5"
    assert said("{a}", a=400.0) == "400"
    assert said("{a}", a=True) == "是"
    assert said("{a}", a=["甲", "乙<"]) == "甲、乙＜"


def test_lines_vanish_when_all_their_placeholders_are_empty() -> None:
    text = "甲 {a}\n  {b} · {c}\n价格 · {d}\n完"
    assert said(text, a=1, b="x", c="y", d="z") == "甲 1\n  x · y\n价格 · z\n完"
    assert said(text, a=1, b="x", c=None) == "甲 1\n  x\n完"
    assert said(text, b="", c="y") == "  y\n完"
    assert said(text) == "完"


def test_part_of_a_piece_may_be_empty() -> None:
    assert said("{name}{model}（{number}）", name="电镜", number="YQ1") == "电镜（YQ1）"


def test_taps() -> None:
    assert said("回复[[帮助]]") == "回复<a 帮助>帮助</a>"
    assert said("[[看看|YQ12]] 100%") == "<a YQ12>看看</a> 100%"
    assert said("[[{name}|{number}]] · {x}", name="电镜", number="YQ1") == "<a YQ1>电镜</a>"
    assert said("[[{name}|{number}]]\n好", name="", number="YQ1") == "好"


@pytest.mark.parametrize(
    "words", ["[[x]]", "[[x|y]]", '<a href="x">', "{name}", "%s", "]]>", "a<b"]
)
def test_what_people_wrote_is_never_a_tap_or_a_tag(words: str) -> None:
    for template in ("{a}", "{a} · {gone}", "[[{a}]]"):
        inner = said(template, a=words).removeprefix(f"<a {words.replace('<', '＜')}>")
        assert inner.removesuffix("</a>") == words.replace("<", "＜")


@given(st.text(), st.text())
def test_any_words_fill_any_placeholder(first: str, second: str) -> None:
    text = said("{a}\n{b} · {c}\n完", a=first, b=second)
    assert "<" not in text
    assert text.endswith("完")


def test_a_list() -> None:
    copy = texts(x="共 {total} 台：", x__item="{n}. {label}", x__tail="还有 {rest} 台")
    say = Say("t.x", {"total": 9}, items=({"label": "甲"}, {"label": "乙<"}), first=7)
    assert copy.compose(say) == "共 9 台：\n7. 甲\n8. 乙＜"
    assert copy.compose(Say("t.x", {"total": 0, "rest": 3})) == "共 0 台：\n还有 3 台"


def test_a_link_and_what_comes_below() -> None:
    copy = texts(x="好", open="打开")
    say = Say("t.x", link=Link("t.open", "http://127.0.0.1/"), then=Say("t.x", then=Say("t.x")))
    assert copy.compose(say) == "好\n<a http://127.0.0.1/>打开</a>\n\n好\n\n好"


def test_a_placeholder_may_be_another_text() -> None:
    copy = texts(x="改「{what}」", y="第 {n} 项")
    assert copy.compose(Say("t.x", {"what": {"key": "t.y", "args": {"n": 2}}})) == "改「第 2 项」"


def test_askings_fall_back() -> None:
    copy = texts(x="问", x__item="{n}、{label}", x__again="再问", y="问")
    items = ({"label": "甲"},)
    assert copy.compose(Say("t.x:again", items=items)) == "再问\n1、甲"
    assert copy.compose(Say("t.y:again")) == "问"
    assert copy.compose(Say("t.x:brief")) == "问"
    assert example.texts().compose(Say("example.request.mode:third")).startswith("还是没弄明白")


@dataclass(eq=False)
class Odd(Refused):
    day: date
    several: list[date]
    at: object


def test_a_refusal_is_worded_nearest_first() -> None:
    copy = Texts({"a.b.c.Odd": "1", "a.b.Odd": "2", "a.Odd": "3", "refused.Odd": "4"}, tap, tap)
    why = Odd(NOW.date(), [NOW.date()], NOW)
    for near, text in {"a.b.c": "1", "a.b.x": "2", "a.x.y": "3", "a": "3", "x.y.z": "4"}.items():
        assert copy.compose(refusal(near, why)) == text
        assert copy.refusal(near, why) == refusal(near, why)


def test_what_a_refusal_says_is_json_in_words() -> None:
    day = "11月20日（周五）"
    facts = {"day": day, "several": [day], "at": f"{day}10:00"}
    assert refusal("a", Odd(NOW.date(), [NOW.date()], NOW)).args == facts
    assert refusal("a", Odd(NOW.date(), [], {1: Path("x")})).args["at"] == {"1": "x"}


def test_no_text() -> None:
    with pytest.raises(KeyError, match=r"t\.nothing"):
        texts(x="x").compose(Say("t.nothing"))


@pytest.mark.parametrize(
    "source", ["{", "}", "{Name}", "{a:>3}", "{a.b}", "[[x", "x]]", "[[]]", "{0}"]
)
def test_a_placeholder_must_be_one(source: str) -> None:
    with pytest.raises(TemplateError):
        said(source)


def test_every_mistake_of_the_files_is_named(tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_text(
        '[x]\ntext="{"\n[y]\nwords="x"\n[z]\ntext=1\n', encoding="utf-8"
    )
    (tmp_path / "b.toml").write_text("[x]\ntext='''" + "字" * 700 + "'''", encoding="utf-8")
    (tmp_path / "c.toml").write_text("x", encoding="utf-8")
    (tmp_path / "d.toml").write_bytes(b"\xff")
    with pytest.raises(TextError) as wrong:
        Texts.load([tmp_path])
    lines = str(wrong.value).splitlines()
    assert [line.partition(":")[0] for line in lines] == ["a.toml"] * 3 + [
        "b.toml",
        "c.toml",
        "d.toml",
    ]
    assert "a.x" in lines[0]
    assert "a.y.words" in lines[1]
    assert "a.z.text" in lines[2]
    assert "2100 bytes" in lines[3]


def test_a_key_stands_once_in_all_folders(tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "a.toml").write_text('[x]\ntext="x"', encoding="utf-8")
    with pytest.raises(TextError, match=r"a\.x is there twice"):
        Texts.load([tmp_path / "one", tmp_path / "two"])


def test_the_house_own_texts_load() -> None:
    copy = Texts.load([example.HOUSE])
    assert {"talk.expired", "talk.change", "refused.Unreadable"} <= copy.keys()
    assert copy.compose(Say("talk.first", {"what": "预约"})).startswith("「预约」")
