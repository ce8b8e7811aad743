"""The edge towards people: what Slack delivers comes in, what people read and fill in goes out.

app               the bolt app: who delivers, from which workspace, for whom
listeners         what is delivered, and who answers it
command_table     the slash commands
queries           what /requests and /audit look for
card_links        what is told, with the way to each card
renewals          what is due for renewal, with the way to each card
home              App Home, and when it is published
jobs              the jobs that end in Slack
messages          what people read
modals            what people fill in
block_kit         what both are made of, checked
answering         errors as people see them
beside            what stands beside a proposal, told
origins           which workspace a delivery is for, and who acts from elsewhere
directory         who is who
names             what people are called
memberships       who is in a user group
when_people_work  in which time zone somebody works, and whether they want to be disturbed
message_text      all that a message says
files             files, out of Slack and into it
client            the way to the Web API
delivery_keys     what a delivery is known by, and of which kind it is
delivery_outcome  how it ended, for who counts that
bounded_client    slack_sdk's client, with a bound on what it reads
pace              how often it is called, and what comes first
reach_watch       asks Slack where no call has told of that for a while
install           which workspace the bot token is for
reach             whether Slack can be reached and takes our tokens
error_codes       what each of Slack's error codes means, and what there is to do
socket_mode       the connection on which Slack delivers, in Socket Mode
deaf_watch        has it told that no delivery comes on it
socket_envelopes  what is said on it
diagnosis         what the doctor finds out about Slack
"""
