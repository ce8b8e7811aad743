"""Whose an IP address is, as far as DNS says: what an IP allow of it would let in beside the one sender that is meant.

shared_senders  the large services that send for everybody, and the domains whose SPF names their addresses
owner           what was found of one address, in words
as_json         the same as it stands in the log
"""
