"""From an approved request to what the tenant, read back, holds of it.

apply       the job: read, write down the intent, send, read back, record
readings    what is read before anything is sent, by which policy decides once more
others      what other requests do to the same values: who goes first, and who decides
sending     what it takes to send a change
chunks      a change of any size in few calls
change_run  one change, from what is still to do to what the list then holds
progress    the intent before it is sent, and how far it has come
recording   what an attempt came to, written down item by item
confirm     the job some minutes later: does it still stand?

What became of each value, and what follows from it, is decided in `bot.domain.outcomes`.
"""
