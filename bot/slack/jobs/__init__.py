"""The jobs that end in Slack: cards, threads, direct messages, alerts, answers and files.

notifier          requests told of: the card, the requester, alerts
first_telling     a proposal told of for the first time: its card, and the requester's copy
next_telling      what became of one whose card and copy stand
story_teller      what happened, step by step: below the card, and to the requester
card_keeper       the card: where it stands, that there is one, who hears of it when Slack takes none
answers           answers to one person
importance        which message waits for which, while Slack takes no more
poster            how each message is posted, remembered and brought up to date
posting           posts a message once, whatever became of an earlier call
post_keys         what posted messages are called
own_messages      looks in Slack for a message whose answer was lost
stray_keeper      takes the buttons off messages that aren't on record
doubted_updates   shows once more what an update of before may have undone
alert_keeper      what the alert channel was told of a request, brought up to date
unrequested_teller  what it was told of changes that nobody requested
posture_teller    what it was told of the posture
outage_teller     what it was told of a lost connection
result_sharer     the file with a line for each indicator
files_once        a file for people, shown once
audit_exporter    a part of the audit log, as a file for whoever asked
import_reader     keeps what was given to an import
import_previews   finds out what would be requested of it, and requests it
preview_teller    shows its person both
approver_reminders  reminds approvers of what waits for them
renewal_teller  asks owners about renewals, and tells the approvers
evidence_fetcher  fetches the message or file of a submission
step_runner       runs a step of Workflow Builder, and tells Slack what came of it
late_decisions    finishes a decision that had to wait for somebody's roles
registry          all of these jobs, ready to be run
"""
