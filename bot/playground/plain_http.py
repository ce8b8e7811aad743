"""How clients speak plain http to this machine, and to nobody else."""

from __future__ import annotations

import ssl

#: It believes no authority: to read those of the world would take longer than what most clients here ask.
NO_AUTHORITIES = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
