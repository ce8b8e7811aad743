"""Many lines at once, from a file, a paste or the command line, to requests.

judge         every line judged, by the last snapshot
importer      what is left proposed together
previews      what somebody is shown first, and their clicks under it
result_files  what became of each line, as a file
"""
