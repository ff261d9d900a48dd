"""The global settings the lab knows, with the defaults of the real ones."""

from __future__ import annotations

DEFAULTS: dict[str, tuple[str, str, str]] = {
    # name: (category, default, description)
    "alert.wait": ("Advanced", "1800", "Seconds to wait before alerting on a disconnected agent"),
    "api.throttling.enabled": ("Advanced", "false", "Enable/disable Api rate limit"),
    "api.throttling.interval": ("Advanced", "1", "Time interval (in seconds) to reset API count"),
    "api.throttling.max": ("Advanced", "25", "Max allowed number of APIs within fixed interval"),
    "default.page.size": ("Advanced", "500", "Default page size for API list* commands"),
    "direct.agent.load.size": ("Advanced", "16", "The number of direct agents to load each time"),
    "direct.agent.scan.interval": (
        "Advanced",
        "90",
        "Time interval (in seconds) to run the direct agent scan task",
    ),
    "enforce.post.requests.and.timestamps": (
        "Advanced",
        "false",
        "Enforce POST for state changing commands, and signatures that expire",
    ),
    "ha.tag": (
        "Advanced",
        "",
        "HA tag defining that the host marked with this tag can be used for HA purposes only",
    ),
    "host.maintenance.local.storage.strategy": ("Advanced", "Error", "What to do with VMs on local storage"),
    "integration.api.port": ("Advanced", "0", "Default API port. To disable set it to 0 or negative."),
    "job.expire.minutes": ("Advanced", "1440", "Time (in minutes) for async-jobs to be kept in system"),
    "migrate.retry.interval": ("Advanced", "120", "Time (in seconds) between migration retries"),
    "migrate.vm.across.clusters": (
        "Advanced",
        "false",
        "Indicates whether the VM can be migrated to different cluster",
    ),
    "migratewait": ("Advanced", "3600", "Time (in seconds) to wait for VM migrate finish"),
    "ping.interval": (
        "Advanced",
        "60",
        "Interval to send application level pings to make sure the connection is up",
    ),
    "ping.timeout": (
        "Advanced",
        "2.5",
        "Multiplier to ping.interval before announcing an agent has timed out",
    ),
    "set.host.down.to.maintenance": (
        "Advanced",
        "false",
        "Allow a host that is Down to be put into maintenance",
    ),
    "vm.ha.enabled": ("Advanced", "true", "Enable/Disable VM High Availability"),
    "vm.ha.migration.max.retries": ("Advanced", "5", "Total number of attempts for trying migration of a VM"),
    "wait": ("Advanced", "1800", "Time in seconds to wait for control commands to return"),
    "workers": ("Advanced", "5", "Number of worker threads"),
    "xapiwait": ("Advanced", "60", "Time (in seconds) to wait for XAPI to return"),
    "xenserver.heartbeat.interval": (
        "Advanced",
        "60",
        "heartbeat interval to use when checking before XenServer Self Fencing",
    ),
    "xenserver.heartbeat.timeout": (
        "Advanced",
        "120",
        "heartbeat timeout to use when implementing XenServer Self Fencing",
    ),
}


class Settings:
    """Global settings by name; the numbers in them are seconds unless the description says otherwise."""

    def __init__(self) -> None:
        self._values = {name: default for name, (_category, default, _text) in DEFAULTS.items()}

    def text(self, name: str) -> str:
        return self._values[name]

    def number(self, name: str) -> float:
        return float(self._values[name])

    def flag(self, name: str) -> bool:
        return self._values[name] == "true"

    def put(self, name: str, value: str) -> None:
        """Change a setting; KeyError when there is none of that name."""
        if name not in DEFAULTS:
            raise KeyError(name)
        self._values[name] = value

    def records(self) -> list[dict[str, str]]:
        """All of them as listConfigurations shows them."""
        return [
            {"category": category, "name": name, "value": self._values[name], "description": text}
            for name, (category, _default, text) in DEFAULTS.items()
        ]
