"""Policy as data: a file a region over the default, each rule with the document it comes from."""

from store.policies.policy import Policy
from store.policies.reading import REGIONS, load
from store.policies.rule import Deadline, Names, PolicyBroken, Rule
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
