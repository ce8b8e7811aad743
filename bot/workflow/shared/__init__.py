"""What every step of the workflow works with: the context, people's rights, jobs, and how an entry is kept.

aside             what may take a while goes to a thread
context           the store, the tenant, and what the operator has set
rights            holding people to their roles
found_posture     what the posture finds fault with by the last snapshot, and since when
filter_policies   the safe-list switches as they were last read
owed_answers      the answer to a click that decides nothing, queued with what is written down of it
jobs              how each kind of job is queued
job_kinds         the kinds of job, and what each is told
alerts            what the alert channel is told of
job_definition    what a job is: its kind, its handler, and what happens when it is given up
proving           a request held against the log, before anything is sent for it
lanes             what a job reaches, and so what else it can hold up
keeping           which request keeps an entry, and until when
change_by_snapshot  what of a change goes where, by the last snapshot
renewals          renewals and what is on record of their entries
conclusion        what a request came to by its items, and what follows from that
limits            how much one person may have waiting
card_links        where cards are read
early_clicks      clicks that come before the record of the message under them
items             many items a few at a time
same_entries      which other requests have to do with the same entries
mail_figures      how much real mail an indicator has had, as found within the last hour or asked for
own_domains       the tenant's own domains, for whatever reads what people type
listed            the entries that exist, for whatever reads what people type
seen_places       a reading kept, and what it shows that nobody requested
sight             which places can't be watched for want of a right
change_reasons    what of Portcullis's own doing may explain how a place differs
kept_lists        what was just read of the lists, kept as part of the snapshot
kept_once         a reading that several requests go by is kept once
reading_process   reads an import in a process of its own
snapshot_index    the indexes of the last snapshot of the lists
"""
