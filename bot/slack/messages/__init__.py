"""What people read in channels and in answers: pure functions from what happened to blocks.

card           the approval card, and the requester's copy of it
effects        what approving a request will do
story          a sentence for each step of a request
submission     the steps by hand, and what came of a submission
proposed       what the proposer sees
import_answer  what became of an import
verdict        the answer to /check
request_list   the answer to /requests
audit_page     the answer to /audit
event_line     one event as a line
safe_list      the answer to /safelist
help           the help of each command
error          what went wrong and what to do
wording        one sentence for one thing
"""
