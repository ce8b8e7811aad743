"""Every setting, its default and its risk: environment variables go in, and the parts of the settings come out.

slack       the app, who may do what, who is called
tenant      where it is, how the bot signs in, what it may look at
policy      what may be proposed, how many at once, for how long
renewals    which entries come back to their owners, and when
running     the database, what is served, what becomes of the log
loading     all of them, or one part; what is wrong is told at once
slips       names that no setting has, and which was meant
together    what each part takes by itself, and what could never work together
part        what every part has: where values come from
types       the kinds of values: how each is read, what is refused
rules_file  the operator's rules, from a TOML file

The rest of the project takes the names below from here.
"""

from bot.settings.loading import PARTS, Settings, UnknownName, load, load_all, unknown_names, wrong_together
from bot.settings.part import PREFIX, takes_file
from bot.settings.policy import PolicySettings
from bot.settings.renewals import RenewalSettings
from bot.settings.running import AnchorSettings, DatabaseSettings, ServerSettings
from bot.settings.slack import CallingSettings, SlackSettings
from bot.settings.tenant import LookingSettings, TenantSettings

__all__ = [
    "PARTS",
    "PREFIX",
    "AnchorSettings",
    "CallingSettings",
    "DatabaseSettings",
    "LookingSettings",
    "PolicySettings",
    "RenewalSettings",
    "ServerSettings",
    "Settings",
    "SlackSettings",
    "TenantSettings",
    "UnknownName",
    "load",
    "load_all",
    "takes_file",
    "unknown_names",
    "wrong_together",
]
