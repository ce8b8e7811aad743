"""What is done again and again, whatever people ask for.

anchor  the audit log's head, kept elsewhere each day
watch   the lists read anew, and what nobody needs any more forgotten
"""
