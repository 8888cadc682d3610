"""Which of the clock's regular jobs were done: rows, so that a missed one is made up."""

from datetime import datetime

from sqlalchemy.orm import Mapped, mapped_column

from store.base import Base


class JobRun(Base):
    """One job done for one moment of its calendar."""

    __tablename__ = "job_run"

    job: Mapped[str] = mapped_column(primary_key=True)
    due_at: Mapped[datetime] = mapped_column(primary_key=True)
    done_at: Mapped[datetime]
