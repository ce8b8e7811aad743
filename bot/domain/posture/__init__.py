"""What lets mail through in the tenant, held against the baseline and against what reviewers ask for.

A reading of the lists and places comes in, with what is on record of the entries; findings go out, the gravest first.

baseline  the rules of the baseline, each met or not
finding   what is found fault with: the faults, how grave each is, and what remedies it
findings  all findings of one reading, and what could not be seen
same      which findings and which unrequested changes are about the same
scans     a scan: what is new since the one before, what is gone, and when the weekly summary is due
"""
