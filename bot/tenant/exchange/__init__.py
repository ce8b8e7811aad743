"""The tenant's lists in Exchange Online: read, changed, read back.

tenant        the way in: read lists, make one change, read it back
list_reading  which cmdlet reads which list
records       what the cmdlets return, read into entries
fields        the odd ways in which one field is spelled
cmdlets       the cmdlets that a change runs, with their parameters
change_parts  which policy a change goes to, and how each value is spelled there
powershell    the same change for people to read and run
"""
