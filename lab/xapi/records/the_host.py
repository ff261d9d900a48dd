"""The records of a host, its metrics and its certificate."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from cryptography import x509
from cryptography.hazmat.primitives import hashes

from lab.world import NULL
from lab.world.things import Host
from lab.xapi.records.kind import Kind, View, derived, ref_of
from lab.xapi.records.updates import applied_patches, applied_updates
from lab.xapi.values import EPOCH, Record, Stamp

CERTIFICATE_MARK = 0xCE27


def allowed_operations(host: Host) -> list[str]:
    """Operations that would not be refused now for a reason the host's record knows."""
    if host.current_operations:
        return []
    if not host.enabled:
        return ["evacuate", "shutdown", "reboot", "apply_updates", "enable"]
    return ["provision", "evacuate", "vm_start", "vm_resume", "vm_migrate"]


def live(view: View, host: Host) -> Record:
    residents = view.residents.get(host, [])
    control_domain = next((vm.ref for vm in residents if vm.is_control_domain), NULL)
    return {
        "uuid": host.uuid,
        "name_label": host.name,
        "name_description": host.name_description,
        "memory_overhead": host.memory_overhead,
        "allowed_operations": allowed_operations(host),
        "current_operations": host.current_operations.copy(),
        "enabled": host.enabled,
        "software_version": host.software_version.copy(),
        "other_config": _other_config(view, host),
        "resident_VMs": [vm.ref for vm in residents],
        "PIFs": [pif.ref for pif in host.pifs],
        "PBDs": [pbd.ref for pbd in host.pbds],
        "hostname": host.software_version.get("hostname", host.name),
        "address": host.address,
        "metrics": host.metrics_ref,
        "license_params": host.license_params.copy(),
        "edition": host.edition,
        "ha_statefiles": host.ha_statefiles.copy(),
        "ha_network_peers": host.ha_network_peers.copy(),
        "control_domain": control_domain,
        "iscsi_iqn": host.other_config.get("iscsi_iqn", ""),
        "multipathing": host.multipathing,
        "external_auth_type": host.external_auth_type,
        "external_auth_service_name": host.external_auth_service_name,
        "API_version_major": host.api_version[0],
        "API_version_minor": host.api_version[1],
        "certificates": [ref_of(derived(host.uuid, CERTIFICATE_MARK))],
        "tls_verification_enabled": host.pool.tls_verification,
        **_guidance(view, host),
        **_hardware(host),
    }


def _other_config(view: View, host: Host) -> Record:
    """Start times as the toolstack writes them; before 7.5 multipathing is a key here and no field."""
    multipathing = {"multipathing": "true"} if host.multipathing else {}
    return {
        **host.other_config,
        **multipathing,
        "boot_time": f"{host.boot_time:.0f}.",
        "agent_start_time": f"{host.agent_start_time:.0f}.",
    }


def _guidance(view: View, host: Host) -> Record:
    return {
        "patches": applied_patches(view, host),
        "updates": applied_updates(host),
        "updates_requiring_reboot": [update.ref for update in host.updates_requiring_reboot],
        "pending_guidances": host.pending_guidances.copy(),
        "pending_guidances_recommended": host.pending_guidances_recommended.copy(),
        "pending_guidances_full": host.pending_guidances_full.copy(),
    }


def _hardware(host: Host) -> Record:
    """What an installation finds and never changes."""
    return {
        "API_version_vendor": "XenSource",
        "capabilities": ["xen-3.0-x86_64", "hvm-3.0-x86_32", "hvm-3.0-x86_64"],
        "sched_policy": "credit",
        "supported_bootloaders": ["pygrub", "eliloader"],
        "cpu_info": {
            "cpu_count": str(host.cpu_count),
            "socket_count": "2",
            "vendor": host.cpu_vendor,
            "features": host.cpu_features,
        },
        "editions": ["free", "enterprise-per-socket"],
        "bios_strings": {"system-manufacturer": "Lab", "system-serial-number": host.uuid[:8]},
        "chipset_info": {"iommu": "true"},
        "ssl_legacy": False,
        "virtual_hardware_platform_versions": [0, 1, 2],
    }


def metrics(view: View, host: Host) -> Record:
    """``last_updated`` is written when the host is created and never again (xapi_host.ml:1105)."""
    return {
        "uuid": host.metrics_ref.removeprefix("OpaqueRef:"),
        "memory_total": host.memory_total,
        "live": host.live,
        "last_updated": EPOCH,
    }


@dataclass(frozen=True)
class Certificate:
    """What a host shows to TLS clients."""

    host: Host

    @property
    def uuid(self) -> str:
        return derived(self.host.uuid, CERTIFICATE_MARK)

    @property
    def ref(self) -> str:
        return ref_of(self.uuid)


def certificate(view: View, thing: Certificate) -> Record:
    """Without TLS the host shows none, and the dates and fingerprints stay empty."""
    record = {"uuid": thing.uuid, "host": thing.host.ref, "type": "host"}
    pem = view.world.certificate(thing.host.machine)
    return {**record, **(_from_pem(pem) if pem else {})}


@lru_cache(maxsize=256)
def _from_pem(pem: str) -> Record:
    parsed = x509.load_pem_x509_certificate(pem.encode())
    sha256 = parsed.fingerprint(hashes.SHA256()).hex(":").upper()
    return {
        "not_before": Stamp(parsed.not_valid_before_utc.timestamp()),
        "not_after": Stamp(parsed.not_valid_after_utc.timestamp()),
        "fingerprint": sha256,
        "fingerprint_sha256": sha256,
        "fingerprint_sha1": parsed.fingerprint(hashes.SHA1()).hex(":").upper(),  # noqa: S303 - a field of that name
    }


HOST = Kind(
    "host",
    lambda pool: pool.hosts,
    live,
    writes={
        "name_label": "name",
        "name_description": "name_description",
        "other_config": "other_config",
        "address": "address",
        "multipathing": "multipathing",
    },
)
HOST_METRICS = Kind("host_metrics", lambda pool: pool.hosts, metrics, ref=lambda host: host.metrics_ref)
CERTIFICATE = Kind("Certificate", lambda pool: [Certificate(host) for host in pool.hosts], certificate)
