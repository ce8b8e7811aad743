"""Handing the audit log on to a program elsewhere, by HTTPS: lines go in, and what comes out is whether it has them.

receiver  one call: signed, bounded, and answered with 2xx or not at all
"""
