"""What the lab raises on purpose."""


class LabError(Exception):
    """The lab could not do it; the message says what the reader can do."""


class LabUnavailableError(LabError):
    """There is no Asterisk here and no right to make one (exit status 2)."""
