"""What people type, paste and upload, as a whole: a command's text, a form's field, a file. Indicators come out.

Each value is read by `bot.domain.indicators`; this room finds where the values stand, and what stands beside them.

command_text    the text of a slash command, and the lines of a form's field
typed_marks     marks around what people type that say nothing of it
command_words   the words of a command that say what to do, in front of what it is about
mailbox_words   the words of a check that name one mailbox
emergency_word  the word `emergency` in what is typed behind /block
command_rests   what stands behind the indicators of a command's lines
command_tables  a table that PowerShell printed, pasted behind a command
lines           one line, by the grammar that all places share; lines that name just one indicator
line_ends       where a line of a text ends
line_reader     going through the tokens of a line
plain_runs      runs of tokens that stand for themselves
joined_values   what stands in several tokens of a line
line_state      what has been found so far in a line, and the tokens ahead
line_weight     how much of a line is read
line_reading    what a line says, its problems, and reading each of its values once
command_tokens  cutting a line into tokens that know their places
display_names   an address behind a name, also where the name could be listed
other_lines     hosts files and SPF records in a command or a form
spaced_ranges   an IPv4 range with spaces in it
short_lists     addresses of which only the first stands there in full
kind_words      the word for its kind in front of a value
spoof_words     the two halves of a spoof pair, behind the word
subdomains      `and subdomains`
listed          entries that exist, named by their exact value
strays          what stands in a reason and may be meant to be listed, or instead of what is
stray_words     the words before and behind it
further_words   words by which another list, or more or less, is meant
reason_words    the words beside a length or a date in a reason
reason_text     what stands behind the indicators of a command: how long, and why
odd_ends        what looks like an end in a spelling that isn't read as one
loose_ends      what says how long in a way that gives no day
durations       how long an entry is to last, or until when
free_text       what a text for people holds, to choose from
mail_headers    what the headers of a message hold, to choose from
list_words      what somebody looks for among the lists' entries
lengths         lengths of time as people write them
spans           when something happened, as people say it
dates           dates as people write them, with every day that they can mean
aside           why something of an import is set aside
filter_exceptions  what a list of filters excepts: it isn't to be blocked
names           names of columns, and words in cells, as they are compared
action_words    what the words of an action say to do
remarks         what a remark says to do with what it stands beside
remark_words    the words with which it says so
contradictions  what a remark or a reason says against the very thing that is asked for
sections        headings that say what is done about the lines below them
shapes          what a text could be by its shape alone
import_text     the bytes of a file as text, and how much of it is taken
import_allowance  how much of an import is read, at most
import_forms    lines in the forms of other programs: hosts files, SPF records
import_lines    every line of what is imported, read or with the reason why not
tables          tables of any kind: their columns, what their rows mean, the exports that are known
import_opening  what was given, as tables or as lines
import_choices  one way to read what was given, with what it would give
import_reading  what an import can be read as: the ways there are, the one that was chosen, the lines that it gives
"""
