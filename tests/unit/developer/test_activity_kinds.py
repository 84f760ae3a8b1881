"""What the Activity tab can be narrowed to."""

from app.audit.words import ACTIONS
from app.developer.activity.changes import KINDS

#: By group: what is done to apps.
GROUPS = (
    "Apps",
    "Tokens and consents",
    "Trials",
    "What looks wrong",
    "Roles and permissions",
)


def test_each_action_is_of_one_kind() -> None:
    of_kinds = [action for _, actions in KINDS.values() for action in actions]
    assert len(of_kinds) == len(set(of_kinds))
    known = {action for group in GROUPS for action in ACTIONS[group]}
    assert set(of_kinds) == known
