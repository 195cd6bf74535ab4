"""Changes of fraud cases, for reviewers, and what a customer sees of a check."""

from tests.client import Client, gid
from tests.factories.fraud import decision, manager_of, present
from tests.factories.redemptions import Till
from tests.factories.world import World
