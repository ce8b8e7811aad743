"""The outbox: durable work, taken by lease, each lane by itself.

worker    takes jobs, runs their handlers, and records how each of them ended
endings   the ends of jobs, recorded together with the taking of the next
lease     keeps the leases of a worker's jobs until it is recorded how they ended
backoff   how long a job that failed waits for its next attempt
schedule  jobs that come round
lookout   finds the jobs that should have been done by now
"""

from bot.jobs.lookout import Lookout, OnLate
from bot.jobs.schedule import Schedule, Scheduler
from bot.jobs.worker import Handler, OnDead, Worker

__all__ = ["Handler", "Lookout", "OnDead", "OnLate", "Schedule", "Scheduler", "Worker"]
