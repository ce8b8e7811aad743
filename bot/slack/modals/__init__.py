"""What people fill in or open: forms and details, and how what they gave is read back.

proposal_form       every change but an IP allow
ip_allow_form       the warning before what lets strangers in, and the form below it
submission_form     a submission to Microsoft
submission_reading  what it proposes, or what is wrong with its fields
import_form         many lines at once
check_form          what is asked about
choose_form         what of a message is meant
approval_form       all of a request that lets strangers in, for whoever approves it
together_form       what waits for an approver, each with a box to approve it
denial_form         why somebody denies a request
emergency_form      an approver keeps an emergency block, or has it taken out
question_form       what an approver asks the requester, and the answer
sent_view           what was filled in in a form, as Slack delivers it
shown_card          what a form in which somebody decides carries
details             everything about a request
error               what went wrong, in place of a form
form_fields         the fields that the forms have in common
form_answer         what comes back of a form, read with suspicion
form_input          what a person put into one, and that it can't be used
file_field          a field for files
"""
