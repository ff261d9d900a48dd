"""What can go wrong when a captain is asked: each error has a stable code, its parameters, and a sentence that says
cause and cure. The one distinction that matters most: `AnswerLost` means that the call may have been carried out."""

from __future__ import annotations

from pools.clients.meanings import meaning
from pools.facts import Trouble

__all__ = [
    "AnswerLost",
    "BadAnswer",
    "ClientError",
    "ClockSkew",
    "LoginRefused",
    "NotCloudStack",
    "NotPermitted",
    "NotXenServer",
    "RateLimited",
    "Refused",
    "SessionLost",
    "TimedOut",
    "TlsFailed",
    "TlsUntrusted",
    "Unreachable",
    "Withheld",
    "meaning",
    "trouble",
    "without_trace",
]


class ClientError(Exception):
    """A captain could not be asked, or said no. `code` is stable, `says` is for people."""

    code = "failed"

    def __init__(self, says: str, *params: str) -> None:
        super().__init__(says)
        self.says = says
        self.params = params


UNREACHABLE = {
    "refused": "{place} refuses the connection: nothing listens on that port. Check the port, and whether the "
    "service runs there. Whether the machine is on, this does not tell.",
    "no-route": "There is no way to {place}: the host is off, or a network or firewall stands between. "
    "Check that it is up and reachable from this machine.",
    "unknown-name": "The name in {place} is not known here: check the spelling, or give the IP address.",
    "cut": "{place} closed the connection without an answer: its service may be restarting, or it wants TLS. "
    "Wait a minute and try again.",
}


class Withheld(Exception):
    """Whoever may stop a call did so before its last byte had left: no captain acts on it. It tells nothing about a
    captain, so it is no ClientError."""


class Unreachable(ClientError):
    """No connection, or none that held; nothing was changed. Codes: `refused`, `no-route`, `unknown-name`, `cut`."""

    code = "no-route"

    def __init__(self, code: str, place: str) -> None:
        super().__init__(UNREACHABLE[code].format(place=place), place)
        self.code = code


class TimedOut(ClientError):
    """No connection, or no answer to a call that changes nothing, within the time given. `phase`: connect or read."""

    code = "timeout"

    def __init__(self, phase: str, place: str, seconds: float) -> None:
        what = (
            "did not take the connection" if phase == "connect" else "took the question but did not answer it"
        )
        super().__init__(
            f"{place} {what} within {seconds:.0f} s: it is off, hanging or overloaded, or a firewall drops the "
            "packets. Look at the host itself.",
            place,
            phase,
        )


class TlsUntrusted(ClientError):
    """The certificate is not one that we were told to trust; nothing was sent. `fingerprint` is what was seen."""

    code = "tls-untrusted"

    def __init__(self, place: str, fingerprint: str, reason: str = "") -> None:
        because = f" ({reason})" if reason else ""
        super().__init__(
            f"The certificate of {place} is not trusted{because}. Its SHA-256 fingerprint is {spaced(fingerprint)}. "
            "Compare it on the machine itself: openssl x509 -noout -fingerprint -sha256 -in FILE (on a XenServer "
            "/etc/xensource/xapi-ssl.pem), and trust it only when they are the same.",
            place,
            fingerprint,
        )
        self.fingerprint = fingerprint


class TlsFailed(ClientError):
    """TLS cannot be spoken there: another protocol on that port, or no version in common. Nothing was sent."""

    code = "tls"

    def __init__(self, place: str, reason: str) -> None:
        super().__init__(
            f"{place} does not speak TLS as we do ({reason}): check the port. A server that has no TLS at all must be "
            "asked for in plain words; hosts before XenServer 7 speak only old versions, which are not accepted.",
            place,
            reason,
        )


class NotXenServer(ClientError):
    """Something answers, but it is not XAPI."""

    code = "not-xenserver"

    def __init__(self, place: str, saw: str) -> None:
        super().__init__(
            f"What answers at {place} is not a XenServer ({saw}): check the address and the port "
            "(443, unless somebody changed it).",
            place,
            saw,
        )


class NotCloudStack(ClientError):
    """Something answers, but it is not CloudStack's API."""

    code = "not-cloudstack"

    def __init__(self, place: str, saw: str) -> None:
        super().__init__(
            f"What answers at {place} is not CloudStack's API ({saw}): the URL usually ends in /client/api, "
            "on port 8080, or 8443 with TLS.",
            place,
            saw,
        )


class LoginRefused(ClientError):
    """The user or the password is wrong."""

    code = "login-refused"

    def __init__(self, place: str, user: str) -> None:
        super().__init__(
            f"{place} refuses the login of {user}: the password (or the user) is wrong. "
            "It is the root password of the pool's master, as XenCenter uses it.",
            place,
            user,
        )


class SessionLost(ClientError):
    """The session ended: the master's toolstack restarted, or another master took over. Nothing was done."""

    code = "SESSION_INVALID"

    def __init__(self, place: str) -> None:
        super().__init__(
            f"The session with {place} has ended, because its toolstack restarted. The call was not carried out; "
            "it can be made again.",
            place,
        )


class Refused(ClientError):
    """The captain understood and said no. `code` is XAPI's own, or CloudStack's number; `params` as they came."""

    def __init__(self, system: str, code: str, *params: str) -> None:
        known = meaning(code, params)
        said = (
            " ".join([code, *params])
            if system == "XenServer"
            else f"{code} {params[0] if params else ''}".strip()
        )
        super().__init__(
            f"{system} refused: {known} ({said})" if known else f"{system} refused: {said}.", *params
        )
        self.system = system
        self.code = code


class NotPermitted(ClientError):
    """CloudStack does not accept the keys, or they lack the right (401, or 432 in old versions)."""

    code = "not-permitted"

    def __init__(self, command: str, text: str) -> None:
        if "verify user credentials" in text:
            cure = (
                "does not accept the keys: the API key or the secret key is wrong or was renewed, or their user is "
                "disabled. Copy both again from the user's page in CloudStack."
            )
        else:
            cure = (
                f"does not permit {command} to the user of these keys: use the keys of a root admin, or allow the "
                "command to the user's role."
            )
        super().__init__(f"CloudStack {cure} (It says: {text})", command, text)


class ClockSkew(ClientError):
    """CloudStack refuses the signature because the two clocks disagree. `minutes` is how far it is ahead of us."""

    code = "clock-skew"

    def __init__(self, command: str, minutes: int) -> None:
        where = "ahead of" if minutes > 0 else "behind"
        super().__init__(
            f"CloudStack refuses the signature of {command}, and its clock is {abs(minutes)} minutes {where} ours: a "
            "signature is good for 10 minutes. Set both clocks by NTP.",
            command,
            str(minutes),
        )
        self.minutes = minutes


class RateLimited(ClientError):
    """CloudStack's API limit is reached (429); nothing was done."""

    code = "rate-limited"

    def __init__(self, text: str) -> None:
        super().__init__(
            f"CloudStack's API limit is reached ({text}): raise api.throttling.max, or ask less often.",
            text,
        )


class AnswerLost(ClientError):
    """A call that changes something was sent, and no answer came back: it may have been carried out. Look before
    it is sent again."""

    code = "answer-lost"

    def __init__(self, call: str, why: str) -> None:
        super().__init__(
            f"{call} was sent, but its answer was lost ({why}). It may have been carried out: look before sending it "
            "again.",
            call,
            why,
        )


class BadAnswer(ClientError):
    """The answer to a call that changes nothing cannot be read: garbage, cut short, or too large."""

    code = "bad-answer"

    def __init__(self, place: str, why: str) -> None:
        super().__init__(
            f"The answer of {place} cannot be read ({why}): a proxy stands between, or the service is in trouble. "
            "Try again, and look at its log if it stays so.",
            place,
            why,
        )


def without_trace(error: ClientError) -> ClientError:
    """The error, cut off from the frames that it came through."""
    error.__traceback__ = error.__context__ = error.__cause__ = None
    return error


def spaced(fingerprint: str) -> str:
    """A fingerprint as openssl prints it: capital pairs with colons."""
    return ":".join(fingerprint[i : i + 2] for i in range(0, len(fingerprint), 2)).upper()


def trouble(error: ClientError) -> Trouble:
    """The error as a fact."""
    return Trouble(code=error.code, params=error.params, says=error.says)
