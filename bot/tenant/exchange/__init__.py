"""The tenant's lists in Exchange Online: read, changed, read back.

tenant        the way in: read lists, make one change, read it back
list_reading  which cmdlet reads which list
shared_readings  one reading of a list for all who asked for it before it began
records       what the cmdlets return, read into entries
lists_file    the same records out of a file that an administrator exported
fields        the odd ways in which one field is spelled
cmdlets       the cmdlets that a change runs, with their parameters
change_parts  which policy a change goes to, and how each value is spelled there
override_reading   the places beside the lists, each as far as it can be seen
override_rules     mail flow rules, read into overrides
override_policies  anti-spam policies, connectors, advanced delivery and anti-phishing policies, likewise
override_values    the values of overrides, however they are spelled
junk_settings      the safe and blocked senders of one mailbox
powershell    the same change for people to read and run
"""
