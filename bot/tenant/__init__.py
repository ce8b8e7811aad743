"""Exchange Online: signing in, one transport, and the two places that hold entries."""
