"""What an indicator is, and how one value is read: text that a person typed or pasted in, its one normal form out.

What comes in is hostile text. What goes out is an `Indicator` with its kind and what was noticed on the way, or an
`InvalidIndicator` that says how to write it.

indicator         the kinds, an indicator, its notes and their stable codes
reader            `read` and `read_as`: the way in, for every kind
plain_forms       texts whose shape alone says what reads them
typed_text        characters nobody sees, look-alike punctuation
short_forms       what is short for two things
damaged_links     links that were cut off, or that another program wrote by its own rules
surroundings      brackets, quotation marks and punctuation around a value
labels            `From:`, `ip4:` and the like in front of one, and what may stand behind each
link_forms        Slack's own forms of links and mentions, undone
rewritten_links   links that a service has rewritten, and where they lead
link_services     the gateways, and all services
link_sites        sites that links lead out through, short links, pages about links
link_targets      how such a link holds its target
proofpoint_links  Proofpoint's way to keep it
link_parts        host, path and query of a link, as they stand in it
refanging         `hxxps://evil[.]example` into what it stands for
defanging         and back, for people to look at
hosts             names of hosts and domains, in one normal form
settled_letters   their letters beyond ASCII, where the standards take them as they stand
domains           domains as senders, with or without their subdomains
addresses         mail addresses
header_addresses  those in a mail header
urls              URLs as the lists take them
ipv4, ipv6        addresses, ranges and networks
special_ranges    which addresses aren't ordinary ones of the internet
ip_span           addresses, ranges and networks of both versions as spans
file_hashes       SHA-256 hashes
spoof_pairs       pairs of spoofed user and sending infrastructure
"""
