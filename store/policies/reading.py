"""Reading policies from TOML: `default.toml`, a region's file over it, a site's own over both."""

import hashlib
import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import fields
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any, get_args, get_type_hints

from store.policies.policy import Policy
from store.policies.rule import Deadline, Names, PolicyBroken, Rule

FOLDER = Path(__file__).parent
REGIONS = ("jinzhong", "jiaxing", "alxa", "shanxi", "alliance")


def _whole(value: Any) -> int:  # noqa: ANN401 - whatever TOML holds
    if type(value) is not int or value < 0:
        raise PolicyBroken(f"{value!r} is no whole number")
    return value


def _yes(value: Any) -> bool:  # noqa: ANN401
    if type(value) is not bool:
        raise PolicyBroken(f"{value!r} is neither true nor false")
    return value


def _words(value: Any) -> str:  # noqa: ANN401
    if not isinstance(value, str):
        raise PolicyBroken(f"{value!r} is no words")
    return value


def _span(value: Any) -> timedelta:  # noqa: ANN401
    found = re.fullmatch(r"(\d+) (minutes|hours|days)", str(value))
    if found is None:
        raise PolicyBroken(f"{value!r} is no span such as '7 days'")
    return timedelta(**{found[2]: int(found[1])})


def _deadline(value: Any) -> Deadline:  # noqa: ANN401
    found = re.fullmatch(r"(\d+) (working )?days", str(value))
    if found is None:
        raise PolicyBroken(f"{value!r} is no deadline such as '30 working days'")
    return Deadline(int(found[1]), working=found[2] is not None)


KINDS: dict[Any, Callable[[Any], Any]] = {
    bool: _yes,
    int: _whole,
    str: _words,
    timedelta: _span,
    Deadline: _deadline,
}
RULES: dict[str, Callable[[Any], Any]] = {
    name: KINDS[get_args(hint)[0]]
    for name, hint in get_type_hints(Policy).items()
    if getattr(hint, "__origin__", None) is Rule
}
NAMES = frozenset(field.name for field in fields(Names))
FIELDS = frozenset({"value", "document", "article"})


@cache
def load(region: str, folder: Path = FOLDER, extra: Path | None = None) -> Policy:
    """Read `default.toml`, the region's file over it, and a site's own over both.

    Raises PolicyBroken, naming the file and the key.
    """
    if region not in REGIONS:
        raise PolicyBroken(f"no region {region!r}; there are {', '.join(REGIONS)}")
    paths = [folder / "default.toml", folder / f"{region}.toml", *([extra] if extra else [])]
    texts = [path.read_text(encoding="utf-8") for path in paths]
    names: dict[str, Any] = {}
    rules: dict[str, Any] = {}
    for path, text in zip(paths, texts, strict=True):
        table = _table(path, text)
        names |= table.get("names", {})
        rules |= table.get("rules", {})
    return _policy(region, names, rules, "\n".join(texts))


def _table(path: Path, text: str) -> dict[str, Any]:
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as why:
        raise PolicyBroken(f"{path.name}: {why}") from None
    _refuse_unknown(path.name, table, {"names", "rules"})
    _refuse_unknown(path.name, table.get("names", {}), NAMES)
    _refuse_unknown(path.name, table.get("rules", {}), set(RULES))
    for key, rule in table.get("rules", {}).items():
        if not isinstance(rule, dict) or set(rule) != FIELDS:
            raise PolicyBroken(f"{path.name}: {key} must have value, document and article")
    return table


def _refuse_unknown(name: str, table: Mapping[str, Any], known: set[str] | frozenset[str]) -> None:
    if unknown := sorted(set(table) - known):
        raise PolicyBroken(f"{name}: unknown {', '.join(unknown)}")


def _policy(region: str, names: dict[str, Any], rules: dict[str, Any], text: str) -> Policy:
    if missing := sorted(set(RULES) - set(rules)):
        raise PolicyBroken(f"{region}: missing {', '.join(missing)}")
    if missing := sorted({"region", "account", "bureau"} - set(names)):
        raise PolicyBroken(f"{region}: missing {', '.join(missing)}")
    read = {key: _rule(key, rules[key]) for key in RULES}
    digest = hashlib.sha256(text.encode()).hexdigest()
    return Policy(code=region, names=Names(**names), hash=digest, text=text, **read)


def _rule(key: str, rule: dict[str, Any]) -> Rule[Any]:
    try:
        return Rule(RULES[key](rule["value"]), rule["document"], rule["article"])
    except PolicyBroken as why:
        raise PolicyBroken(f"{key}: {why}") from None
