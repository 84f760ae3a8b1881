"""The OpenAPI document in words: types, operations and curl commands."""

from typing import Any

import pytest

from app.api.reference import groups_of, schemas_of

ITEM = "#/components/schemas/Item"


def document(**operation: Any) -> dict[str, Any]:
    """Return a document with one operation at `/items/{item_id}`."""
    described = {
        "tags": ["item_parts"],
        "operationId": "do_it",
        "summary": "Does it.",
        "security": [{"oauth2": ["view_users"]}],
        "responses": {"200": {"description": "Done."}},
    }
    path = {
        "in": "path",
        "name": "item_id",
        "required": True,
        "schema": {"type": "string", "format": "uuid"},
    }
    return {
        "servers": [{"url": "https://auth.example.com"}],
        "tags": [{"name": "item_parts", "description": "Parts of items."}],
        "paths": {
            "/items/{item_id}": {"parameters": [path], "put": described | operation}
        },
        "components": {
            "schemas": {
                "Item": {
                    "required": ["name"],
                    "properties": {
                        "name": {"type": "string", "examples": ["it's"]},
                        "size": {"type": ["integer", "null"], "description": "Big."},
                    },
                },
                "Empty": {},
            },
            "responses": {
                "GONE": {
                    "description": "Gone",
                    "content": {"application/problem+json": {"schema": {"$ref": ITEM}}},
                }
            },
        },
    }


def words_for(schema: dict[str, Any]) -> str:
    """Return how the page says what a parameter looks like."""
    parameter = {"in": "query", "name": "x", "schema": schema}
    operation = groups_of(document(parameters=[parameter]))[0].operations[0]
    return operation.parameters[-1].shape.words


@pytest.mark.parametrize(
    ("schema", "words"),
    [
        ({"type": "string"}, "string"),
        ({"type": "string", "format": "uuid"}, "string (uuid)"),
        ({"type": ["string", "null"]}, "string or null"),
        ({"type": "string", "enum": ["a", "b"]}, "string (one of a, b)"),
        ({"type": "string", "enum": ["a", None]}, "string (one of a)"),
        (
            {"type": "integer", "minimum": 1, "maximum": 9, "default": 5},
            "integer (1 to 9; by default 5)",
        ),
        ({"type": "string", "default": ""}, "string"),
        ({"type": "boolean", "default": None}, "boolean"),
        ({"type": "array", "items": {"type": "string"}}, "list of string"),
        ({"type": "array", "items": {"$ref": ITEM}}, "list of Item"),
        ({"$ref": ITEM}, "Item"),
        ({"anyOf": [{"$ref": ITEM}, {"type": "null"}]}, "Item or null"),
        ({}, "any value"),
    ],
)
def test_shapes_in_words(schema: dict[str, Any], words: str) -> None:
    assert words_for(schema) == words


def test_shapes_name_their_schema() -> None:
    parameter = {
        "in": "query",
        "name": "x",
        "schema": {"anyOf": [{"type": "array", "items": {"$ref": ITEM}}]},
    }
    operation = groups_of(document(parameters=[parameter]))[0].operations[0]
    assert operation.parameters[-1].shape.schema == "Item"


def test_operation_has_the_parameters_of_its_path() -> None:
    (group,) = groups_of(document())
    (operation,) = group.operations
    assert (group.name, group.description) == ("Item parts", "Parts of items.")
    assert (operation.method, operation.path) == ("PUT", "/items/{item_id}")
    assert operation.permissions == ("view_users",)
    (parameter,) = operation.parameters
    assert (parameter.name, parameter.place, parameter.is_required) == (
        "item_id",
        "path",
        True,
    )


def test_answers_follow_references() -> None:
    responses = {
        "404": {"$ref": "#/components/responses/GONE"},
        "200": {"description": "Done."},
    }
    (operation,) = groups_of(document(responses=responses))[0].operations
    found = [
        (
            answer.status,
            answer.description,
            answer.shape.words if answer.shape else None,
        )
        for answer in operation.answers
    ]
    assert found == [("200", "Done.", None), ("404", "Gone", "Item")]


def test_curl_without_a_body() -> None:
    (operation,) = groups_of(document())[0].operations
    assert operation.curl == (
        'curl --request PUT "https://auth.example.com/items/$ITEM_ID" \\\n'
        '  --header "Authorization: Bearer $ACCESS_TOKEN"'
    )


def test_curl_quotes_its_body_for_the_shell() -> None:
    body = {"content": {"application/json": {"schema": {"$ref": ITEM}}}}
    (operation,) = groups_of(document(requestBody=body))[0].operations
    assert [member.name for member in operation.body] == ["name", "size"]
    assert operation.curl.endswith(
        "--header 'Content-Type: application/json' \\\n"
        """  --data '{"name": "it'"'"'s"}'"""
    )


def test_schemas_by_name() -> None:
    empty, item = schemas_of(document())
    assert (empty.name, empty.members) == ("Empty", ())
    assert [(m.name, m.shape.words, m.is_required) for m in item.members] == [
        ("name", "string", True),
        ("size", "integer or null", False),
    ]


def test_group_without_operations_is_shown_empty() -> None:
    described = document()
    described["tags"].append({"name": "other", "description": ""})
    assert groups_of(described)[1].operations == ()
