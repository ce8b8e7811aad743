"""What happens to a request, a room for each part of its way.

requesting  from a proposal to a decision
applying    from an approved request to what the tenant holds
ending      what a request keeps comes to its end
submitting  what is handed to Microsoft
importing   many lines at once
asking      questions, which change nothing
watching    what comes round by itself
shared      what they all work with
jobs        the one registry of jobs
"""
