"""Tables: from the text or the bytes of a file to rows, and from rows to lines, each with its indicator or the reason.

A file becomes a `Sheet`; `ways_of` says in which ways it can be read; a `RowReader` reads its rows in one of them.

sheet         a table as it was given: header and rows, with their numbers
delimited     a text as a table: CSV, with tabs, semicolons or bars
aligned       a text as a table whose columns are held apart by spaces
header        whether a row is the header, and whether a row fits it
below_header  the rows below a header: a second table, headings between rows
workbook      the bytes of a workbook (.xlsx)
workbook_parts  what in a workbook is hidden, and where links lead
workbook_strikes  which of its cells are struck out
json_text     JSON documents, and texts with one on each line
json_names    whether such a document names a field twice
json_records  the records of such a document, and their fields as cells
intelligence  documents of threat intelligence: STIX, MISP, OTX
stix_patterns  the values that a pattern of STIX names
key_values    a text of names and values as a table
column_names  what a column's name says of it, in several languages
layouts       the exports and feeds whose layout is known
halves        columns that have the other half of what a table is about, and their values together
scopes        how far a row's indicator reaches: its subdomains, or more than an entry can say
extents       what a row's other columns add to its indicators: subdomains, ports
doubts        why a row may not be meant to be blocked
beside        which columns say something about a row's indicator
ways          which columns could be meant, and which one plainly is
type_words    what a row's type says, and whose its indicator is
row_words     what the words in a row's cells say of whether it still counts
verdict_words  what a verdict says of a row's indicator
action_columns  which columns say what to do, and what a row says in them
end_dates     the dates in a column, as the last days of entries
cells         what one cell gives: indicators, what stands beside them, or why none
rows          from a table's rows to lines
"""
