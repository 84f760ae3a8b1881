"""What a rule says when it refuses, in words for people and nothing of the web."""


class DomainError(Exception):
    """A rule refused. The message is a sentence that says what to do.

    `field` names the input it is about, so that a form or a problem document can
    point at it.
    """

    def __init__(self, message: str, *, field: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.field = field


class NotFoundError(DomainError):
    """There is no such thing, or not for this person."""


class ConflictError(DomainError):
    """The thing exists already, or was changed by somebody else meanwhile."""


class ChangedMeanwhileError(ConflictError):
    """The form was filled in from a state that is no longer so."""

    def __init__(
        self,
        message: str = (
            "Somebody else changed this while you were editing, and nothing was saved. "
            "Review how it is now; to replace it with your version, save again."
        ),
    ) -> None:
        super().__init__(message)


class NotReadyError(DomainError):
    """The server lacks something without which it cannot do this, whoever asks."""


class NotAllowedError(DomainError):
    """The actor lacks what this act needs (escalation rules)."""
