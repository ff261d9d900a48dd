"""cloudstack-cluster-missing: no cluster of the pool's name."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pools.cloudstack_facts import CloudStackFacts
from tests.pools.rules.judging import WARNING, fires_on, silent_on, the
from tests.pools.rules.trouble import cloudstack, no_cloudstack
from tests.pools.world import amber, judged

CODE = "cloudstack-cluster-missing"

PROOF = "Cluster basalt has the addresses of all 4."
NO_CLUSTER = CloudStackFacts(version="4.20.1.0", cluster="", cluster_name="amber")
test_it_fires_on = fires_on(
    CODE,
    {
        "no such cluster": (WARNING, "amber", judged(replace(amber(), cloudstack=NO_CLUSTER))),
        "a cluster without its hosts, which another one has": (
            WARNING,
            "amber",
            judged(cloudstack(hosts=()), cluster_proof=PROOF),
        ),
    },
)
test_it_is_silent_on = silent_on(
    CODE,
    {
        "a cluster": judged(amber()),
        "an empty one": judged(cloudstack(hosts=())),
        "a silent CloudStack": judged(no_cloudstack()),
        "a pool without CloudStack": judged(replace(amber(), cloudstack=None), known=None),
    },
)


@pytest.mark.parametrize(
    ("seen", "proof", "says"),
    [
        (NO_CLUSTER, "", "CloudStack has no cluster named amber."),
        (NO_CLUSTER, PROOF, f"CloudStack has no cluster named amber. {PROOF}"),
        (replace(NO_CLUSTER, cluster_name=""), "", "CloudStack has no cluster named amber."),
        (replace(NO_CLUSTER, cluster_name="north"), "", "CloudStack has no cluster named north."),
        (
            replace(NO_CLUSTER, cluster="c", cluster_name="north"),
            PROOF,
            f"Cluster north has no host of pool amber, and another one has: {PROOF}",
        ),
    ],
)
def test_it_says_which_and_where_to_correct_it(seen: CloudStackFacts, proof: str, says: str) -> None:
    finding = the(judged(replace(amber(), cloudstack=seen), cluster_proof=proof), CODE)
    assert finding.says == says
    assert finding.remedy.startswith("Say on the pool's page which cluster it is")
