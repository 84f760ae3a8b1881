"""Fields that several schemas share."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from marshmallow import EXCLUDE, Schema, ValidationError, fields, validate

from app.text import is_storable

MAXIMUM_PAGE = 1_000_000
MAXIMUM_PER_PAGE = 100


class Text(fields.String):
    """Text that a database takes: no NUL, no half of a surrogate pair."""

    def _deserialize(
        self,
        value: Any,
        attr: str | None,
        data: Mapping[str, Any] | None,
        **kwargs: Any,
    ) -> str:
        text: str = super()._deserialize(value, attr, data, **kwargs)
        if not is_storable(text):
            raise ValidationError("Remove control characters.")
        return text


class Moment(fields.AwareDateTime):
    """A moment with its offset, such as every calendar and database knows."""

    def _deserialize(
        self,
        value: Any,
        attr: str | None,
        data: Mapping[str, Any] | None,
        **kwargs: Any,
    ) -> datetime:
        moment: datetime = super()._deserialize(value, attr, data, **kwargs)
        try:
            return moment.astimezone(UTC)
        except OverflowError:
            raise ValidationError("Not a valid datetime.") from None


class PageQuery(Schema):
    """Which part of a list to return."""

    page = fields.Integer(
        load_default=1,
        validate=validate.Range(1, MAXIMUM_PAGE),
        metadata={"description": "Page number, starting at 1."},
    )
    per_page = fields.Integer(
        load_default=25,
        validate=validate.Range(1, MAXIMUM_PER_PAGE),
        metadata={"description": "Items per page."},
    )


class Shown(Schema):
    """What the API answers; later versions may add members to it."""

    class Meta:
        """Leave the object open in the document."""

        unknown = EXCLUDE


class PageFields(Shown):
    """Where in a list a page stands."""

    page = fields.Integer(required=True)
    per_page = fields.Integer(required=True)
    pages = fields.Integer(required=True, metadata={"description": "0 if none."})
    total = fields.Integer(required=True)


class ProblemSchema(Shown):
    """A problem document (RFC 9457)."""

    type = fields.String(required=True)
    title = fields.String(required=True)
    status = fields.Integer(required=True)
    detail = fields.String(required=True)
    reference_id = fields.String(
        required=True,
        metadata={"description": "Mention it when you report this response."},
    )
    errors = fields.Dict(
        keys=fields.String(),
        metadata={"description": "For each field, what to change."},
    )
