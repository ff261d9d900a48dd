"""The API commands, one file a subject."""

from importlib import import_module

SUBJECTS = ("clusters", "hosts", "adding", "upkeep", "instances", "moving", "power", "records", "system")


def load_all() -> None:
    """Register every command."""
    for subject in SUBJECTS:
        import_module(f"{__name__}.{subject}")
