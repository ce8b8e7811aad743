"""From the lines of an import to proposals: each line is proposed, or set aside with its reason.

judging   what becomes a proposal, and what is set aside
own_ends  the lines whose rows give them an end of their own
preview   what somebody was shown before anything is requested
outcomes  what came of an import: the requests, and what became of each line
"""
