"""Settings: one line names what is missing or malformed, and secrets are never shown."""

import base64
import os
from pathlib import Path

import pytest
from pydantic import ValidationError

from bot.settings import PREFIX, TO_SERVE, Settings, SettingsError, for_demo, load

KEY = base64.urlsafe_b64encode(bytes(range(224, 256))).decode()
GOOD = {
    "REGION": "jinzhong",
    "PUBLIC_URL": "https://yixiang.example.cn/",
    "WECHAT_APPID": "wx0123456789abcdef",
    "WECHAT_SECRET": "ssecrett",
    "WECHAT_TOKEN": "ttokenn",
    "WECHAT_AES_KEY": "k" * 43,
    "DATA_KEY": KEY,
}


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No setting of the machine's own, no `.env` of the checkout's."""
    for name in os.environ:
        if name.startswith(PREFIX):
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def good(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in GOOD.items():
        monkeypatch.setenv(PREFIX + name, value)


@pytest.mark.usefixtures("good")
def test_all_that_serving_needs() -> None:
    settings = load(*TO_SERVE)
    assert settings.data_key == bytes(range(224, 256))
    assert settings.public_url == "https://yixiang.example.cn"
    assert settings.database_url == "sqlite+aiosqlite:///./var/yixiang.db"
    assert settings.folder == Path("var")


def test_a_catalogue_can_be_filled_before_an_account_exists() -> None:
    assert load("database_url").wechat_token == ""


@pytest.mark.usefixtures("good")
@pytest.mark.parametrize("name", TO_SERVE)
def test_missing_is_named(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    setting = PREFIX + name.upper()
    monkeypatch.setenv(setting, "")
    with pytest.raises(SettingsError, match=f"^{setting} is missing$"):
        load(*TO_SERVE)


@pytest.mark.usefixtures("good")
@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DATABASE_URL", "mysql://x/y"),
        ("DATABASE_URL", "postgresql://x/y"),
        ("DATABASE_URL", "postgresql+asyncpg://x:port/y"),
        ("DATABASE_URL", "nonsense"),
        ("REGION", "beijing"),
        ("PUBLIC_URL", "yixiang.example.cn"),
        ("WECHAT_API_URL", "ftp://example.cn"),
        ("HOST", "999.1.1.1"),
        ("HOST", "a b"),
        ("PORT", "0"),
        ("PORT", "65536"),
        ("PORT", "八零八零"),
        ("PORT", "http"),
        ("WECHAT_TOKEN", "blank in it"),
        ("WECHAT_AES_KEY", "k" * 42),
        ("WECHAT_AES_KEY_PREVIOUS", "=" * 43),
        ("WECHAT_ACCOUNT", "personal"),
        ("TEMPLATES", "nowhere.toml"),
        ("DATA_KEY", "c2hvcnQ="),
        ("DATA_KEY", "密" * 43),
        ("DATA_KEY", KEY[:-3]),
    ],
)
def test_malformed_is_named_in_one_line(
    name: str, value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(PREFIX + name, value)
    with pytest.raises(SettingsError) as wrong:
        load(*TO_SERVE)
    line = str(wrong.value)
    assert line.startswith(f"{PREFIX}{name} must ")
    assert "\n" not in line


@pytest.mark.usefixtures("good")
def test_secrets_are_never_shown() -> None:
    settings = load(*TO_SERVE)
    for shown in (repr(settings), str(settings)):
        assert "jinzhong" in shown
        for secret in ("ssecrett", "ttokenn", "kkkk", KEY[:8], "\\xe0"):
            assert secret not in shown


def test_dotenv_is_read_and_the_environment_wins(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / ".env").write_text("YIXIANG_PORT=9000\nYIXIANG_REGION=jiaxing\nOTHER=1\n")
    monkeypatch.setenv("YIXIANG_REGION", "alxa")
    settings = load()
    assert (settings.port, settings.region) == (9000, "alxa")


def test_a_dotenv_in_another_encoding_is_named(tmp_path: Path) -> None:
    (tmp_path / ".env").write_bytes("YIXIANG_REGION=晋中".encode("gb18030"))
    with pytest.raises(SettingsError, match=r"^\.env: must be text in UTF-8$"):
        load()


def test_settings_do_not_change() -> None:
    settings = load()
    with pytest.raises(ValidationError):
        settings.port = 1


@pytest.mark.usefixtures("good")
def test_a_demonstration_touches_nothing_real(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("YIXIANG_DATABASE_URL", "postgresql+asyncpg://real/real")
    monkeypatch.setenv("YIXIANG_PORT", "8099")
    first, second = for_demo(), for_demo()
    assert first.database_url == "sqlite+aiosqlite:///var/demo.db"
    assert (first.host, first.public_url) == ("127.0.0.1", "http://127.0.0.1:8099")
    assert first.wechat_token != GOOD["WECHAT_TOKEN"]
    assert first.data_key == second.data_key != bytes(range(224, 256))
    assert len(first.data_key) == 32
    assert Path("var/demo.key").stat().st_mode & 0o077 == 0
    for name in Settings.model_fields:
        assert name in first.model_fields_set
