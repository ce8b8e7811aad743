"""A request: what is proposed, who may do what with it, how it stands, and which entries it keeps.

proposal          a change that somebody wants, before it is a request
evidence          what a submission shows Microsoft
parts             a proposal as it stands: its requests, decided together
request           a request's life: statuses, items, reviews, and which status may follow which
reviewing         how a pending request is decided, once there are as many reviews as policy wants
approval          what approves a request instead of reviews: a rule, or an emergency
emergency         an emergency block: who may review it, when, and what is taken out again
leaving_out       approving a proposal without some of its lines
binding           that a click counts under what Portcullis posted, in the version of now
question          what an approver asks the requester, and the answer
asking_back       who may ask, who answers, and when
trying_again      which requests can be applied once more under the same approval
last_word         which of several requests decides on an entry: what was approved last
asked_again       which requests can be asked for once more, for what and until when
logged            a request held against its events in the audit log
logged_items      what it has put on the lists, held against the log
logged_proposal   what its `request.proposed` event says, and what is otherwise
requested_change  from a request to the change that goes to the tenant
noted             what a request is called in the tenant's notes, and which requests a note names
known_entry       what Portcullis has on record of an entry: for which request, and until when
browsing          entries as people look through them, with what is on record of each
ends              who ends an entry, and how an end is spelled
keeping           which request keeps an entry, and when it hands it on
explaining        which differences between two readings a request explains
going_back        which differences only show once more what a place held shortly before
attributing       who made such a change, by the tenant's audit log
unrequested       a change that no request explains, and what became of it
renewal           an entry that has stayed for long, back at its owner: as it stands
renewing          which entries come back, when, and what becomes of each
expiring          what becomes of what a request keeps, now that its end date has come
reminding         what is told of it a day before
calling           who is called to decide on it
reminders         which approvers are reminded of what waits, and when
working_hours     when somebody works, in their own time zone
people            which right each role gives
who_decides       who may decide on what, and how many it takes, by the operator's rules
"""
