"""What people read in channels and in answers: pure functions from facts to blocks.

What is said comes from `bot.domain.telling`; here it is escaped, laid out, cut to Slack's limits and given its buttons.

card           the approval card, and the requester's copy of it
request_blocks  what stands about a request wherever it is shown
request_buttons  the buttons about a request
story          a message for each step of a request
reminder       what an approver is reminded of
renewal        what is due for renewal
alert          what the alert channel is told
unrequested    what it is told of changes that nobody requested
submission     how something is submitted by hand
proposed       what the proposer sees
not_listed     that what somebody wants to change isn't listed
import_preview  what would become of an import, with the buttons that request it
import_answer  what became of an import
verdict        the answer to /check
mailbox        how a sender stands in one mailbox, below it
overview       the answer to /portcullis alone
home           somebody's App Home
entry_row      an entry of the lists, with a menu
list_page      the answer to /lists
posture        the answer to /posture, its alert, and the weekly summary
request_list   the answer to /requests
audit_page     the answer to /audit
event_line     one event as a line
safe_list      the answer to /safelist
help           the help of each command
stray          what a message says that isn't on record, after a click on it
error          what went wrong and what to do
not_opened     a form that couldn't be opened
sentences      a sentence of facts in Slack
lines          an item, a warning, a review as a line
marks          the signs beside them
"""
