"""What the operator sets: YIXIANG_* in the environment or in `.env`, read once at the start."""

import base64
import binascii
import re
import secrets
from ipaddress import ip_address
from pathlib import Path
from typing import Any, ClassVar, Literal, get_args
from urllib.parse import urlsplit

from pydantic import Field, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from store import policies
from store.policies import REGIONS, Policy

PREFIX = "YIXIANG_"
DATABASES = ("sqlite+aiosqlite", "postgresql+asyncpg")
Account = Literal["service", "subscription", "test"]

TEMPLATES = Path(__file__).parent / "sandbox" / "data" / "templates.toml"
"""Those of the demonstration's account."""
POLICY = Path(__file__).parent / "sandbox" / "data" / "policy.toml"
"""What the demonstration has decided that its region has not."""
TO_SERVE = (
    "region",
    "public_url",
    "wechat_appid",
    "wechat_secret",
    "wechat_token",
    "data_key",
)
"""What the server does not start without."""


class SettingsError(Exception):
    """A setting is missing or malformed; the message is one line that names it."""


class Settings(BaseSettings):
    """Everything that differs from one installation to the next; secrets stay out of its repr."""

    model_config: ClassVar[SettingsConfigDict] = SettingsConfigDict(
        env_prefix=PREFIX,
        env_file=".env",
        env_file_encoding="utf-8",
        env_ignore_empty=True,
        extra="ignore",
        frozen=True,
        hide_input_in_errors=True,
    )

    database_url: str = Field(default="sqlite+aiosqlite:///./var/yixiang.db", repr=False)
    region: str = ""
    public_url: str = ""
    """Where our pages open from outside, without a slash at the end."""
    host: str = "127.0.0.1"
    port: int = 8080
    wechat_appid: str = ""
    wechat_secret: str = Field(default="", repr=False)
    wechat_token: str = Field(default="", repr=False)
    wechat_aes_key: str = Field(default="", repr=False)
    """Empty: plain mode. Set: safe mode, and plain messages are refused."""
    wechat_aes_key_previous: str = Field(default="", repr=False)
    wechat_account: Account = "service"
    wechat_api_url: str = "https://api.weixin.qq.com"
    templates: Path | None = None
    policy: Path | None = None
    """A site's own rules over its region's."""
    data_key: bytes = Field(default=b"", repr=False)
    """32 bytes; protects personal data."""
    llm_url: str = Field(default="", repr=False)
    """A language model's chat-completions address: `https://:KEY@host/v1#model`. Empty: none."""

    @property
    def rules(self) -> Policy:
        """The region's policy, with the site's own over it; raises PolicyBroken."""
        return policies.load(self.region, extra=self.policy)

    @property
    def folder(self) -> Path:
        """Where files of our own are kept: the index, what was handed up."""
        url = make_url(self.database_url)
        embedded = url.get_backend_name() == "sqlite" and url.database not in {None, ":memory:"}
        return Path(url.database or "").parent if embedded else Path("var")

    @field_validator("database_url")
    @classmethod
    def _database(cls, value: str) -> str:
        try:
            driver = make_url(value).drivername
        except (ArgumentError, ValueError):
            driver = ""
        if driver not in DATABASES:
            raise ValueError(f"must begin with {' or '.join(f'{name}://' for name in DATABASES)}")
        return value

    @field_validator("region")
    @classmethod
    def _region(cls, value: str) -> str:
        if value and value not in REGIONS:
            raise ValueError(f"must be one of {', '.join(REGIONS)}")
        return value

    @field_validator("public_url", "wechat_api_url", "llm_url")
    @classmethod
    def _address(cls, value: str) -> str:
        parts = urlsplit(value)
        if value and (parts.scheme not in {"http", "https"} or not parts.hostname):
            raise ValueError("must be an address such as https://example.cn")
        return value.rstrip("/")

    @field_validator("host")
    @classmethod
    def _host(cls, value: str) -> str:
        try:
            ip_address(value)
        except ValueError:
            if not re.fullmatch(r"(?=.*[A-Za-z])[A-Za-z0-9.-]{1,253}", value):
                raise ValueError("must be an address such as 127.0.0.1, or a name") from None
        return value

    @field_validator("port", mode="before")
    @classmethod
    def _port(cls, value: Any) -> int:  # noqa: ANN401 - whatever stands there
        text = str(value).strip()
        if not re.fullmatch(r"[0-9]{1,5}", text) or not 1 <= int(text) <= 65535:
            raise ValueError("must be a number from 1 to 65535")
        return int(text)

    @field_validator("wechat_appid", "wechat_secret", "wechat_token")
    @classmethod
    def _plain(cls, value: str) -> str:
        if not re.fullmatch(r"[!-~]*", value):
            raise ValueError("must hold letters, digits and signs only, without blanks")
        return value

    @field_validator("wechat_aes_key", "wechat_aes_key_previous")
    @classmethod
    def _aes_key(cls, value: str) -> str:
        if value and not re.fullmatch(r"[A-Za-z0-9]{43}", value):
            raise ValueError("must be 43 letters and digits")
        return value

    @field_validator("wechat_account", mode="before")
    @classmethod
    def _account(cls, value: Any) -> Any:  # noqa: ANN401
        if value not in get_args(Account):
            raise ValueError(f"must be one of {', '.join(get_args(Account))}")
        return value

    @field_validator("templates")
    @classmethod
    def _file(cls, value: Path | None) -> Path | None:
        if value is not None and not value.is_file():
            raise ValueError("must name a file that is there")
        return value

    @field_validator("data_key", mode="before")
    @classmethod
    def _data_key(cls, value: Any) -> bytes:  # noqa: ANN401
        if isinstance(value, bytes):
            return value
        try:
            key = base64.b64decode(str(value) + "=" * (-len(value) % 4), b"-_", validate=True)
        except (binascii.Error, ValueError):
            key = b""
        if len(key) != 32:
            raise ValueError("must be 32 bytes as url-safe base64")
        return key


def load(*needed: str) -> Settings:
    """Read the settings; raises SettingsError, also when one of `needed` is missing."""
    try:
        settings = Settings()
    except ValidationError as wrong:
        raise SettingsError(_line(wrong)) from None
    except UnicodeDecodeError:
        raise SettingsError(".env: must be text in UTF-8") from None
    for name in needed:
        if not getattr(settings, name):
            raise SettingsError(f"{PREFIX}{name.upper()} is missing")
    return settings


def _line(wrong: ValidationError) -> str:
    error = wrong.errors()[0]
    name = PREFIX + str(error["loc"][0]).upper()
    return f"{name} {error['msg'].removeprefix('Value error, ')}"


def for_demo(folder: Path = Path("var")) -> Settings:
    """Settings of a demonstration: nothing of a real account, only the region and port."""
    asked = load()
    return Settings(
        database_url=f"sqlite+aiosqlite:///{folder / 'demo.db'}",
        region=asked.region or REGIONS[0],
        public_url=f"http://127.0.0.1:{asked.port}",
        host="127.0.0.1",
        port=asked.port,
        wechat_appid="wx" + secrets.token_hex(8),
        wechat_secret=secrets.token_hex(16),
        wechat_token=secrets.token_hex(16),
        wechat_aes_key=secrets.token_hex(22)[:43],
        wechat_aes_key_previous="",
        wechat_account="service",
        wechat_api_url=f"http://127.0.0.1:{asked.port}/sandbox/platform",
        templates=TEMPLATES,
        policy=POLICY,
        data_key=_kept_key(folder / "demo.key"),
        llm_url="",
    )


def _kept_key(path: Path) -> bytes:
    """The key of an earlier demonstration, or a new one, readable by its owner alone."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists():
        path.touch(mode=0o600)
        path.write_text(base64.urlsafe_b64encode(secrets.token_bytes(32)).decode())
    return base64.urlsafe_b64decode(path.read_text())
