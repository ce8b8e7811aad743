"""What Slack delivers, and who answers it: a module for each kind of delivery, with its routes at the end.

routes       which commands, buttons and forms there are, and that none is without a listener
delivered    a typed command, a click, a submitted form, as handlers take them
deliveries   the route of each to its handler: who it is, the acknowledgement, and what goes wrong
portcullis   /portcullis: what waits, and every other command
commands     the slash commands that propose or look up
checking     /check, its form and its button
entries      /lists, and the menu beside an entry
posture      /posture, and the button beside a finding
shortcuts    Slack's own menus, and what is chosen of a message
openers      the buttons that open a form
actions      the buttons
modals       the forms of a proposal
questions    what an approver asks the requester, and the answer
others       what came of a proposal, with the button that requests the others where some of it was refused
renewals     what is due for renewal, kept or let end
again        the form of a proposal, filled in with what somebody asked for before
emergencies  blocking at once, and the buttons and the form in which it is reviewed
approvals    the forms in which approvers decide
together     several proposals approved in one form
imports      /import and its form
submissions  the form of a submission
events       what Slack tells by itself, and App Home
steps        the step of Workflow Builder
showing      details opened, and put on record where something in them counts
forms        which form opens where something is lacking
checks       what is asked about
doubts       what somebody is told when the database fails, and what became of it
failures     what is told of a delivery that failed, and by which way
told_nothing  what was answered with "nothing was recorded", and stays so
where_asked  what came of a form, told where it was asked for
replies      an answer where the acknowledgement can't give it
"""
