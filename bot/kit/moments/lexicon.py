"""The words of time, from `moments.toml`, as one expression that walks through a phrase."""

import re
import tomllib
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any, TypeAlias

from bot.kit.reading import plain

TABLE: dict[str, Any] = tomllib.loads(
    Path(__file__).with_name("moments.toml").read_text(encoding="utf-8")
)
LONGEST = 150
"""Characters of a message that is read as a moment; who writes more says something else."""

Entry: TypeAlias = tuple[str, Any]
"""What a word does (see `handlers.py`), and to what."""

_TENS = "零一二三四五六七八九"


def _numbers() -> Iterator[tuple[str, int]]:
    """Every way to write 0 to 99, `05` and `零五` as well."""
    for value in range(100):
        tens, ones = divmod(value, 10)
        last = _TENS[ones] if ones else ""
        yield from ((str(value), value), (f"{value:02}", value))
        if tens < 2:
            yield ("十" + last, value) if tens else (_TENS[ones], value)
        if tens:
            yield _TENS[tens] + "十" + last, value
        if tens in (2, 3):
            yield "廿卅"[tens - 2] + last, value
        if 0 < value < 10:
            yield "零" + _TENS[value], value
    yield "两", 2
    yield "元", 1  # 元月


NUMBERS: dict[str, int] = dict(_numbers())
"""What a one- or two-digit number means, however it is written."""
_ALIKE = str.maketrans({other: sign for sign, others in TABLE["alike"].items() for other in others})
_BLANK = re.compile(r"(?<![0-9a-z]) | (?![0-9a-z])")


def settle(words: str) -> str:
    """The words as the expression wants them: plain, one sign for one thing.

    Blanks stay only where they keep numbers or Latin words apart.
    """
    text = plain(words)
    if not text.isascii():
        text = text.translate(_ALIKE)
    return _BLANK.sub("", text) if " " in text else text


def _words() -> dict[str, Entry]:
    """Every single word, and what it does; where two lists have it, the later one."""
    t = TABLE
    words: dict[str, Entry] = {}
    for does, several in t["open"].items():
        words |= {word: (does, word) for word in several}
    words |= {word: ("day", ahead) for word, ahead in t["days"].items()}
    words |= {word: ("part", part) for part, of in t["parts"].items() for word in of["words"]}
    for does in t["moments"].keys() - {"or"}:
        words |= dict.fromkeys(t["moments"][does], (does, None))
    words |= {word: ("next", ahead) for word, ahead in t["next"].items()}
    words |= {word: ("year", ahead) for word, ahead in t["years"].items()}
    words |= {f"月{word}": ("month_span", (0, word)) for word in t["spans"]}
    words |= {word: ("month_span", (0, word)) for word in t["spans"] if len(word) == 2}
    words |= {word: ("year_span", tuple(span)) for word, span in t["year_spans"].items()}
    words |= {word: ("feast", name) for name, said in t["festivals"].items() for word in said}
    words |= {word: ("other", tuple(day)) for word, day in t["other_days"].items()}
    words |= {word: ("several", tuple(ahead)) for word, ahead in t["several"].items()}
    for day, sign in enumerate("一二三四五六七八九十"):
        words |= {f"{of}初{sign}": ("other", ("春节", day)) for of in ("正月", "大年", "年")}
        words[f"初{sign}"] = ("first_month", day)
    for word, ahead in t["short"].items():
        for short, part in t["short_parts"].items():
            words[word + short] = ("short", (ahead, part))
    return words | {word: ("fill", None) for word in t["fill"]["words"] if word not in words}


WORDS = _words()


def _trie(words: Collection[str]) -> str:
    """An expression for any of the words, the longest first, that looks at each sign once."""
    heads: dict[str, list[str]] = {}
    for word in words:
        if word:
            heads.setdefault(word[0], []).append(word[1:])
    branches = [re.escape(head) + _tail(tails) for head, tails in heads.items()]
    return branches[0] if len(branches) == 1 else f"(?:{'|'.join(branches)})"


def _tail(tails: list[str]) -> str:
    longer = [tail for tail in tails if tail]
    if not longer:
        return ""
    return f"(?:{_trie(longer)})?" if "" in tails else _trie(longer)


_C = "[零一二三四五六七八九十廿卅两]"
_N = rf"(?:[0-9]{{1,2}}(?![0-9])|{_C}{{1,3}})"
_BARE = r"(?![0-9零一二三四五六七八九十百两半个小钟点时分天台h月.:号日刻])"
"""What keeps a number from standing without its unit."""
_COUNTS = "(?![人名位批份组件块片种支瓶克元套盒根只条袋管样次炉孔张颗遍轮]|试样)"
"""What keeps it from being minutes: `到11点 2人`."""
_NO_ROOM = "(?![机楼室线馆门院柜房炉样试仪路桌位]|实验室|设备)"
_D = "一二三四五六日天"
_OF_MONTH = "|".join(sorted(TABLE["spans"], key=len, reverse=True))
_PARTS = "|".join(
    sorted((w for of in TABLE["parts"].values() for w in of["words"] if w != "早"), key=len)[::-1]
)
_AFTER = "(?P<dur_to>[之以过]?后(?![天日儿])|[之以]?内|[之以]?前(?![天日儿台])|里)?"

_NUMERIC = (
    (
        rf"(?P<clock>(?P<ch>{_N})(?:(?:点(?!半?[天])钟?|时(?![间候段长刻]))"
        rf"(?:(?P<chalf>半)(?!天|个?小时|个?钟|日|个?月)|(?P<cq>[一二三两123])刻(?!钟)|整|(?P<cless>差(?:(?P<som>{_N})分|一刻))"
        rf"|[过零]?(?P<cm>{_N})(?:分(?!钟)|{_BARE}{_COUNTS}))?|(?= ?[ap]\.?m)))"
    ),
    (
        r"(?P<digital>(?P<dgh>[0-9]{1,2}):(?P<dgm>[0-9]{2})(?::[0-9]{2}(?:\.[0-9]+)?)?"
        r"(?:\+08:?00)?(?![0-9])分?)"
    ),
    (
        rf"(?P<dur>(?:(?P<dn>[0-9]{{1,4}}(?:\.[0-9]{{1,2}})?|(?:{_C}|[百半]){{1,5}})"
        r"(?:(?P<dge>个)(?P<dhalf>半)?)? ?"
        r"(?P<du>小时|钟头|(?(dge)钟(?!头)|(?!))|(?(dge)(?:月|半月)|(?!))"
        r"|hours?|hrs?|h(?![a-z])|分钟|mins?(?:utes?)?|刻钟|工作日"
        rf"|天|日(?=[之以]?[后内])|分(?=[之以]?后)|(?:周|星期|礼拜)(?![{_D}末1-7])|年(?=[之以]?后))"
        r"(?P<dhalf2>半(?![天小个日]))?)"
        rf"(?:(?<=小时|钟头)零?(?P<dmin>{_N})分钟?|(?<=h)(?P<dmin2>[0-9]{{1,2}})m(?:in)?)?的?{_AFTER})"
    ),
    rf"(?P<md>(?P<mdm>{_N}|元)月(?:份的?|的)?(?P<mdd>{_N})(?:[号日]{_NO_ROOM}|{_BARE}))",
    rf"(?P<dom>(?P<dd>{_N})[号日]{_NO_ROOM})",
    (
        r"(?P<stamp>(?P<sy>20[0-9]{2})(?P<sm>[0-9]{2})(?P<sd>[0-9]{2})"
        r"(?:t?(?P<sh>[0-9]{2}):?(?P<smin>[0-9]{2})(?::?[0-9]{2})?)?z?(?![0-9]))"
    ),
    (
        r"(?P<iso>(?P<iy>[0-9]{4})(?P<isep>[-./ ])(?P<im>[0-9]{1,2})(?P=isep)"
        r"(?P<id>[0-9]{1,2})(?![0-9])[日号]?)"
    ),
    rf"(?P<year>(?P<yn>[0-9]{{4}}|[0-9]{{2}}|{_C}{{4}}|{_C}{{2}})年)",
    rf"(?P<month>(?P<mo>{_N}|元)月份?(?:的?(?P<mospan>{_OF_MONTH})(?![午秋一二三四五六七八九十]))?)",
    r"(?P<slash>(?P<slm>[0-9]{1,2})/(?P<sld>[0-9]{1,2})(?![0-9/.])[号日]?)",
    (
        r"(?P<dot>(?P<dotm>[0-9]{1,2})\.(?P<dotd>[0-9]{1,2})(?![0-9.])[号日]?"
        r"(?P<then>(?= ?[0-9]{1,2}[:点时.]| [0-9]{3,4}(?![0-9])|[(周星礼上下中早晚凌傍夜清]))?)"
    ),
    r"(?P<dash>(?P<dam>[0-9]{1,2})-(?P<dad>[0-9]{1,2})(?![0-9:.点时月半/h号日小个天分-]|[ap]m))",
    rf"(?P<before>差(?:(?P<bm>{_N})分钟?|一刻钟?)[到就]?(?P<bh>{_N})点)",
    (
        rf"(?P<counted>(?:[0-9]{{1,4}}|{_C}{{1,3}})(?:个(?![半小钟月星礼周工])|[台批份组件块片位人名种支瓶克元套盒根只条袋管样次炉孔张颗遍轮楼层]"
        r"|号[机楼室线馆门院柜房炉样])(?:样品|试样|样)?)"
    ),
    r"(?P<quad>(?P<quads>[0-9]{3,4})(?![0-9])(?P<quadthen>(?= [0-9]|[上下中早晚凌傍夜清]))?)",
    rf"(?P<num>[0-9]{{1,2}}(?![0-9])|(?<=[到至~-]){_C}{{1,3}}|{_C}{{1,3}}(?=[到至~-]))",
)
_WEEK = "(?P<wpre>下+(?:一?个|一)?|上+(?:一?个|一)?|这一?个?|本|此|当|今)"
_MONTHS = "(?P<mpre>下+一?个?|上+一?个?|这个?|本|当|今)"
_VERBAL = (
    rf"(?P<either>{_trie(TABLE['moments']['or'])}(?![时有]))",
    (
        rf"(?P<week>{_WEEK}?(?:(?P<wend>双休日?|周六日|周六周日)"
        rf"|的?(?:周|星期|礼拜)(?:的?(?P<wday>[{_D}末]|[1-7](?![0-9点:时]))|(?(wpre)|(?!)))))"
    ),
    rf"(?P<rmonth>{_MONTHS}月份?(?:的?(?P<rmspan>{_OF_MONTH})(?![午秋一二三四五六七八九十]))?)",
    (
        rf"(?P<ord>(?:第(?P<on>{_N})|(?P<olast>最后)一?|首|头一?)个?"
        rf"(?:(?:周|星期|礼拜)(?P<owd>[{_D}])|(?P<owork>工作日|上班日)|(?P<oday>天|日)|(?P<oweek>周|星期|礼拜)))"
    ),
    r"(?P<work>(?P<wk>下+一?个?|最近的?一?个?|最近)?(?:工作日|上班日))",
    (
        rf"(?P<shift>[的之以]?(?P<sdir>前|后)的?(?:第?(?P<sn>{_N})|(?P<slast>最后)一?|首)个?"
        rf"(?P<su>天|日|工作日|上班日|(?:周|星期|礼拜)(?P<swd>[{_D}])))"
    ),
    r"(?P<dashed>(?<=[0-9点半分整])一+(?=[0-9]))",
    rf"(?P<later>再?过(?!(?:两|几)天)(?=[0-9]|{_C}))",
    r"(?P<eleventh>十一(?=长假|假期|黄金周|期间|节?[前后]))",
    r"(?P<feasts>(?:放?假|节)(?=[前后之以])|(?:长假|假期|放假|黄金周))",
    rf"(?P<whole>(?:一整个?|整个?|一个?|全)(?P<wpart>{_PARTS}|夜)|[全整][天日]|一整天)",
    r"(?P<edge>[之以]?(?P<edir>前|后)(?![天日儿台面续半期处备缀]))",
)
_HEADS = "上下这本此当今的周星礼双第最首头前后之以工再过十放节长假黄一整全个" + "".join(
    {word[0] for word in TABLE["moments"]["or"]}
)
"""What any of these begins with: all other signs are spared the trying."""
_MONTH_NAMES = "|".join(TABLE["english"]["months"])
_DAY_NAMES = "|".join(TABLE["english"]["weekdays"])
_OTHER = (
    (
        rf"(?P<english>(?P<enm>{_MONTH_NAMES})[a-z]{{0,6}}\.? ?"
        r"(?P<end>[0-9]{1,2})(?![0-9:])(?:st|nd|rd|th)?"
        rf"|(?P<enw>{_DAY_NAMES})(?:s|nes|rs|ur)?(?:day)?(?![a-z]))"
    ),
    r"(?P<number>(?:yq|yy|cxq|ht|xq|gd|bb|py) ?[0-9]+)",
    r"(?P<mark>[\s,。!?()\[\]\"'“”…《》<>{}|]+|t(?=[0-9]))",
    r"(?P<code>[a-z][a-z0-9]*(?:-[a-z0-9]+)*)",
    r"(?P<junk>[0-9]+|.)",
)
SCAN = re.compile(
    f"(?=[0-9零一二三四五六七八九十廿卅两百半差元])(?:{'|'.join(_NUMERIC)})"
    f"|(?=[{_HEADS}])(?:{'|'.join(_VERBAL[:-1])})"
    f"|(?P<word>{_trie(WORDS)})|{_VERBAL[-1]}|{'|'.join(_OTHER)}",
    re.DOTALL,
)
"""Walks through a settled phrase; the name of the outermost group says what was met."""
