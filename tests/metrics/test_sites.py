"""Sites are named in lines of single calls only where that speaks of nobody."""

from __future__ import annotations

from acd.core.facts import RosterChanged
from acd.core.ids import AgentId, SiteId
from acd.core.policy import Agent, Roster
from acd.metrics.sites import SiteNames


def people(**sizes: int) -> Roster:
    """So many agents at each site."""
    agents = [worker(f"{site}{n}", site) for site, size in sizes.items() for n in range(size)]
    return Roster(agents={agent.id: agent for agent in agents})


def worker(name: str, site: str) -> Agent:
    """An agent without skills."""
    return Agent(id=AgentId(name), site=SiteId(site), endpoint=name, skills={})


def names(sites: SiteNames, *of: str) -> list[str]:
    """What stands for these sites."""
    return [sites.of(SiteId(site)) for site in of]


def test_large_sites_have_their_names():
    """Nothing is merged where nothing is small; no site is no name."""
    sites = SiteNames(people(roma=10, lecce=12), lambda: 10)
    assert names(sites, "roma", "lecce", "") == ["roma", "lecce", ""]


def test_a_small_site_is_other_and_so_is_a_second_one():
    """Alone it would be known by what is not named."""
    sites = SiteNames(people(roma=30, lecce=12, bari=3), lambda: 10)
    assert names(sites, "roma", "lecce", "bari") == ["roma", "other", "other"]


def test_a_site_nobody_knows_is_other():
    """A line of the past, or of somebody who has left."""
    sites = SiteNames(people(roma=30, lecce=30), lambda: 10)
    assert names(sites, "torino") == ["other"]
    assert sites.of_agent(AgentId("roma1")) == "roma"
    assert sites.of_agent(AgentId("nobody")) == "other"


def test_the_roster_is_followed():
    """Who comes and goes makes a site large or small; told twice changes nothing."""
    sites = SiteNames(people(roma=30, lecce=30, bari=9), lambda: 10)
    assert names(sites, "bari") == ["other"]
    come = RosterChanged(upserts=(worker("new", "bari"),))
    assert sites.hear(come)
    assert sites.hear(come)
    assert names(sites, "bari", "roma", "lecce") == ["bari", "roma", "lecce"]
    assert sites.hear(RosterChanged(removed=(AgentId("new"),)))
    assert names(sites, "bari") == ["other"]


def test_another_profile_is_obeyed_at_once():
    """The least group is asked for each time."""
    k = [10]
    sites = SiteNames(people(roma=30, lecce=30, bari=9), lambda: k[0])
    assert names(sites, "bari") == ["other"]
    k[0] = 5
    assert names(sites, "bari") == ["bari"]
