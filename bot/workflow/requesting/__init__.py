"""From what somebody wants to a decision: a proposal comes in; a request that is pending, or is over, goes out.

wanted    what somebody wants, drafted and considered
consider  what policy says of a proposal, once
propose   a proposal that was considered, written down
portions  what is too much for one transaction, written down before it is proposed
goes_out  what will go out for it, for the log
others    what nothing is wrong with of a command that was refused
widen     a pending block of domains, replaced by one that has their subdomains too
taken_up        which unrequested changes a request is about
renewal_answers  which renewals a request answers
let_end   the answer to a renewal by a button
unrequested_removal  the removal of what nobody requested, from the alert about it
adopting  what a form starts with in which somebody asks to keep what nobody requested
unnamed_removal  taking out an allow that came of a submission and that nobody asked for
posture_remedy  what remedies a finding of the posture
review    one approver's decision
decided_once  the frame around a decision: claimed once, answered again alike
today     what is otherwise today: what policy says, and who of the approvers still is one
together  several proposals, each approved as by a click of its own
named_out  what an approver names to be left out of a large one
close     withdrawn, or nobody decided in time
by_rules  blocks that need nobody, approved by a rule
may_decide  holding people to the rules of who decides on what
by_workflow  blocks that a step of Slack's Workflow Builder asks for
emergency  blocking at once, with nobody's approval, and telling who waits for its review
emergency_review  an approver keeps an emergency block, or has it taken out
proved    what is about to be decided on, held against the log first
decide    writing a decision down, and what follows from it
asking_back  what an approver asks the requester, and the answer
trying_again  what failed, applied once more under the same approval
again     what somebody asked for and didn't get, to fill in the form once more
reassess  a request held against policy once more
post_again  the card posted again, because somebody asks for it
card_notes  what is written down of a request's card: refused, posted after all, whom it calls, and others below it
beside    what is looked up in the background, to stand beside it on its card
figures   how much real mail it would touch, read in the background and shown on the card
owners    whose the addresses of an IP allow are, where DNS says it after the proposal
call_late  the others called, before it lapses
bound     a click held against what Portcullis posted, as the database has it now
"""
