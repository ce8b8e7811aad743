"""From an approved submission to what Microsoft made of it.

submit              files what is still to be filed
filing_plan         what is filed as one submission
follow              the job that asks what became of it
submission_entries  which entries came of it
"""
