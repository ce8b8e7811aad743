"""What messages and modals are made of, checked before Slack sees it.

as_dicts     slack_sdk's blocks as the dictionaries that Slack gets
blocks       a message and a modal, checked when they are made
block_rules  what Slack takes and what it refuses
ids          which button was clicked, which form was submitted, and what a button about a request carries
elements     sections, buttons and fields, with the choices that hold for all of them
plainest     a message of plain text and buttons alone, for when Slack doesn't take it as it was made
text         what people typed made harmless, cut to length; dates for each reader
"""
