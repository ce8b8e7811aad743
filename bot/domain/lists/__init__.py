"""The tenant's lists: what each of them can do, what they hold, and what an entry covers.

traits          the lists by name, and one table of what each of them can do
ends            how long entries last by default and at most, and who ends them
capacity        how many entries fit
change          one change to one list, and how many values a call takes
entries         an entry, a connection filter policy, and everything that was read at one time
list_query      what somebody looks for among entries
list_snapshot   one list as it was read, and whether a change is made in it
differences     what has changed in a place between two readings of it
rule_order      which rules stand elsewhere among the others than they did
coverage        what an entry covers, and how it stands to an indicator
wider           the values that an entry may have which covers an indicator
narrower        the values that lie within an indicator
comparison      whether two spellings are one entry
sender_pattern  what an entry for a sender covers
url_pattern     what an entry for a URL covers
entry_index     finding the few entries of one list that matter for an indicator
list_index      the same over all lists
sender_index, url_index, span_index, pair_index  the parts of those indexes, one for each kind of entry
"""
