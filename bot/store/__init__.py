"""The database: tables, one unit of work, and queries by subject."""

from bot.store.audit_page import AuditFilter
from bot.store.messages import PostedMessage
from bot.store.queue import Job
from bot.store.unit_of_work import Store, UnitOfWork

__all__ = ["AuditFilter", "Job", "PostedMessage", "Store", "UnitOfWork"]
