"""Out-of-band management."""

from __future__ import annotations

from tests.lab.cloudstack.refusals.provoking import (
    after,
    controller,
    out_of_band,
    watched,
)
from tests.lab.cloudstack.refusals.rows import refuses

refuses(
    "configureOutOfBandManagement",
    530,
    "Out-of-band management driver is not available. Please provide a valid driver name.",
    "No such driver",
    "OutOfBandManagementServiceImpl",
    controller(driver="telepathy"),
)
refuses(
    "enableOutOfBandManagementForHost",
    530,
    "Out-of-band management is not configured for the host. Please configure the host before "
    "enabling/disabling it.",
    "Nothing was configured; disable likewise",
    "OutOfBandManagementServiceImpl",
    out_of_band("enableOutOfBandManagementForHost"),
)
refuses(
    "issueOutOfBandManagementPowerAction",
    530,
    "No enum constant org.apache.cloudstack.outofbandmanagement.OutOfBandManagement.PowerOperation.<word>",
    "Another word than ON, OFF, CYCLE, RESET, SOFT, STATUS, in capitals",
    "IssueOutOfBandManagementPowerActionCmd",
    after(watched(), out_of_band("issueOutOfBandManagementPowerAction", action="off")),
)
refuses(
    "issueOutOfBandManagementPowerAction",
    530,
    "Out-of-band management is disabled or not configured for the host. Aborting Operation.",
    "Not enabled, or the host is Degraded",
    "OutOfBandManagementServiceImpl",
    after(controller(), out_of_band("issueOutOfBandManagementPowerAction", action="STATUS")),
)
refuses(
    "issueOutOfBandManagementPowerAction",
    530,
    "Out-of-band management is disabled for the host's cluster. Aborting Operation.",
    "Disabled for the cluster",
    "OutOfBandManagementServiceImpl",
    after(
        watched(),
        lambda site: site.job("disableOutOfBandManagementForCluster", clusterid=site.cluster("basalt").id),
        out_of_band("issueOutOfBandManagementPowerAction", action="STATUS"),
    ),
)
refuses(
    "issueOutOfBandManagementPowerAction",
    530,
    "Out-of-band management is disabled for the host's zone. Aborting Operation.",
    "Disabled for the zone",
    "OutOfBandManagementServiceImpl",
    after(
        watched(),
        lambda site: site.job("disableOutOfBandManagementForZone", zoneid=site.cloud.zone.id),
        out_of_band("issueOutOfBandManagementPowerAction", action="STATUS"),
    ),
)
refuses(
    "issueOutOfBandManagementPowerAction",
    530,
    "Out-of-band Management action (<action>) on host (<id>) failed due to authentication "
    "error: <error>. Please check configured credentials.",
    "The controller takes other credentials; the first time there is an alert of type 29",
    "OutOfBandManagementServiceImpl",
    after(watched(password="wrong"), out_of_band("issueOutOfBandManagementPowerAction", action="STATUS")),
)
refuses(
    "changeOutOfBandManagementPassword",
    530,
    "Failed to change out-of-band management password for host (<id>) with error: <error>",
    "The controller does not take the new one",
    "OutOfBandManagementServiceImpl",
    after(watched(), out_of_band("changeOutOfBandManagementPassword", password="new")),
)
