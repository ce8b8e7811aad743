"""What an indicator is, and how one value is read: text that a person typed or pasted in, its one normal form out.

What comes in is hostile text. What goes out is an `Indicator` with its kind and what was noticed on the way, or an
`InvalidIndicator` that says how to write it.

indicator       the kinds, an indicator, its notes and their stable codes
reader          `read` and `read_as`: the way in, for every kind
typed_text      characters nobody sees, look-alike punctuation, what stands around a value
link_forms      Slack's own forms of links and mentions, undone
refanging       `hxxps://evil[.]example` into what it stands for
defanging       and back, for people to look at
hosts           names of hosts and domains, in one normal form
domains         domains as senders, with or without their subdomains
addresses       mail addresses
urls            URLs as the lists take them
ipv4, ipv6      addresses, ranges and networks
special_ranges  which addresses aren't ordinary ones of the internet
ip_span         addresses, ranges and networks of both versions as spans
file_hashes     SHA-256 hashes
spoof_pairs     pairs of spoofed user and sending infrastructure
"""
