"""What people fill in or open: forms and details, and how what they gave is read back.

proposal_form    every change but an IP allow
ip_allow_form    the warning before an IP allow, and the form below it
submission_form  a submission to Microsoft
import_form      many lines at once
details          everything about a request
error            what went wrong, in place of a form
form_fields      what the forms have in common
form_input       what a person put into one
file_field       a field for files
"""
