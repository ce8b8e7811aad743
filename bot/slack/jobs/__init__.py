"""The jobs that end in Slack: cards, threads, direct messages, alerts, answers and files.

notifier          cards kept up to date, the story told, alerts and answers
alert_keeper      what the alert channel was told of a request, brought up to date
outage_teller     what it was told of a lost connection
result_sharer     the file with a line for each indicator
import_reader     keeps what was given to an import
import_previews   shows what would be requested of it, and requests it
evidence_fetcher  fetches the message or file of a submission
late_decisions    finishes a decision that had to wait for somebody's roles
registry          all of these jobs, ready to be run
"""
