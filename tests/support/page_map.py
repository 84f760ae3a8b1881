"""Every page that the product has, found in its URL map, so that none is forgotten."""

import re
from collections.abc import Mapping

from flask import Flask
from werkzeug.routing import Rule

from app.web.headers import MACHINE_CLASSES, page_class_of

PARAMETER = re.compile(r"<(?:[a-z]+(?:\([^)]*\))?:)?([a-z_]+)>")
#: Answers of pages' blueprints that are no page of their own, and why.
NO_PAGES = {
    "web.home": "it sends on",
    "oauth_authorization.authorization_endpoint": "it sends on to the consent screen",
    "developer.trial_callback": "only an open trial has it; its own tests judge it",
    "oauth_logout.logout_endpoint": "it sends on unless it is asked for by an app",
}
#: What is sent as a file or is judged while somebody types; no page is named so.
NO_PAGE_WORDS = re.compile(r"export|download|judge|static")


def page_rules(app: Flask, prefix: str = "/") -> list[Rule]:
    """Return the rules that show a page when they are opened, by address."""
    with app.app_context():
        return sorted(
            (
                rule
                for rule in app.url_map.iter_rules()
                if rule.rule.startswith(prefix) and is_page(rule)
            ),
            key=lambda rule: rule.rule,
        )


def action_rules(app: Flask) -> list[Rule]:
    """Return the rules that forms are sent to by people who are signed in."""
    with app.app_context():
        return [
            rule
            for rule in sorted(app.url_map.iter_rules(), key=lambda rule: rule.rule)
            if "POST" in (rule.methods or ())
            and page_class_of(rule.endpoint) not in MACHINE_CLASSES
            and not NO_PAGE_WORDS.search(rule.endpoint)
            and getattr(app.view_functions[rule.endpoint], "guard", None) != ("public",)
        ]


def is_page(rule: Rule) -> bool:
    """Tell whether people read what this address answers to GET."""
    return (
        "GET" in (rule.methods or ())
        and page_class_of(rule.endpoint) not in MACHINE_CLASSES
        and rule.endpoint not in NO_PAGES
        and not NO_PAGE_WORDS.search(rule.endpoint)
    )


def filled(rule: Rule, values: Mapping[str, str]) -> str:
    """Return the rule's address with `values` for its parameters.

    A value for `endpoint:parameter` goes before one for the parameter alone.
    """

    def value(match: re.Match[str]) -> str:
        name = match[1]
        for key in (f"{rule.endpoint}:{name}", name):
            if key in values:
                return values[key]
        raise AssertionError(
            f"{rule.rule} is a new page: give a value for '{name}' (or for "
            f"'{rule.endpoint}:{name}') to the places of this test, with something "
            "behind it that the page can show"
        )

    return PARAMETER.sub(value, rule.rule)
