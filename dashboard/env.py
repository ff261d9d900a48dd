"""Reads the environment with types, ``NAME_FILE`` variants, and one clear sentence when a value is nonsense.

Every method names the variable, what is wrong and what is accepted; none ever prints the value of a secret.
"""

from __future__ import annotations

import os
from pathlib import Path
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured
from environs import EnvError, FileAwareEnv

TRUE = {"1", "true", "yes", "on"}
FALSE = {"0", "false", "no", "off"}


def refuse(name: str, wrong: str, accepted: str) -> ImproperlyConfigured:
    """The one shape of a complaint about a setting."""
    return ImproperlyConfigured(f"{name} {wrong}; accepted: {accepted}.")


class Reader:
    """Typed access to the process environment."""

    def __init__(self) -> None:
        self._env = FileAwareEnv(strip_whitespace=True)

    def text(self, name: str, default: str = "") -> str:
        """The value of NAME, or the content of the file NAME_FILE, stripped."""
        file = os.environ.get(f"{name}_FILE")
        if file and os.environ.get(name):
            raise refuse(name, f"and {name}_FILE are both set", "one of the two")
        try:
            value: str = self._env.str(name, default)
        except (EnvError, ValueError, OSError):
            raise refuse(
                f"{name}_FILE", f"names {file!r}, which cannot be read", "a readable text file"
            ) from None
        return value.strip()

    def flag(self, name: str, default: bool) -> bool:
        """A yes or no."""
        raw = self.text(name).lower()
        if not raw:
            return default
        if raw not in TRUE | FALSE:
            raise refuse(name, f"is {raw!r}", "true or false (also 1/0, yes/no, on/off)")
        return raw in TRUE

    def number(self, name: str, default: int, minimum: int, maximum: int, unit: str) -> int:
        """A whole number between two bounds, in the given unit."""
        raw = self.text(name)
        if not raw:
            return default
        accepted = f"a whole number of {unit} from {minimum} to {maximum}"
        if not raw.isascii() or not raw.isdigit():
            raise refuse(name, f"is {raw!r}", accepted)
        if not minimum <= int(raw) <= maximum:
            raise refuse(name, f"is {raw}", accepted)
        return int(raw)

    def words(self, name: str, default: list[str]) -> list[str]:
        """A comma-separated list; spaces around the words do not count."""
        raw = self.text(name)
        return [word.strip() for word in raw.split(",") if word.strip()] if raw else default

    def pairs(self, name: str, among: tuple[str, ...]) -> list[tuple[str, str]]:
        """A comma-separated list of WORD=text, each word one of several."""
        found = [tuple(part.strip() for part in each.partition("=")[::2]) for each in self.words(name, [])]
        if wrong := next((each for each in found if each[0] not in among or not each[1]), None):
            raise refuse(name, f"holds {'='.join(wrong)!r}", f"{'=…, '.join(among)}=…, separated by commas")
        return [(word, text) for word, text in found]

    def choice(self, name: str, default: str, among: tuple[str, ...]) -> str:
        """One of several words, in either case."""
        raw = self.text(name, default).upper()
        if raw not in among:
            raise refuse(name, f"is {raw!r}", ", ".join(among))
        return raw

    def keys(self, name: str, length: int) -> list[str]:
        """A comma-separated list of secrets, each of at least ``length`` characters."""
        found = self.words(name, [])
        if any(len(key) < length for key in found):
            raise refuse(
                name, "holds a key that is too short", f"texts of {length} characters or more, by commas"
            )
        return found

    def origins(self, name: str) -> list[str]:
        """A comma-separated list of scheme://host[:port], as Django wants its trusted origins."""
        found = self.words(name, [])
        for origin in found:
            if urlsplit(origin).scheme not in {"http", "https"} or not urlsplit(origin).netloc:
                raise refuse(name, f"holds {origin!r}", "origins such as https://baton.example.org")
        return found

    def url(self, name: str, schemes: tuple[str, ...], example: str) -> str:
        """A URL with one of the schemes; the value is not repeated, because it may hold a password."""
        raw = self.text(name)
        if raw and urlsplit(raw).scheme not in schemes:
            raise refuse(
                name, f"has no known scheme ({urlsplit(raw).scheme or 'none'})", f"a URL such as {example}"
            )
        return raw

    def secret(self, name: str, fallback: Path, length: int) -> str:
        """A secret of at least ``length`` characters; ``fallback`` is the file that ``make demo`` writes."""
        value = self.text(name)
        if not value and fallback.is_file():
            value = fallback.read_text().strip()
        if not value:
            raise refuse(name, "is not set", f"a random text of {length} characters or more, or {name}_FILE")
        if len(value) < length:
            raise refuse(name, f"has only {len(value)} characters", f"a random text of {length} or more")
        return value

    def optional_secret(self, name: str, length: int) -> str:
        """A secret of at least ``length`` characters, or empty when it is not set."""
        value = self.text(name)
        if value and len(value) < length:
            raise refuse(name, f"has only {len(value)} characters", f"a random text of {length} or more")
        return value

    def folder(self, name: str, default: Path) -> Path:
        """An absolute folder, made (0700) if absent: databases, sockets and secrets live in it."""
        path = Path(self.text(name) or default).expanduser().absolute()
        try:
            path.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise refuse(
                name, f"is {path}, which cannot be made ({error.strerror})", "a writable folder"
            ) from None
        if not os.access(path, os.W_OK | os.X_OK):
            raise refuse(name, f"is {path}, which is not writable", "a writable folder")
        return path


env = Reader()
