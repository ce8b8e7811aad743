"""Questions, answered without a change to anything but the log.

check             is it allowed?
mail              how much mail has there been of what was checked?
mailbox           does one mailbox's own list name a sender?
overview          what waits for somebody, and what is theirs
waiting_together  what of it can be approved in one form
renewals          what is due for renewal, and whose it is to answer
home              what somebody's App Home shows
browse            looking through the lists
posture           what the posture finds fault with, a page at a time
queries           requests
audit             the audit log
audit_export      a copy of a part of it, for somebody in Slack
audit_batches     the audit log from some event on, a batch at a time
trace             what is known of a reference or of a request
noting            that somebody read something, written down before they are answered
safe_list         the safe-list switch
as_powershell     a change as PowerShell
"""
