"""One call to a Microsoft service: what it sends, how it is tried again, and what its loss means.

sender     calls with the app's token, tried again where that is safe
renewed_client  connections, made anew where calls were given up
calls      one call under way, and what its answer's body holds
answers    what an answer other than success means
transport  cmdlets over Exchange Online's admin endpoint
graph      objects over Microsoft Graph
"""
