"""What else in the tenant lets mail through or stops it, beside the lists: overrides, and the places that hold them.

places    the kinds of thing that can hold overrides, their words, and what each gets past
override  one override, what it takes for it to act, and what was read of one place
concern   whether an override concerns an indicator: it lets it through, stops it, or may
concern_index  the same for thousands of indicators
last_word  which of several has the last word, by Microsoft's pages
words     conditions in plain text
safe_senders  what the lists of one mailbox say of a sender
operations  by which cmdlets somebody changes what a place holds
sentences  what an override means for an indicator, and what could not be seen, in plain text
"""
