"""What every step of the workflow works with: the context, people's rights, jobs, and how an entry is kept.

context           the store, the tenant, and what the operator has set
rights            holding people to their roles
jobs              the kinds of job, and how they are queued
keeping           which request keeps an entry, and until when
conclusion        what a request came to by its items, and what follows from that
items             many items a few at a time
snapshot_index    the index of the last snapshot of the lists
"""
