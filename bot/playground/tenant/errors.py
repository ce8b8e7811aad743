"""How the stand-in refuses a cmdlet: one exception that the endpoint turns into the service's error envelope."""

from __future__ import annotations

INVALID_ARGUMENT = "System.ArgumentException"
BINDING = "System.Management.Automation.ParameterBindingException"
OBJECT_NOT_FOUND = "Microsoft.Exchange.Configuration.Tasks.ManagementObjectNotFoundException"
COMMAND_NOT_FOUND = "System.Management.Automation.CommandNotFoundException"
PROPERTY_INVALID = "Microsoft.Exchange.Data.DataValidationException"


class CmdletRefused(Exception):
    """The cmdlet did nothing.

    `text` is what a person would read, `exception_type` the .NET type that stands before it between bars, and `status`
    the HTTP status that carries it.
    """

    def __init__(self, text: str, *, exception_type: str = INVALID_ARGUMENT, status: int = 400) -> None:
        super().__init__(text)
        self.text = text
        self.exception_type = exception_type
        self.status = status
