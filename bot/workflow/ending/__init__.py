"""The end of what a request keeps.

expire  the job at the end: what is Portcullis's to end is taken out
remind  the job a day before: the requester is told
"""
