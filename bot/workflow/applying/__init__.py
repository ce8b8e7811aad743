"""From an approved request to what the tenant, read back, holds of it.

apply         the job: read, write down the intent, send, read back, record
apply_change  one change, from what is still to do to what the list then holds
chunks        a change of any size in few calls
progress      the intent before it is sent, and how far it has come
recording     what an attempt came to, item by item
confirm       the job some minutes later: does it still stand?
"""
