"""The token of another issuer that stands for a credential in workload identity federation.

Kubernetes writes it into a file and replaces it long before it ends, so it is read anew for each sign-in. Source:
Microsoft's page "Microsoft identity platform and the OAuth 2.0 client credentials flow", third case.
"""

from __future__ import annotations

import re
from pathlib import Path

from bot.errors import SignInFailed

_REMEDY = (
    "FEDERATED_TOKEN_FILE (or AZURE_FEDERATED_TOKEN_FILE) names the file that the platform writes the token into; "
    "check that the service account's token is mounted there and readable."
)
_LARGEST = 64 * 1024
_JWT = re.compile(r"[\w-]+\.[\w-]+\.[\w-]+", re.ASCII)


def read_federated_token(path: str) -> str:
    """The token that the file holds now. Raises SignInFailed, without the path's text or the token's in it."""
    try:
        with Path(path).open("rb") as file:
            content = file.read(_LARGEST + 1)
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else type(error).__name__
        # Not the path: who mistakes one setting for the other has put the token itself there.
        raise SignInFailed(f"The federated token can't be read: {reason}.", _REMEDY) from None
    token = content.decode("ascii", "replace").strip()
    if len(content) > _LARGEST or not _JWT.fullmatch(token):
        raise SignInFailed("The file of the federated token holds no token (a JWT).", _REMEDY)
    return token
