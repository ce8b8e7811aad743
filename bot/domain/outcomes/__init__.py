"""What became of each value of a request.

findings  what a list, just read, says of each value of a change
texts     what people are told of an item's outcome, where its end is the point
"""
