"""The rules that a proposal is held against, a subject each. A proposal comes in, an assessment goes out.

A rule refuses, warns, or says that it takes more than one approval (`approvals_needed`).

assess          the way in: which rules are asked about which proposal, and what their findings add up to
case            what a rule looks at and what it finds: the operator's rules, refusals, warnings, the assessment
drafting        from what somebody typed to proposals, one for each list
pending         other open requests that touch the same values
block           a block: what it stops beside what was meant
block_names     names that must not be blocked as a whole
emergency       what may be blocked at once, with nobody's approval
gateway_links   hosts of mail gateways, pages that links lead out through, links of which only the host is left
subdomains      that a block of a domain leaves its subdomains, and how to have both
names           whose a host name is
providers       names that stand for very many unrelated people
empty_file      the hash that every empty file has
ip_ranges       addresses that mail can't come from, and networks that are wider than anybody means
ip_allow        an allow for an IP address: what it switches off, and how many must approve it
known_sharers   what DNS says of the addresses of an IP allow, beside all that
direct_allow    allows without a submission, where the operator permits them
spoof_pairs     a spoof pair's infrastructure
spoof_allow     an allow for a spoofed sender
submission      what is handed to Microsoft
submission_evidence  whether what is handed over is what was asked for
removal         taking an entry out
extension       another end
annotation      other notes
safe_list       the safe-list switch
listed          whether the entry that a proposal is about is there
current_end     when an entry that is listed ends now
neighbours      the entries beside a proposed one: the same, one that covers it, one that contradicts it
elsewhere       what else lets mail through or stops it, whatever the entry says
capacity        whether it still fits
import_limits   how many at once, and what is never proposed in bulk
reason_and_end  a reason that says something, and an end that its list permits
unread          what could not be looked at
needs_nobody    which blocks need nobody's approval, and which never do without
by_workflow     what holds for whatever a workflow in Slack proposes
general_facts   which warnings are true of every such change, and which are about the case at hand
reassessing     a request held against policy once more, and what is new in it
"""
