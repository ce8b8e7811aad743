"""Is it allowed? An indicator and the lists come in; a verdict with its reasons and its limits goes out.

verdict      the judgement over all lists, by their rules of precedence
judgement    what it comes down to: allowed, blocked, not listed, not known; and the entries that matter
explanation  the judgement in sentences: which entry, which list, which rule
elsewhere    what else in the tenant lets the indicator through or stops it, and what could not be seen of that
limits       what a verdict does not mean
"""
