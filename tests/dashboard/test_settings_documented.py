"""Every variable that the settings read has a line in docs/configuration.md."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
READ = re.compile(
    r'env\.(?:text|flag|number|words|pairs|origins|url|(?:optional_)?secret|folder|choice|keys)\(\s*"([A-Z_]+)"'
)


def test_every_setting_is_documented() -> None:
    sources = [*(ROOT / "dashboard").glob("*.py"), *(ROOT / "deploy").glob("*.py")]
    read = {name for file in sources for name in READ.findall(file.read_text())}
    documented = set(
        re.findall(r"^\| `([A-Z_]+)`", (ROOT / "docs/configuration.md").read_text(), re.MULTILINE)
    )
    assert {"SECRET_KEY", "PORT", "REDIS_URL"} <= read
    assert read - documented == set()
