"""From an approved submission to what Microsoft made of it.

submit  files what is still to be filed
follow  the job that asks what became of it
"""
