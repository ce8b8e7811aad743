"""Who an IP address is, asked of DNS: in the background, within two seconds, and nothing that comes back is trusted.

lookup     one question to DNS, with bounds, and what was answered lately
spf        does an address stand in a domain's SPF?
who_is     what is known of an address, and finding it out
diagnosis  does DNS answer?
"""
