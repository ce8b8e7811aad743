"""What `portcullis doctor` finds out about the tenant, and what to do about it.

diagnosis         the way to the tenant, step by step
credential_check  what signs the bot in, and for how long yet
rights_check      are the rights given that the settings switch on?
write_check       may the app change the lists?
what_if           may it, without a write?
guidance          where an administrator mends it, menu by menu
"""
