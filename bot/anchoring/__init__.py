"""Keeping the audit log's head outside the database: a head goes in, and an `Anchor` that was signed, stamped and kept
comes out, with what could not be done.

keys         signing an anchor with Ed25519, and holding one against the public key
time_stamps  having an anchor stamped by an authority (RFC 3161), and holding it against its stamp
keeper       the whole, as the operator has set it
"""
