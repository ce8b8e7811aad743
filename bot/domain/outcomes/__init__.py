"""What became of each value of a request: decided here, from what was read and is on record, and written elsewhere.

outcome       one outcome for each value, in a map that grows on its way
findings      what a list says of each value, before anything is sent and after it was
list_wide     whether a refusal is about the whole list
attempt       what one attempt may still send, and whether its outcomes are the last word
item_states   the state, words and event of each item once an attempt is over
conclusion    what the request came to, by its items
follow_ups    what follows, and when
confirmation  what a second look some minutes later comes to
texts         what people are told of an item's outcome, where its end is the point
"""
