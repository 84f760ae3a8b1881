"""The description of the API, for programs and for people."""

import re
import shlex
from typing import Any

import pytest
from flask import Flask
from markupsafe import Markup
from openapi_spec_validator import OpenAPIV31SpecValidator

from tests.factories import Factory
from tests.support.api_caller import Caller, with_permissions
from tests.support.markup import parse
from tests.support.parties import Parties

METHODS = {"get", "post", "put", "patch", "delete"}


@pytest.fixture
def document(app: Flask) -> dict[str, Any]:
    """The document as anybody reads it."""
    response = app.test_client().get("/api/v1/openapi.json")
    assert response.status_code == 200
    assert response.content_type == "application/json"
    found: dict[str, Any] = response.get_json()
    return found


def operations(document: dict[str, Any]) -> dict[tuple[str, str], dict[str, Any]]:
    """Return every operation by method and path."""
    return {
        (method, path): item[method]
        for path, item in document["paths"].items()
        for method in METHODS & set(item)
    }


def test_document_is_valid(document: dict[str, Any]) -> None:
    assert document["openapi"] == "3.1.0"
    OpenAPIV31SpecValidator(document).validate()


def test_every_address_of_the_api_is_described(
    app: Flask, document: dict[str, Any]
) -> None:
    served = {
        (method.lower(), re.sub(r"<uuid:(\w+)>", r"{\1}", rule.rule))
        for rule in app.url_map.iter_rules()
        if rule.rule.startswith("/api/v1/")
        and not rule.endpoint.startswith("api_docs.")
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }
    assert served == set(operations(document))
    assert len(served) > 20


def test_security_is_what_the_guards_ask_for(
    app: Flask, document: dict[str, Any]
) -> None:
    for operation in operations(document).values():
        tag, name = operation["tags"][0], operation["operationId"]
        guard = app.view_functions[f"{tag}.{name}"].guard
        assert operation["security"] == [{"oauth2": list(guard)}]
    flows = document["components"]["securitySchemes"]["oauth2"]["flows"]
    needed = {
        scope
        for operation in operations(document).values()
        for scope in operation["security"][0]["oauth2"]
    }
    assert needed == set(flows["clientCredentials"]["scopes"])


def test_operations_are_told_apart_and_explained(document: dict[str, Any]) -> None:
    described = operations(document)
    assert len({o["operationId"] for o in described.values()}) == len(described)
    for (method, path), operation in described.items():
        assert operation["summary"].endswith("."), (method, path)
        assert {"401", "403", "503"} <= set(operation["responses"])
        assert ("404" in operation["responses"]) == ("{" in path)


def test_answers_are_as_described(document: dict[str, Any], app: Flask) -> None:
    caller = with_permissions(app, ["view_users", "manage_users", "manage_system"])
    made = caller.post("/users", json={"email": "ada@example.com"}).get_json()
    one = f"/clients/{caller.client.id}"
    secret = caller.post(f"{one}/secrets", json={})
    for schema, body in (
        ("User", made),
        ("UserPage", caller.get("/users").get_json()),
        ("Client", caller.get(one).get_json()),
        ("ClientPage", caller.get("/clients").get_json()),
        ("NewSecret", secret.get_json()),
        ("SecretList", caller.get(f"{one}/secrets").get_json()),
        ("Holdings", caller.get(f"{one}/permissions").get_json()),
        ("ActivityPage", caller.get(f"{one}/activity").get_json()),
        ("TokenPage", caller.get(f"{one}/tokens").get_json()),
        ("Problem", caller.get("/nothing").get_json()),
    ):
        described = document["components"]["schemas"][schema]
        assert set(described["required"]) <= set(body), schema
        assert set(body) <= set(described["properties"]), schema


def test_page_shows_every_operation(app: Flask, document: dict[str, Any]) -> None:
    response = app.test_client().get("/api/docs")
    assert response.status_code == 200
    assert response.content_type == "text/html; charset=utf-8"
    for (method, path), operation in operations(document).items():
        assert f'id="{operation["operationId"]}"' in response.text
        assert f"{method.upper()} {path}" in response.text
    anchors = set(re.findall(r'href="#([^"]+)"', response.text))
    ids = re.findall(r'\sid="([^"]+)"', response.text)
    assert anchors <= set(ids)
    assert len(ids) == len(set(ids))


def test_page_leads_back_whoever_is_signed_in(app: Flask, make: Factory) -> None:
    assert "Back to" not in app.test_client().get("/api/docs").text
    for permissions, words in ((["view_users"], "the console"), ([], "your account")):
        browser = Parties(app, make).browser_of(make.user(permissions=permissions))
        page = parse(browser.get("/api/docs").text)
        (link,) = [a for a in page.all("a") if a.text.startswith("Back to")]
        assert (link["href"], link.text) == ("/", f"Back to {words}")


def test_details_of_an_operation_are_folded_and_what_it_is_for_is_not(
    app: Flask,
) -> None:
    page = parse(app.test_client().get("/api/docs").text)
    article = page.one("article", id="create_user")
    assert "manage_users" in article.all("p")[1].text
    (details,) = article.all("details")
    assert "open" not in details
    for words in ("JSON body", "Responses", "curl --request POST"):
        assert words in details.text, words
    assert page.one(id="schemas").one(id="schema-User").all("details")
    assert page.one("nav", id="operations").one("a", href="#create_user").text == (
        "POST /users"
    )


def test_page_needs_nothing_from_elsewhere(app: Flask) -> None:
    response = app.test_client().get("/api/docs")
    assert "<script" not in response.text
    assert "style=" not in response.text
    assert not re.search(r'(?:src|href)="(?:https?:)?//', response.text)
    assert "script-src" not in response.headers["Content-Security-Policy"]
    assert "Set-Cookie" not in response.headers


def test_problem_types_are_explained_on_the_page(app: Flask, make: Factory) -> None:
    problem = app.test_client().get("/api/v1/me").get_json()
    page, _, anchor = problem["type"].partition("#")
    assert f'id="{anchor}"' in app.test_client().get(page).text


def test_page_escapes_the_products_name(app: Flask, database: Any) -> None:
    named = database.make_app(app_name="<b>Acme</b>")
    text = named.test_client().get("/api/docs").text
    assert "<b>Acme" not in text
    assert "&lt;b&gt;Acme&lt;/b&gt; API" in text


def test_curl_examples_are_accepted(app: Flask, document: dict[str, Any]) -> None:
    """The bodies of the examples are what the operations take."""
    caller = with_permissions(app, ["view_users", "manage_users", "manage_system"])
    for name, address in (
        ("create_user", "/users"),
        ("create_client", "/clients"),
        ("create_secret", f"/clients/{caller.client.id}/secrets"),
    ):
        assert send_example(app, caller, name, address).status_code == 201
    person = caller.get("/users").get_json()["users"][0]["id"]
    assert (
        send_example(app, caller, "change_user", f"/users/{person}").status_code == 200
    )
    one = f"/clients/{caller.client.id}"
    assert send_example(app, caller, "change_client", one).status_code == 200
    response = send_example(app, caller, "replace_permissions", f"{one}/permissions")
    assert response.status_code == 200


def send_example(app: Flask, caller: Caller, name: str, address: str) -> Any:
    """Send the body of an operation's example as the page prints it."""
    text = app.test_client().get("/api/docs").text
    article = text[text.index(f'id="{name}"') :]
    found = re.search(r"<pre[^>]*><code>(.*?)</code></pre>", article, re.DOTALL)
    assert found is not None
    words = shlex.split(Markup(found[1]).unescape())
    method = words[words.index("--request") + 1]
    body = words[words.index("--data") + 1]
    return caller.send(method, address, data=body, content_type="application/json")
