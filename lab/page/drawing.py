"""The page as HTML."""

from __future__ import annotations

import datetime
from html import escape
from itertools import islice
from typing import TYPE_CHECKING, Any

from lab import chaos, overview
from lab.cloudstack import switches
from lab.faults import KINDS
from lab.world import Pool

if TYPE_CHECKING:
    from lab.server.running import Lab

POOLS_SHOWN = 12
CALLS_SHOWN = 60
MACHINE_WORDS = [*chaos.PHYSICAL, chaos.NEW_CERTIFICATE]


def page(lab: Lab, query: dict[str, str]) -> str:
    """The whole page. ``pool`` in the query narrows it to pools of such names; ``done`` and ``problem`` are told."""
    settings = lab.settings
    title = f"Lab: {settings.world.name if settings.world else settings.scenario}"
    return f"""<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>{escape(title)}</title><link rel="icon" href="data:,">
<link rel="stylesheet" href="/lab.css"><script src="/lab.js" defer></script></head>
<body><header><h1>{escape(title)}</h1>{_search(lab, query)}{_form("/mend", "all", "Mend everything", query)}</header>
{_told(query)}
<main><section id="orders" aria-label="Break something">{_orders(lab, query)}</section>
<div id="live" data-pool="{escape(query.get("pool", ""))}">{live(lab, query)}</div></main></body></html>"""


def live(lab: Lab, query: dict[str, str]) -> str:
    """What changes by itself: the estate, the faults, the calls."""
    pools = [overview.pool_state(pool) for pool in _chosen(lab.world.pools, query)]
    hidden = len(lab.world.pools) - len(pools)
    more = f'<p class="quiet">{hidden} more pools: search for one by name.</p>' if hidden else ""
    return f"""<p class="clock">{_time(lab.world.now(), "%Y-%m-%d %H:%M:%S")} by the lab's clock</p>
<section aria-label="The estate">{"".join(_pool(lab, pool) for pool in pools)}{_cloudstack(lab)}{more}</section>
<section aria-label="Faults on the wire">{_faults(lab)}</section>
<section aria-label="Calls">{_calls(lab)}</section>"""


def _chosen(pools: list[Pool], query: dict[str, str]) -> list[Pool]:
    wanted = query.get("pool", "").lower()
    return list(islice((pool for pool in pools if wanted in pool.name.lower()), POOLS_SHOWN))


def _search(lab: Lab, query: dict[str, str]) -> str:
    if len(lab.world.pools) <= POOLS_SHOWN:
        return ""
    value = escape(query.get("pool", ""))
    return f'<form class="search"><input name="pool" value="{value}" aria-label="Pool"><button>Show</button></form>'


def _told(query: dict[str, str]) -> str:
    kind = "problem" if "problem" in query else "done" if "done" in query else ""
    return f'<p class="{kind}" role="status">{escape(query[kind])}</p>' if kind else ""


def _orders(lab: Lab, query: dict[str, str]) -> str:
    """Three forms: what happens to machines, on the wire, and to the management server."""
    places = [place for pool in lab.world.pools[:200] for place in _places(pool)]
    options = "".join(f'<option value="{escape(place)}">' for place in ["cloudstack", *places])
    machine = _where() + _field("sr", "storage", "nfs-hb") + _field("from", "cut from", "everybody")
    calls = _field("call", "calls", "every one")
    often = _field("times", "how often", "until mended") + _field("after", "after calls", "0")
    wire = (
        _where()
        + calls
        + often
        + _field("delay", "seconds late", "0")
        + _field("what", "error", "CODE, parameter")
    )
    server = '<input type="hidden" name="where" value="cloudstack">' + calls + _field("delay", "seconds", "")
    return (
        f'<datalist id="places">{options}</datalist>'
        + _order("A machine", MACHINE_WORDS, machine, query)
        + _order("The wire", list(KINDS), wire, query)
        + _order("CloudStack", [*switches.SWITCHES, "kill", "revive"], server, query)
    )


def _order(title: str, words: list[str], fields: str, query: dict[str, str]) -> str:
    inner = _select(words) + fields + _pool_field(query)
    return f'<form action="/break" method="post"><h2>{title}</h2>{inner}<button>Break</button></form>'


def _places(pool: Pool) -> list[str]:
    named = [pool.name, f"{pool.name}:master"] if pool.name else []
    return [*named, *(host.name for host in pool.hosts)]


def _select(words: list[str]) -> str:
    said = chaos.words()
    options = "".join(
        f'<option value="{word}" title="{escape(said.get(word, word))}">{word}</option>' for word in words
    )
    return f'<label>what <select name="kind">{options}</select></label>'


def _where() -> str:
    return '<label>where <input name="where" list="places" required placeholder="amber:master"></label>'


def _field(name: str, label: str, hint: str) -> str:
    return f'<label>{label} <input name="{name}" placeholder="{escape(hint)}"></label>'


def _pool_field(query: dict[str, str]) -> str:
    return f'<input type="hidden" name="pool" value="{escape(query.get("pool", ""))}">'


def _form(action: str, where: str, label: str, query: dict[str, str], **fields: str) -> str:
    """A button that sends one order."""
    hidden = "".join(
        f'<input type="hidden" name="{name}" value="{escape(value)}">'
        for name, value in {"where": where, **fields, "pool": query.get("pool", "")}.items()
    )
    return (
        f'<form action="{action}" method="post" class="one">{hidden}<button>{escape(label)}</button></form>'
    )


def _pool(lab: Lab, pool: dict[str, Any]) -> str:
    ha = f"HA on, {pool['ha_timeout']:.0f} s" if pool["ha_enabled"] else "HA off"
    name = escape(pool["name"] or "a host of its own")
    master = f"master {escape(pool['master'])}, " if pool["name"] else ""
    hosts = "".join(_host(lab, pool, host) for host in pool["hosts"])
    return (
        f"<article><h2>{name} <small>{master}{ha}, {pool['running']} of {pool['vms']} VMs run</small></h2>"
        f'<ul class="hosts">{hosts}</ul></article>'
    )


def _host(lab: Lab, pool: dict[str, Any], host: dict[str, Any]) -> str:
    notes = _notes(lab, host)
    state = (
        host["power"] if host["power"] != "on" else "" if host["toolstack"] == "running" else "no toolstack"
    )
    level = (
        "bad"
        if state in ("off", "no toolstack") or host["emergency"]
        else "odd"
        if state or notes
        else "well"
    )
    crown = (
        '<abbr title="master">★</abbr> ' if host["name"] == pool["master"] and len(pool["hosts"]) > 1 else ""
    )
    said = "; ".join([state, *notes] if state else notes) or "well"
    buttons = (
        _form("/break", host["name"], "kill", {}, kind="kill")
        + _form("/break", host["name"], "cut", {}, kind="network-cut")
        + _form("/mend", host["name"], "mend", {})
    )
    return (
        f'<li class="{level}"><b>{crown}{escape(host["name"])}</b> <small>{host["address"]}, {host["vms"]} VMs</small>'
        f"<p>{escape(said)}</p>{buttons}</li>"
    )


def _notes(lab: Lab, host: dict[str, Any]) -> list[str]:
    """What is not as it should be, in words."""
    notes = [] if host["live"] else ["its master takes it for dead"]
    if not host["enabled"]:
        notes.append("disabled")
    if host["emergency"]:
        notes.append(f"emergency mode: {' '.join(host['emergency'])}")
    if host["network_cut"]:
        notes.append("network cut")
    if host["clients_cut"]:
        notes.append("cut from clients")
    if host["storage_cut"]:
        notes.append(f"storage cut: {', '.join(host['storage_cut'])}")
    if host["clock_skew"]:
        notes.append(f"clock {host['clock_skew']:g} s ahead")
    if host["unplugged"]:
        notes.append(f"unplugged: {', '.join(host['unplugged'])}")
    return notes + [f"fault: {fault.kind}" for fault in lab.world.faults.at(host["name"])]


def _cloudstack(lab: Lab) -> str:
    """Its hosts that are not Up and Enabled."""
    cloud = lab.world.cloudstack
    rows = [row for row in cloud.hosts.values() if (row.status, row.resource_state) != ("Up", "Enabled")]
    odd = "".join(f"<li>{escape(row.name)}: {row.status}, {row.resource_state}</li>" for row in rows[:40])
    said = f'<ul class="rows">{odd}</ul>' if rows else "<p>Every host is Up and Enabled.</p>"
    return f"<article><h2>CloudStack <small>{cloud.version.text}, {len(cloud.hosts)} hosts</small></h2>{said}</article>"


def _faults(lab: Lab) -> str:
    faults = [fault for fault in lab.world.faults.faults if not fault.spent()]
    rows = "".join(
        f"<tr><td>{fault.kind}<td>{escape(fault.where)}<td>{escape(fault.call)}"
        f"<td>{'until mended' if fault.times is None else f'{fault.times} more'}</tr>"
        for fault in faults
    )
    head = "<tr><th>fault<th>where<th>calls<th>how long</tr>"
    return f"<h2>Faults on the wire</h2><table>{head}{rows}</table>" if rows else ""


def _calls(lab: Lab) -> str:
    rows = "".join(_call(call) for call in reversed(lab.world.calls.as_data(last=CALLS_SHOWN)))
    head = "<tr><th>time<th>host<th>call<th>arguments<th>outcome</tr>"
    return f"<h2>Calls</h2><table>{head}{rows}</table>"


def _call(call: dict[str, Any]) -> str:
    args = call["args"]
    shown = " ".join(map(str, args) if isinstance(args, list) else (f"{k}={v}" for k, v in args.items()))
    level = "" if call["outcome"] in ("ok", "pending", "under way") else ' class="odd"'
    what = f"<b>{escape(call['name'])}</b>" if call["changing"] else escape(call["name"])
    return (
        f"<tr{level}><td>{_time(call['time'], '%H:%M:%S')}<td>{escape(call['host'])}<td>{what}"
        f"<td class=args>{escape(shown[:160])}<td>{escape(call['outcome'])}</tr>"
    )


def _time(seconds: float, form: str) -> str:
    return datetime.datetime.fromtimestamp(seconds, datetime.UTC).strftime(form)
