"""What people are told, as facts: what, who, until when, what to know first, how it went. No markup of any place.

Whoever shows facts (Slack's messages, a log, a command line) writes values, people and times in its own way, and cuts
to its own length.

What sentences are made of:
sentence         words, and slots for a value, a person, a time, and what others wrote
counting         so many of something
places           where a request changes something
states           the words for a request's statuses and its items' states
headlines        what a request is, in a few words
decided          a request in one line: what is asked for, or what has been done
request_status   where a request stands, and who brought it there
effects          what approving a request will do, and what its approver is asked first

What is told:
request_facts    a request
overview_facts   what waits for somebody, and what is theirs
entry_lines      an entry of the lists, and how full they are
home_facts       what somebody's App Home tells
parts_facts      a proposal of several lists
evidence_facts   what a submission hands over
details_facts    everything about one
figures_facts    how much real mail it would touch
owners_facts     whose its addresses are
proposal_facts   what came of a proposal
preview_facts    what would come of an import
import_facts     what came of it
step_facts       a step of a request's story
decision_steps   the steps on the way to a decision
outcome_steps    the steps after it
settled_questions  questions that need no answer any more
audience         which step is told to whom
alert_facts      what whoever looks after the bot is alarmed of
renewal_facts    what is due for renewal
unrequested_facts  changes that nobody requested
outage_facts     a connection to Slack that was lost
posture_facts    a finding, a scan's summary, and where in the portal to do what Portcullis can't
verdict_facts    a verdict, and the answer to a question
mailbox_facts    what the lists of one mailbox mean for a sender
verdict_offers   what can be proposed about what was checked
safe_list_facts  where the safe list is on
audit_exports    the audit log for other programs: CSV, JSON lines, OCSF
csv_cells        cells that no spreadsheet program takes for a formula
audit_facts      what was looked for in the audit log
event_facts      an event of the audit log
"""
