"""The Microsoft 365 tenant: signing in, calling, the lists in Exchange Online, submissions through Graph.

access              what it takes to reach a tenant: who we are, where it is, how often a call is tried
optional_rights     every right that can be used: what switches it on, what it buys, what gives it
signing_in          access tokens
calling             one call to a service
exchange            the lists
audit_records       the tenant's own audit log: who did what
submission_service  submissions to Microsoft
submission_call     one of those as a call, for the wire, for the log and for people
tracing             mail figures: how much real mail a change would touch
diagnosing          what the doctor finds out
"""
