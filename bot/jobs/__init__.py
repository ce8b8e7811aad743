"""The outbox: durable work, taken by lease."""

from bot.jobs.schedule import Schedule, Scheduler
from bot.jobs.worker import Handler, OnDead, TryLater, Worker

__all__ = ["Handler", "OnDead", "Schedule", "Scheduler", "TryLater", "Worker"]
