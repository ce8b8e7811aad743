"""What is handed to Microsoft, so that mail which should not have been blocked is let through, and what comes of it.

submission  the kinds of submission, what is handed in, and where one stands
evidence    whether what somebody hands in is what Microsoft takes
texts       what people are told: the steps by hand, what Microsoft made of one, what came of it
"""
