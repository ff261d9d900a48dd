"""What any command may meet, and what is wrong with the server itself."""

from __future__ import annotations

from tests.lab.cloudstack.refusals.provoking import (
    after,
    as_user,
    asking,
    badly_signed,
    changing_by_get,
    on_host,
    setting,
    three_calls,
    told_by_a_job,
    unknown_in_a_session,
    wrong_login,
)
from tests.lab.cloudstack.refusals.rows import refuses

refuses(
    "any",
    401,
    "unable to verify user credentials and/or request signature",
    "No signature, unknown key, wrong signature, expired, disabled user, or an unknown command: all alike",
    "ApiServlet, ApiServer.verifyRequest",
    badly_signed,
)
refuses(
    "any",
    401,
    "The given command '<name>' either does not exist, is not available for user.",
    "The role lacks the command (4.6 and later)",
    "ApiServer.checkCommandAvailable",
    as_user("listHosts"),
)
refuses(
    "any",
    432,
    "The given command does not exist or it is not available for user",
    "An unknown command, rightly signed (until 4.5)",
    "ApiServer 4.5",
    asking("listUnicorns"),
    version="4.5.2",
)
refuses(
    "any",
    432,
    "The given command:<name> does not exist or it is not available for user with id:<id>",
    "The role lacks the command (until 4.5)",
    "ApiServer 4.5",
    as_user("listHosts"),
    version="4.5.2",
)
refuses(
    "any",
    400,
    "State changing command <name> needs to be sent using POST request",
    "A change by GET while `enforce.post.requests.and.timestamps` is true (4.21 and later)",
    "ApiServlet (749ddb975f)",
    changing_by_get,
    version="4.22.0",
)
refuses(
    "any",
    432,
    "Unknown API command: <name>",
    "An unknown command in a session of a login",
    "ApiServer",
    unknown_in_a_session,
)
refuses(
    "login",
    531,
    "Failed to authenticate user <name> in domain 1; please provide valid credentials",
    "Wrong user or password",
    "AccountManagerImpl",
    wrong_login,
)
refuses(
    "any",
    429,
    "The given user has reached his/her account api limit, please retry after [<ms>] ms.",
    "More calls of an account than `api.throttling.max` in `api.throttling.interval`; "
    "without brackets until 4.5",
    "ApiRateLimitServiceImpl",
    after(
        setting("api.throttling.max", "2"),
        setting("api.throttling.interval", "60"),
        setting("api.throttling.enabled", "true"),
        three_calls,
    ),
)
refuses(
    "any",
    431,
    "Unable to execute API command <name> due to missing parameter <name>",
    "A required parameter is missing or empty",
    "ParamProcessWorker",
    asking("deleteHost"),
)
refuses(
    "any",
    431,
    "Unable to execute API command <name> due to invalid value. Invalid parameter <name> "
    "value=<value> due to incorrect long value format, or entity does not exist or due to "
    "incorrect parameter annotation for the field in api cmd class.",
    "An id that names nothing, or a thing of another kind; also in lists, and before any job",
    "ParamProcessWorker",
    asking("listHosts", clusterid="nowhere"),
)
refuses(
    "any",
    431,
    "Received value <value> for parameter <name> is invalid, contains illegal ASCII non-printable characters",
    "A control character other than tab and line breaks",
    "ApiServer.handleRequest",
    asking("listHosts", name="\x07"),
)
refuses(
    "any list",
    431,
    '"page" parameter is required when "pagesize" is specified',
    "`pagesize` alone",
    "BaseListCmd",
    asking("listHosts", pagesize="10"),
)
refuses(
    "any list",
    431,
    '"pagesize" parameter is required when "page" is specified',
    "`page` alone",
    "BaseListCmd",
    asking("listHosts", page="1"),
)
refuses(
    "any list",
    431,
    "Page size can't exceed max allowed page size value: <number>",
    "`pagesize` over `default.page.size`",
    "BaseListCmd",
    asking("listHosts", page="1", pagesize="501"),
)
refuses(
    "any list",
    431,
    "Unable to execute API command <name> due to invalid value <value> for parameter <name>",
    "A number or a date that is none",
    "ParamProcessWorker",
    asking("listHosts", page="x", pagesize="1"),
)
refuses(
    "any job",
    503,
    "Maintenance or Shutdown has been initiated on this management server. Can not accept new jobs",
    "An asynchronous command while the management server is in maintenance or goes down",
    "ApiServer.queueCommand",
    after(lambda site: setattr(site.cloud, "shutting_down", True), on_host("reconnectHost", "amber-1")),
)
refuses(
    "queryAsyncJobResult",
    431,
    "Unable to execute API command queryasyncjobresult due to invalid value. Invalid "
    "parameter jobid value=<id> due to <reason>",
    "No such job, or its record was removed after `job.expire.minutes`",
    "QueryAsyncJobResultCmd",
    told_by_a_job,
)
refuses(
    "updateConfiguration",
    431,
    "Config parameter with name <name> doesn't exist",
    "No such setting",
    "ConfigurationManagerImpl",
    asking("updateConfiguration", name="luck"),
)
refuses(
    "archiveAlerts",
    431,
    "either ids, type, startdate or enddate must be specified",
    "Neither `ids`, `type` nor `enddate`; deleteAlerts likewise",
    "ArchiveAlertsCmd",
    asking("archiveAlerts"),
)
refuses(
    "archiveAlerts",
    431,
    "enddate must be specified with startdate parameter",
    "`startdate` with `ids` or `type` alone; deleteAlerts likewise",
    "ArchiveAlertsCmd",
    asking("archiveAlerts", type="7", startdate="2026-01-03"),
)
