"""What ``scripts/image`` raises on purpose."""


class ImageError(Exception):
    """An image could not be built, or does not keep a promise; the message says which."""


class NoEngineError(ImageError):
    """There is no container engine here and no right to start one (exit status 2)."""
