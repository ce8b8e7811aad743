"""What is handed to Microsoft, so that mail which should not have been blocked is let through, and what comes of it.

submission     what is filed, our record of it, and what Microsoft holds of it
evidence       whether what somebody hands in is what Microsoft takes
message        what a message says of itself: whom it is from, its links and its files
filing_plan    what of a request is filed as one submission
came_of_it     which entries came of a submission
unnamed        which of those the request did not name
entry_records  what is on record of those entries
following      what is learnt of a submission each time it is looked at
texts          what people are told: the steps by hand, what Microsoft made of one, what came of it
"""
