"""What the package raises and warns of."""


class Error(Exception):
    """The run cannot go on: the message says what, where and what to do. Base of all below."""


class ConfigurationError(Error, ValueError):
    """An option, a rate or a setting is wrong; nothing was billed."""


class RejectsError(Error):
    """More records were rejected than allowed; nothing was billed.

    rejects: a table of the first of them (see Bill.rejects), or None.
    """

    def __init__(self, message, rejects=None):
        super().__init__(message)
        self.rejects = rejects


class Warning(UserWarning):  # noqa: A001  named as users write it: billing.Warning
    """The bill stands, and something about it is worth a look."""
