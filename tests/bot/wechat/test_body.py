"""Bodies: what is read, what is refused, and how fast it is refused."""

import json
import re
import time
from collections.abc import Callable

import pytest
import xmltodict
from hypothesis import given
from hypothesis import strategies as st

from bot.wechat import body as bodies
from bot.wechat.turned_away import Unreadable
from tests.bot.wechat.pushing import KEY, door, text, xml

SIZE = 250_000
TAG = st.from_regex(r"[A-Za-z][A-Za-z0-9_]{0,12}", fullmatch=True)
LEGAL = st.text(
    st.characters(codec="utf-8", exclude_categories=("Cc", "Cs"), exclude_characters="\ufffe\uffff")
    | st.sampled_from("\t\n ]>&<![CDATA")
)


def test_a_message() -> None:
    assert bodies.read(xml(text())) == text()
    assert bodies.read(json.dumps(text()).encode()) == text()
    assert bodies.read(b"\xef\xbb\xbf" + xml(text())) == text()
    assert bodies.read(b"\xef\xbb\xbf \n" + json.dumps(text()).encode()) == text()


def test_nested_and_repeated_fields() -> None:
    fields = {"A": {"List": [{"x": "1"}, {"x": "2"}], "Empty": ""}, "B": "b", "C": ["1", "2"]}
    assert bodies.read(xml(fields)) == fields


def test_control_characters_are_dropped_not_refused() -> None:
    body = xml(text("离\x00心\x08机\x1f")).decode().encode()
    assert bodies.read(body)["Content"] == "离心机"


@given(st.dictionaries(TAG, LEGAL, min_size=1, max_size=8), st.sampled_from(["", "\n", " \t\n"]))
def test_flat_bodies_read_as_expat_and_xmltodict_do(fields: dict[str, str], gap: str) -> None:
    inner = "".join(f"{gap}{_field(name, value)}" for name, value in fields.items())
    body = f"<xml>{inner}{gap}</xml>".encode()
    expected = {name: value.replace("\r\n", "\n") for name, value in fields.items()}
    assert bodies.read(body) == bodies._nested(body) == expected
    oracle = xmltodict.parse(body, strip_whitespace=False)["xml"]
    assert {name: oracle[name] or "" for name in expected} == expected


def _field(name: str, value: str) -> str:
    if "]]>" in value or len(value) % 2:
        escaped = value.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
        return f"<{name}>{escaped}</{name}>"
    return f"<{name}><![CDATA[{value}]]></{name}>"


PIECES = st.sampled_from(
    [
        "<xml>",
        "</xml>",
        "<a>",
        "</a>",
        "<b>",
        "</b>",
        "<a/>",
        "<![CDATA[",
        "]]>",
        "]",
        "&amp;",
        "&x;",
        "&",
        "<",
        ">",
        "\x00",
        "\x0b",
        "\ufffe",
        "文",
        "x",
        "<!---->",
        "<?p?>",
        "<a&b='1'>",
        "<!DOCTYPE",
        "<!ENTITY",
        "]]]]><![CDATA[>",
        "<Content>",
        "</Content>",
    ]
) | st.sampled_from([" ", "\n", "\r\n", "\t"])


@given(st.lists(PIECES, max_size=25).map("".join))
def test_the_quick_way_takes_only_what_expat_reads_alike(inner: str) -> None:
    for whole in (f"<xml>{inner}</xml>", inner):
        quick = bodies._flat(whole)
        if quick:
            assert bodies._nested(whole.encode()) == quick


@given(st.binary(max_size=300) | st.lists(PIECES).map("".join).map(str.encode))
def test_nothing_else_is_raised(body: bytes) -> None:
    for whole in (body, b"<xml>" + body + b"</xml>", b"{" + body + b"}"):
        try:
            fields = bodies.read(whole)
        except Unreadable:
            continue
        assert isinstance(fields, dict)


@given(st.recursive(st.none() | st.integers() | st.text() | st.floats(), st.lists, max_leaves=9))
def test_json_of_any_shape(value: object) -> None:
    for whole in (value, {"MsgType": value}):
        try:
            fields = bodies.read(json.dumps(whole).encode())
        except Unreadable:
            continue
        assert fields.keys() == {"MsgType"}


def laughs() -> bytes:
    lines = ['<!ENTITY l0 "ha">']
    lines += [f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10)]
    return f"<!DOCTYPE xml [{''.join(lines)}]><xml><Content>&l9;</Content></xml>".encode()


BOMBS: dict[str, bytes] = {
    "billion laughs": laughs(),
    "quadratic blow-up": (
        f'<!DOCTYPE xml [<!ENTITY a "{"x" * 100_000}">]><xml>{"&a;" * 40_000}</xml>'.encode()
    ),
    "external entity": (
        b'<!DOCTYPE xml [<!ENTITY a SYSTEM "file:///etc/passwd">]><xml><Content>&a;</Content></xml>'
    ),
    "external document type": b'<!DOCTYPE xml SYSTEM "http://127.0.0.1:9/x.dtd"><xml><a>b</a></xml>',
    "parameter entity": b'<!DOCTYPE xml [<!ENTITY % a SYSTEM "file:///etc/passwd"> %a;]><xml/>',
    "bomb behind a byte order mark": b"\xef\xbb\xbf" + laughs(),
    "bomb in UTF-16": laughs().decode().encode("utf-16"),
    "bomb in UTF-7": b'<?xml version="1.0" encoding="utf-7"?>' + laughs(),
    "deep": b"<xml>" + b"<a>" * (SIZE // 7) + b"</a>" * (SIZE // 7) + b"</xml>",
    "deep without an end": b"<a>" * (SIZE // 3),
    "wide": b"<xml>" + b"<a></a>" * (SIZE // 7) + b"</xml>",
    "wide, all different": b"<xml>" + b"".join(b"<a%d/>" % n for n in range(SIZE // 9)) + b"</xml>",
    "attributes": b"<xml " + b" ".join(b'a%d=""' % n for n in range(SIZE // 9)) + b"></xml>",
    "one attribute": b'<xml a="' + b"x" * SIZE + b'"></xml>',
    "one unfinished section": b"<xml><a><![CDATA[" + b"]" * SIZE,
    "one comment": b"<xml><!--" + b"x" * SIZE + b"</xml>",
    "many comments": b"<xml>" + b"<!---->" * (SIZE // 7) + b"</xml>",
    "many instructions": b"<xml>" + b"<?a?>" * (SIZE // 5) + b"</xml>",
    "references": b"<xml><a>" + b"&#1;" * (SIZE // 4) + b"</a></xml>",
    "undefined entity": b"<xml><a>&a;</a></xml>",
    "blanks": b"<xml>" + b" " * SIZE + b"</xml",
    "unclosed fields": b"<xml>" + b"<a><![CDATA[" * (SIZE // 12),
    "deep JSON": b'{"a":' * (SIZE // 5),
    "deep JSON lists": b'{"a":' + b"[" * SIZE,
    "deep JSON, closed": b'{"a":' + b"[" * 900 + b"]" * 900 + b"}",
    "wide JSON": b'{"a":[' + b"0," * (SIZE // 2) + b"0]}",
    "long number": b'{"MsgId":' + b"9" * SIZE + b"}",
    "long fraction": b'{"MsgId":[' + b"9" * SIZE + b".5e-5",
    "JSON in UTF-16": json.dumps(text()).encode("utf-16"),
}


@pytest.mark.parametrize("name", BOMBS)
def test_bombs_are_refused_fast(name: str) -> None:
    body = BOMBS[name]
    assert len(body) < 450_000
    began = time.process_time()
    with pytest.raises(Unreadable):
        bodies.read(body)
    assert time.process_time() - began < 2


FAIR: dict[str, Callable[[], bytes]] = {
    "one giant section": lambda: xml(text("x" * SIZE)),
    "brackets": lambda: xml(text("]" * SIZE)),
    "Chinese": lambda: xml(text("测" * (SIZE // 3))),
    "references": lambda: xml(text("]]>" * (SIZE // 12))),
    "markup in a section": lambda: xml(text("<!DOCTYPE a [<!ENTITY b 'c'>]>&b;<a>" * (SIZE // 40))),
    "JSON": lambda: json.dumps(text("测\U0001f600" * (SIZE // 18))).encode(),
}


def test_a_giant_name_is_read_fast() -> None:
    began = time.process_time()
    assert bodies.read(b"<xml><" + b"a" * SIZE + b"/></xml>") == {"a" * SIZE: ""}
    assert time.process_time() - began < 2


@pytest.mark.parametrize("name", FAIR)
def test_large_is_read_fast(name: str) -> None:
    body = FAIR[name]()
    began = time.process_time()
    fields = bodies.read(body)
    assert time.process_time() - began < 2
    assert re.match(r"[x\]测<]", fields["Content"])


async def test_bombs_through_the_door() -> None:
    async with door() as plain, door(keys=(KEY,)) as safe:
        for name, body in BOMBS.items():
            began = time.process_time()
            expected = 400 if len(body) <= 256 * 1024 else 413
            assert (await plain.post(plain.query(), body))[0] == expected, name
            query = safe.query(encrypt_type="aes", msg_signature="0" * 40)
            assert (await safe.post(query, body))[0] in {expected, 400}, name
            del query["signature"]
            assert (await safe.post(query, body))[0] in {403, 413}, name
            if len(body) < 150_000 and b"\xff" not in body:
                assert await safe.post(*safe.sealed(body)) == (200, b"success"), name
            assert time.process_time() - began < 5
    assert plain.desk.heard == safe.desk.heard == []
