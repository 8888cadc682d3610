"""The numbers in limits.toml are the reference's; the tests of limits read them from there."""

from bot.sandbox.platform_account import Kind
from bot.sandbox.platform_limits import Limits

MINUTE, HOUR, DAY = 60, 3600, 86400
SECONDS = {
    "reply_seconds": 5,
    "token_seconds": 2 * HOUR,
    "token_early_seconds": 5 * MINUTE,
    "token_overlap_seconds": 5 * MINUTE,
    "force_gap_seconds": 30,
    "ticket_seconds": 2 * HOUR,
    "typing_after_seconds": 30,
    "typing_lasts_seconds": 15,
    "client_msg_id_seconds": 10 * MINUTE,
    "mass_key_seconds": DAY,
    "mass_key_gap_seconds": MINUTE,
    "qr_seconds": 30 * DAY,
    "qr_default_seconds": MINUTE,
    "media_seconds": 3 * DAY,
}
WINDOWS = {
    "message": (5, 48 * HOUR),
    "click": (3, MINUTE),
    "follow": (3, MINUTE),
    "scan": (3, MINUTE),
}
QUOTAS = {
    "stable_token": (500_000, 500_000),
    "token": (2000, 200),
    "menu/create": (1000, 100),
    "message/custom/send": (500_000, 50_000),
    "message/template/send": (100_000, 100_000),
    "message/mass/send": (100, 100),
    "message/mass/sendall": (100, 100),
    "message/mass/preview": (100, 100),
    "message/mass/delete": (10, 10),
    "qrcode/create": (100_000, 10_000),
    "user/get": (500, 100),
    "user/info": (5_000_000, 500_000),
    "media/upload": (100_000, 500),
    "draft/add": (1000, 1000),
    "freepublish/submit": (100, 100),
    "freepublish/get": (100, 100),
    "freepublish/delete": (10, 10),
}
"""Calls a day: of a verified account, of a test account (wechat-platform.md 1.5, 2.6, 2.8)."""


def test_times() -> None:
    """wechat-platform.md 1.5, 2.1, 2.4 to 2.9."""
    limits = Limits.load()
    assert {name: limits[name] for name in limits.limit if name.endswith("_seconds")} == SECONDS


def test_windows() -> None:
    """wechat-platform.md 2.5."""
    windows = Limits.load().window
    assert {name: (row.count, row.seconds) for name, row in windows.items()} == WINDOWS


def test_quotas() -> None:
    """For accounts of both kinds."""
    usual, trial = Limits.load(), Limits.load(Kind.TEST)
    assert {path: (usual.a_day(path), trial.a_day(path)) for path in usual.quota} == QUOTAS


def test_only_real_accounts_have_their_fields_checked() -> None:
    """wechat-platform.md 2.6; and there is room for 100,000 permanent codes (2.4)."""
    assert (Limits.load()["fields_checked"], Limits.load(Kind.TEST)["fields_checked"]) == (1, 0)
    assert Limits.load()["qr_permanent"] == 100_000
