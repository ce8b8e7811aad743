"""The database: tables, one unit of work, and queries by subject."""

from bot.store.audit_page import AuditFilter
from bot.store.job_lanes import JobLane
from bot.store.job_leases import Lease
from bot.store.job_rows import Job
from bot.store.messages import PostedMessage
from bot.store.posts import PostIntent
from bot.store.unit_of_work import Store, UnitOfWork

__all__ = ["AuditFilter", "Job", "JobLane", "Lease", "PostIntent", "PostedMessage", "Store", "UnitOfWork"]
