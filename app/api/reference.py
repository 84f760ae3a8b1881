"""The OpenAPI document turned into what a page shows of it: no web, no templates."""

import json
import shlex
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

METHODS = ("get", "post", "put", "patch", "delete")
_REFERENCE = "#/components/schemas/"

Document = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class Shape:
    """What a value looks like, in words; `schema` names the one it refers to."""

    words: str
    schema: str | None = None


@dataclass(frozen=True, kw_only=True)
class Member:
    """A parameter, or a member of an object."""

    name: str
    place: str
    shape: Shape
    is_required: bool
    description: str


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What an operation may answer."""

    status: str
    description: str
    shape: Shape | None

    @property
    def is_problem(self) -> bool:
        """Whether the operation refuses by it."""
        return self.status >= "400"


@dataclass(frozen=True, kw_only=True)
class Operation:
    """One method at one address."""

    id: str
    method: str
    path: str
    summary: str
    description: str
    permissions: tuple[str, ...]
    parameters: tuple[Member, ...]
    body: tuple[Member, ...]
    answers: tuple[Answer, ...]
    curl: str


@dataclass(frozen=True, kw_only=True)
class Group:
    """The operations on one kind of thing."""

    name: str
    description: str
    operations: tuple[Operation, ...]


@dataclass(frozen=True, kw_only=True)
class ObjectSchema:
    """An object that operations take or answer."""

    name: str
    members: tuple[Member, ...]


def groups_of(document: Document) -> list[Group]:
    """Return every operation of the document, by group, in its order."""
    operations: dict[str, list[Operation]] = {}
    for path, item in document["paths"].items():
        for method in METHODS:
            if method in item:
                described = item[method]
                operation = _operation(document, path, method, item)
                operations.setdefault(described["tags"][0], []).append(operation)
    return [
        Group(
            name=tag["name"].replace("_", " ").capitalize(),
            description=tag["description"],
            operations=tuple(operations.get(tag["name"], [])),
        )
        for tag in document["tags"]
    ]


def schemas_of(document: Document) -> list[ObjectSchema]:
    """Return every object that is named in the document, by name."""
    schemas = document["components"]["schemas"]
    return [
        ObjectSchema(name=name, members=tuple(_members(schemas[name])))
        for name in sorted(schemas)
    ]


def _operation(
    document: Document, path: str, method: str, item: Mapping[str, Any]
) -> Operation:
    described = item[method]
    parameters = [*item.get("parameters", []), *described.get("parameters", [])]
    body = _body_schema(document, described)
    return Operation(
        id=described["operationId"],
        method=method.upper(),
        path=path,
        summary=described.get("summary", ""),
        description=" ".join(described.get("description", "").split()),
        permissions=tuple(described["security"][0]["oauth2"]),
        parameters=tuple(_parameter(parameter) for parameter in parameters),
        body=tuple(_members(body)) if body else (),
        answers=tuple(_answers(document, described["responses"])),
        curl=_curl(document["servers"][0]["url"] + path, method.upper(), body),
    )


def _parameter(parameter: Mapping[str, Any]) -> Member:
    return Member(
        name=parameter["name"],
        place=parameter["in"],
        shape=_shape(parameter["schema"]),
        is_required=parameter.get("required", False),
        description=parameter.get("description", ""),
    )


def _members(schema: Mapping[str, Any]) -> Iterator[Member]:
    required = schema.get("required", [])
    for name, described in schema.get("properties", {}).items():
        yield Member(
            name=name,
            place="body",
            shape=_shape(described),
            is_required=name in required,
            description=described.get("description", ""),
        )


def _body_schema(document: Document, described: Mapping[str, Any]) -> Any:
    if "requestBody" not in described:
        return None
    schema = described["requestBody"]["content"]["application/json"]["schema"]
    return _resolve(document, schema)


def _answers(document: Document, responses: Mapping[str, Any]) -> Iterator[Answer]:
    for status, response in sorted(responses.items()):
        found = _resolve(document, response)
        content = next(iter(found.get("content", {}).values()), None)
        yield Answer(
            status=str(status),
            description=found["description"],
            shape=_shape(content["schema"]) if content else None,
        )


def _resolve(document: Document, thing: Mapping[str, Any]) -> Mapping[str, Any]:
    if "$ref" not in thing:
        return thing
    found: Any = document
    for step in thing["$ref"].removeprefix("#/").split("/"):
        found = found[step]
    resolved: Mapping[str, Any] = found
    return resolved


def _shape(schema: Mapping[str, Any]) -> Shape:
    if "$ref" in schema:
        name = schema["$ref"].removeprefix(_REFERENCE)
        return Shape(words=name, schema=name)
    if "anyOf" in schema:
        shapes = [_shape(choice) for choice in schema["anyOf"]]
        named = next((shape.schema for shape in shapes if shape.schema), None)
        return Shape(words=" or ".join(s.words for s in shapes), schema=named)
    kinds = schema.get("type", "any value")
    kinds = [kinds] if isinstance(kinds, str) else kinds
    if "array" in kinds:
        inner = _shape(schema["items"])
        return Shape(words=f"list of {inner.words}", schema=inner.schema)
    return Shape(words=" or ".join(kinds) + _limits(schema))


def _limits(schema: Mapping[str, Any]) -> str:
    limits = [str(schema["format"])] if "format" in schema else []
    choices = [choice for choice in schema.get("enum", []) if choice is not None]
    if choices:
        limits.append("one of " + ", ".join(choices))
    if "minimum" in schema and "maximum" in schema:
        limits.append(f"{schema['minimum']} to {schema['maximum']}")
    if schema.get("default") not in {None, ""}:
        limits.append(f"by default {json.dumps(schema['default'])}")
    return f" ({'; '.join(limits)})" if limits else ""


def _curl(address: str, method: str, body: Mapping[str, Any] | None) -> str:
    """Return a command that sends the request; what is yours stands as `$NAMES`."""
    for part in address.split("/"):
        if part.startswith("{"):
            address = address.replace(part, f"${part.strip('{}').upper()}")
    lines = [f'curl --request {method} "{address}"']
    lines.append('--header "Authorization: Bearer $ACCESS_TOKEN"')
    if body is not None:
        example = json.dumps(_example(body.get("properties", {})))
        lines.append("--header 'Content-Type: application/json'")
        lines.append(f"--data {shlex.quote(example)}")
    return " \\\n  ".join(lines)


def _example(members: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    examples: dict[str, Sequence[Any]] = {
        name: described["examples"]
        for name, described in members.items()
        if "examples" in described
    }
    return {name: values[0] for name, values in examples.items()}
