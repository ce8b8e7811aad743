"""What is done again and again, whatever people ask for.

watch  the lists read anew, and old deliveries forgotten
"""
