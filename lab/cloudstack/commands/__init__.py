"""The API commands, one file a subject."""

from importlib import import_module

SUBJECTS = (
    "adding",
    "alerts",
    "clusters",
    "hosts",
    "instances",
    "moving",
    "offers",
    "power",
    "records",
    "running",
    "storage",
    "system",
    "upkeep",
)


def load_all() -> None:
    """Register every command."""
    for subject in SUBJECTS:
        import_module(f"{__name__}.{subject}")
