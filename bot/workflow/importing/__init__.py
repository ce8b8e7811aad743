"""Many lines at once, from a file, a paste or the command line, to requests.

importer      every line judged, and what is left proposed together
result_files  what became of each line, as a file
"""
