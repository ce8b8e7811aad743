"""Access tokens, whatever the way to sign in.

access_tokens      the way in: a token, cached, acquired once for all who wait
grant              a token and how long it is good, and what gives one
application        as the app registration: certificate, secret or federated token
managed_identity   as the identity that Azure gives to a machine
credential         the certificate, read and checked
certificate_text   the ways in which an operator hands it over
federated          the token of another issuer
authority          the HTTP client that msal uses towards Entra
identity_endpoint  the HTTP client that msal uses towards a machine's endpoint
entra_errors       what Entra says when it gives no token
claims             what a token says of itself, for diagnosis only
"""
