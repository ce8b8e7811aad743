"""Mail figures: what Microsoft Graph tells of the mail of the last ten days, for one indicator at a time.

service        asks whichever source sees an indicator, and returns figures or why there are none
message_trace  what message trace is asked, and its rows as figures
hunting        what advanced hunting is asked, and its answer as figures
kql            values as literals of the query language, which nothing in them can leave
refused        what a refusal of either means, and what to do about it
"""
