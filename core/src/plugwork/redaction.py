"""Errors of user code kept out of what is stored, where their text may hold secrets."""

from __future__ import annotations

import os

#: The environment variable that switches it on: any text but ``""``, ``0``, ``false``, ``no``,
#: ``off``.
SWITCH = "PLUGWORK_REDACT_USER_CODE_ERRORS"
#: The logger that gets the full traceback. It passes nothing on to other loggers.
LOGGER = "plugwork.redacted_errors"
_MARK = "__plugwork_error_id__"


def is_redacting() -> bool:
    """Tell whether errors of user code are to be kept out of what is stored."""
    return os.environ.get(SWITCH, "").strip().lower() not in ("", "0", "false", "no", "off")


def redact(error: BaseException) -> None:
    """Give an error an id, and write its traceback to :data:`LOGGER`; once for each error."""
    if redacted_id(error) is not None:
        return
    import logging  # only when something failed
    from uuid import uuid4

    error_id = str(uuid4())
    setattr(error, _MARK, error_id)
    logger = logging.getLogger(LOGGER)
    logger.propagate = False
    logger.error("Error in user code, error ID %s", error_id, exc_info=error)


def redacted_id(error: BaseException) -> str | None:
    """Return the id of an error that is not to be shown; None for any other."""
    return getattr(error, _MARK, None)


def masked_message(error_id: str) -> str:
    """Return what stands in place of the error's own text."""
    return (
        f"Error in user code, error ID {error_id}. Its text is masked, for it may hold secrets; "
        f"find it by this id in what the logger {LOGGER} has written."
    )
