"""Is it allowed? An indicator and the lists come in; a verdict with its reasons and its limits goes out.

verdict  the judgement over all lists, by their rules of precedence, with the explanation
limits   what a verdict does not mean
"""
