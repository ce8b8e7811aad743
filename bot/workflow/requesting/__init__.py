"""From what somebody wants to a decision: a proposal comes in; a request that is pending, or is over, goes out.

propose   a proposal judged by policy and written down
review    one approver's decision
close     withdrawn, or nobody decided in time
decide    what follows, whoever or whatever decided
reassess  a request held against policy once more
adopt     a card that the database didn't know
"""
