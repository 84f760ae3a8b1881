"""Events in plain words."""

from app.audit.words import in_words, joined_by


def test_an_action_of_another_version_is_spelled_out() -> None:
    assert in_words("gate_post.painted") == "gate post: painted"
    assert joined_by("gate_post.painted") == ": "
