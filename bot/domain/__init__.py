"""What Portcullis exists for, as pure Python: no I/O, no clock, no database, no Slack. From the bottom to the top:

indicators   what one value is, and how it is read
overrides    what else lets mail through or stops it, and which of it concerns an indicator
lists        the tenant's lists, their entries, and what covers what
reading      what people type, paste and upload
submissions  what is handed to Microsoft
auditing     the log, and its chain
requests     a request's life, its people, and who keeps an entry until when
outcomes     what became of each value
verdict      is it allowed?
senders      whose is an address?
figures      how much real mail would it touch?
policies     may a proposal go ahead?
posture      what lets mail through, held against the baseline
importing    lines to proposals
telling      what people are told, as facts
"""
