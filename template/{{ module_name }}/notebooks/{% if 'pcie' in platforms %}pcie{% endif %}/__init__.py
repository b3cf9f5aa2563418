# The template's file: `copier update` merges its changes with yours.
"""The notebooks for cards. PYNQ calls this function to deliver them."""

from ...delivery import deliver_notebooks  # noqa: F401
