"""Exchange Online: signing in, one transport, and the two places that hold entries."""

from bot.tenant.changes import Change, values_per_call
from bot.tenant.comparison import holds
from bot.tenant.powershell import as_powershell
from bot.tenant.settings import Cloud, TenantSettings
from bot.tenant.tenant import Tenant

__all__ = ["Change", "Cloud", "Tenant", "TenantSettings", "as_powershell", "holds", "values_per_call"]
