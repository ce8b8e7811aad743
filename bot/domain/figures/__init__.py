"""Mail figures: how much real mail of the last ten days a change would have touched.

figures      what was found of one indicator, or why nothing can be
sources      which source sees which indicators
together     what the figures of a proposal's indicators come to
as_json      figures as they stand in the log and in the store
"""
