"""Policy as data: a file a region over the default, each rule with the document it comes from."""

from store.policies.policy import REGIONS, Deadline, Names, Policy, PolicyBroken, Rule, load
from store.policies.version import PolicyVersion, in_force

__all__ = [
    "REGIONS",
    "Deadline",
    "Names",
    "Policy",
    "PolicyBroken",
    "PolicyVersion",
    "Rule",
    "in_force",
    "load",
]
