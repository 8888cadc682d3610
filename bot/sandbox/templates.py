"""The demonstration's account has the templates that its reminders need."""

import tomllib
from pathlib import Path

from bot.sandbox.platform import Platform
from notifications import forms, notice

DATA = Path(__file__).with_name("data")
FILE = DATA / "templates.toml"


def add(platform: Platform, file: Path = FILE) -> None:
    """Give the account every template that the file names, its fields labelled."""
    labels = tomllib.loads((DATA / "labels.toml").read_text("utf-8"))
    for form in forms.load(file, notice.load()).values():
        fields = {
            name: labels.get(source, labels["other"])
            for name, source in (form.fields or {}).items()
        }
        for template in filter(None, (form.template, form.subscription)):
            platform.add_template(template, labels["template"], fields)
