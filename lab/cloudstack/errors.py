"""How CloudStack says no: an HTTP status of its own, a text, and the number of the Java exception behind
it."""

from __future__ import annotations

AUTH_FAILED = "unable to verify user credentials and/or request signature"

BAD_REQUEST = 400
UNAUTHORIZED = 401
RATE_LIMITED = 429
PARAM_ERROR = 431
UNSUPPORTED = 432
UNAVAILABLE = 503
INTERNAL_ERROR = 530
ACCOUNT_ERROR = 531
INSUFFICIENT_CAPACITY = 533
RESOURCE_UNAVAILABLE = 534

RUNTIME_EXCEPTION = 4250
AGENT_UNAVAILABLE = 4285
INVALID_PARAMETER = 4350
PERMISSION_DENIED = 4365
NO_CAUSE = 9999


class ApiError(Exception):
    """A refusal. ``code`` is both the HTTP status and ``errorcode``; ``cause`` is ``cserrorcode``, absent
    when None."""

    def __init__(self, code: int, text: str, cause: int | None = None, *, bare: bool = False) -> None:
        super().__init__(text)
        self.code = code
        self.text = text
        self.cause = cause
        self.bare = bare
        """Answered under ``errorresponse`` rather than under the command's own key."""


def refused(text: str) -> ApiError:
    """A CloudRuntimeException: what nearly every refusal of an operation is."""
    return ApiError(INTERNAL_ERROR, text, RUNTIME_EXCEPTION)


def invalid(text: str) -> ApiError:
    """An InvalidParameterValueException."""
    return ApiError(PARAM_ERROR, text, INVALID_PARAMETER)


def unauthorized() -> ApiError:
    """The one answer to every failure to prove who is asking, whatever the reason."""
    return ApiError(UNAUTHORIZED, AUTH_FAILED)


def from_words(words: list[str]) -> ApiError:
    """The error that a fault asks for: ``530, text``; a bare text is a 530."""
    if words and words[0].isdigit():
        return ApiError(int(words[0]), ", ".join(words[1:]) or "fault")
    return ApiError(INTERNAL_ERROR, ", ".join(words))
