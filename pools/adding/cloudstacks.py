"""Adding a CloudStack."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, field

from django.db import IntegrityError, transaction

from pools.adding.wording import check_name, check_url
from pools.adding.wrong import Wrong, blaming
from pools.ask_cloudstack import version_of
from pools.clients import cloudstack as client
from pools.clients.errors import ClientError
from pools.clients.trust import Trust
from pools.clients.wire import Deadline
from pools.models import CloudStack
from pools.secret import Secret

CHECK_S = 20.0
FIELDS = {"not-permitted": "api_key", "": "url"}
"""Which field a client's error speaks of; the URL is to blame for the rest."""
NEEDED = (
    "prepareHostForMaintenance",
    "cancelHostMaintenance",
    "deleteHost",
    "updateCluster",
    "queryAsyncJobResult",
    "listVirtualMachines",
)
"""Commands that workflows need beyond those that a look needs."""


@dataclass(frozen=True, kw_only=True)
class CloudStackSpec:
    """What a person says about a CloudStack. `trust` counts for an https URL."""

    name: str
    url: str
    api_key: Secret
    secret_key: Secret
    trust: Trust = field(default_factory=Trust)


@dataclass(frozen=True, kw_only=True)
class FoundCloudStack:
    """What was found there. `notes` are worth saying, although nothing is wrong."""

    version: str
    notes: tuple[str, ...] = ()


def check_cloudstack(spec: CloudStackSpec) -> FoundCloudStack:
    """Ask it what a look asks. Raises Wrong; stores nothing."""
    check_name(spec.name)
    check_url(spec.url)
    if CloudStack.objects.filter(name=spec.name).exists():
        raise Wrong(
            "name", f"There is a CloudStack named {spec.name} already. Choose another name for this one."
        )
    if CloudStack.objects.filter(url=spec.url).exists():
        raise Wrong("url", f"The CloudStack at {spec.url} is known already. It need not be added again.")
    endpoint = client.CloudStackEndpoint(spec.url, spec.api_key, spec.secret_key, spec.trust)
    with blaming(FIELDS), client.open_cloudstack(endpoint, deadline=Deadline(CHECK_S)) as api:
        version = version_of(api)
        api.list("listClusters", "cluster")
        api.list("listHosts", "host", type="Routing")
        lacking = _lacking(api)
    notes = (
        (f"The keys do not allow {', '.join(lacking)}: workflows that need them will fail.",)
        if lacking
        else ()
    )
    return FoundCloudStack(version=version, notes=notes)


def _lacking(api: client.CloudStack) -> list[str]:
    """Commands that the keys' role does not allow; none when CloudStack does not tell."""
    with suppress(ClientError):
        allowed = {str(row.get("name")) for row in api.read("listApis").get("api") or ()}
        return [command for command in NEEDED if allowed and command not in allowed]
    return []


def store_cloudstack(spec: CloudStackSpec, found: FoundCloudStack) -> CloudStack:
    """Remember it. Raises Wrong when somebody else was quicker."""
    cloudstack = CloudStack(
        name=spec.name,
        url=spec.url,
        api_key=spec.api_key,
        secret_key=spec.secret_key,
        pins=sorted(spec.trust.pins),
        ca=spec.trust.ca,
        version=found.version,
    )
    try:
        with transaction.atomic():
            cloudstack.save(force_insert=True)
    except IntegrityError:
        raise Wrong("name", f"Somebody has just added a CloudStack named {spec.name}.") from None
    return cloudstack
