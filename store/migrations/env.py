"""Run by Alembic: which connection, and who looks on."""

from alembic import context
from sqlalchemy import MetaData

from store.base import NAMES

watch = context.config.attributes["watch"]
context.configure(
    connection=watch.connection,
    target_metadata=context.config.attributes.get("metadata", MetaData(naming_convention=NAMES)),
    render_item=context.config.attributes.get("render_item"),
    render_as_batch=True,
    on_version_apply=watch.step,
)
with context.begin_transaction():
    context.run_migrations()
