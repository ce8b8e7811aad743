"""What is done again and again, whatever people ask for.

anchor    the audit log's head, kept elsewhere each day
hand_on   the audit log, handed on to a program elsewhere as it goes on
by_whom   who made what nobody requested, by the tenant's audit log
posture   the last reading held against the baseline, kept, and told where it got worse
posture_doubts   what of it a later reading has to confirm
renewal_figures  the mail of what an owner is about to be asked about
renewals  what became of the entries that came back to their owners, and who is to be told
renewals_due     which entries come back to their owners
watch     the lists read anew, and what nobody needs any more forgotten
"""
