"""The management server about itself: capabilities, settings, servers, commands."""

from __future__ import annotations

from lab.cloudstack.envelope import Listing, Record, date
from lab.cloudstack.errors import invalid
from lab.cloudstack.host_record import SERVER_NAME
from lab.cloudstack.paging import listing, matching
from lab.cloudstack.registry import COMMANDS, Call, Command, command


@command("listCapabilities", for_users=True)
def list_capabilities(call: Call) -> Record:
    """Lists capabilities."""
    settings = call.cloud.settings
    record: Record = {
        "securitygroupsenabled": False,
        "dynamicrolesenabled": call.cloud.version.since(4, 9),
        "cloudstackversion": call.cloud.version.api_text,
        "userpublictemplateenabled": True,
        "supportELB": "false",
        "projectinviterequired": False,
        "allowusercreateprojects": True,
        "customdiskofferingminsize": 1,
        "customdiskofferingmaxsize": 1024,
        "regionsecondaryenabled": False,
        "kvmsnapshotenabled": False,
    }
    if settings.flag("api.throttling.enabled"):
        record["apilimitinterval"] = int(settings.number("api.throttling.interval"))
        record["apilimitmax"] = int(settings.number("api.throttling.max"))
    return {"capability": record}


@command("listConfigurations", optional=("name", "category", "zoneid", "clusterid"))
def list_configurations(call: Call) -> Listing:
    """Lists all configurations."""
    return listing(call, "configuration", matching(call, call.cloud.settings.records(), ("name", "category")))


@command("updateConfiguration", required=("name",), optional=("value",), changing=True)
def update_configuration(call: Call) -> Record:
    """Updates a configuration."""
    name = call.params["name"]
    try:
        call.cloud.settings.put(name, call.params.get("value", ""))
    except KeyError:
        raise invalid(f"Config parameter with name {name} doesn't exist") from None
    return {"configuration": next(r for r in call.cloud.settings.records() if r["name"] == name)}


@command("listManagementServers", optional=("id", "name"), since=(4, 11))
def list_management_servers(call: Call) -> Listing:
    """Lists management servers."""
    cloud = call.cloud
    server: Record = {
        "id": cloud.server_id,
        "name": SERVER_NAME,
        "state": "Maintenance" if cloud.shutting_down else "Up",
        "version": cloud.version.api_text,
        "lastserverstart": date(cloud.started),
        "serviceip": "127.0.0.1",
    }
    if cloud.version.since(4, 21):
        server["agentscount"] = sum(row.connected for row in cloud.hosts.values())
    return listing(call, "managementserver", matching(call, [server], ("id", "name")))


@command("listApis", optional=("name",), for_users=True)
def list_apis(call: Call) -> Listing:
    """lists all available apis on the server, provided by the Api Discovery plugin"""
    commands = [
        c
        for c in COMMANDS.values()
        if call.cloud.version.since(*c.since) and (call.user.is_admin or c.for_users)
    ]
    records = [_api(c) for c in commands]
    return listing(call, "api", matching(call, records, ("name",)))


def _api(what: Command) -> Record:
    required = [{"name": name, "type": "string", "required": True} for name in what.required]
    optional = [{"name": name, "type": "string", "required": False} for name in what.optional]
    record: Record = {
        "name": what.name,
        "description": what.summary,
        "isasync": what.is_async,
        "params": required + optional,
    }
    if what.since:
        record["since"] = ".".join(map(str, what.since))
    return record
