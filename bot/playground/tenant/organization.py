"""Get-AcceptedDomain: the domains that the tenant receives mail for."""

from __future__ import annotations

from .cmdlets import Call, Cmdlet, Outcome
from .errors import OBJECT_NOT_FOUND, CmdletRefused
from .parameters import Parameter


def _get(call: Call) -> Outcome:
    identity = call.arguments.text("Identity")
    domains = [domain for domain in call.state.accepted_domains if identity in (None, domain)]
    if identity is not None and not domains:
        raise CmdletRefused(
            f"The operation couldn't be performed because object '{identity}' couldn't be found.",
            exception_type=OBJECT_NOT_FOUND,
            status=404,
        )
    first = call.state.accepted_domains[0] if call.state.accepted_domains else ""
    return Outcome(
        records=[
            {
                "Identity": domain,
                "Name": domain,
                "DomainName": domain,
                "DomainType": "Authoritative",
                "Default": domain == first,
                "MatchSubDomains": False,
                "IsValid": True,
                "ObjectState": "Unchanged",
            }
            for domain in domains
        ]
    )


CMDLETS = (Cmdlet(name="Get-AcceptedDomain", parameters=(Parameter("Identity"),), run=_get),)
