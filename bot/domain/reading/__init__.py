"""What people type, paste and upload, as a whole: a command's text, a form's field, a file. Indicators come out.

Each value is read by `bot.domain.indicators`; this room finds where the values stand, and what stands beside them.

command_text    the text of a slash command, and the lines of a form's field
command_tokens  cutting a text into tokens that know their places
listed          entries that exist, named by their exact value
durations       how long an entry is to last, or until when
import_text     the bytes of a file as text, and how much of it is taken
import_table    the column of a table that holds the indicators, for who can't be asked which one is meant
import_forms    lines in the forms of other programs: hosts files, SPF records
import_lines    every line of what is imported, read or with the reason why not
tables          tables of any kind: their columns, what their rows mean, the exports that are known
import_reading  what an import can be read as: the ways there are, the one that was chosen, the lines that it gives
"""
