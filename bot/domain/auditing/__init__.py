"""What can be proved: the events of the audit log, and the chain that holds them.

events   the kinds of event, their canonical form, and the hash that chains them
card_events  which of them can change what a card says
steps    what happened to a request, a run of events of one kind as one
chain    every row held against the chain, with what is wrong with which row
plain_rows  rows held against their hashes as they lie, without an event being made of each
anchors  heads that were kept elsewhere, and a log held against them
archives  stretches of the log as files that prove themselves
query    what somebody wants to know of the log, and the words for it
names    what people are called, as it is compared
query_reading  the words of such a question, in any order
ocsf     an event in the form of the OCSF schema
"""
