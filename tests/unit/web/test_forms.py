"""The macros of forms: every field is named, explained and found when it is wrong."""

import pytest
from flask import Flask, render_template_string
from flask_wtf import FlaskForm
from werkzeug.datastructures import MultiDict
from wtforms import (
    BooleanField,
    HiddenField,
    PasswordField,
    RadioField,
    SelectMultipleField,
    StringField,
    widgets,
)
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, InputRequired

from tests.support.markup import Element, parse

TEMPLATE = """
{% import "web/forms.html" as forms with context %}
{% call forms.post_form("/apps", target="#panel") %}
  {{ forms.error_summary(form) }}
  {{ forms.field(form.name, help="People see it.", autocomplete="off") }}
  {{ forms.field(form.secret) }}
  {{ forms.field(form.kind) }}
  {{ forms.field(form.roles) }}
  {{ forms.field(form.pkce) }}
  {{ forms.submit("Save") }}
{% endcall %}
"""


class SampleForm(FlaskForm):  # type: ignore[misc]
    """A field of each kind that the console uses."""

    name = StringField("Name", validators=[DataRequired("Give it a name.")])
    secret = PasswordField("Secret", description="Only you see it.")
    kind = RadioField(
        "Who acts?",
        choices=[
            SelectChoice("service", "A service"),
            SelectChoice("web", "A web app"),
        ],
        validators=[InputRequired("Choose one.")],
    )
    roles = SelectMultipleField(
        "Roles",
        choices=[SelectChoice("reader", "Reader")],
        option_widget=widgets.CheckboxInput(),
        widget=widgets.ListWidget(prefix_label=False),
    )
    pkce = BooleanField("Require PKCE")
    next = HiddenField()


def rendered(pages: Flask, data: dict[str, str] | None = None) -> Element:
    """Return the form's tree, as sent back with what is wrong if there is `data`."""
    with pages.test_request_context("/apps"):
        form = SampleForm(formdata=None if data is None else MultiDict(data))
        if data is not None:
            form.validate()
        return parse(render_template_string(TEMPLATE, form=form))


@pytest.fixture
def fresh(pages: Flask) -> Element:
    return rendered(pages)


@pytest.fixture
def wrong(pages: Flask) -> Element:
    return rendered(pages, {"name": "", "roles": "owner"})


def described_by(tree: Element, element: Element) -> list[str]:
    return [tree.one(id=name).text for name in element["aria-describedby"].split()]


def test_the_form_works_with_and_without_htmx(fresh: Element) -> None:
    form = fresh.one("form")
    assert (form["method"], form["action"]) == ("post", "/apps")
    assert form["hx-post"] == form["action"]
    assert (form["hx-target"], form["hx-swap"]) == ("#panel", "outerHTML")
    assert form.one("input", name="csrf_token")["value"]
    assert form.one("button", type="submit").text == "Save"


def test_a_form_without_target_leaves_htmx_out(pages: Flask) -> None:
    with pages.test_request_context("/"):
        form = parse(
            render_template_string(
                '{% import "web/forms.html" as forms with context %}'
                '{% call forms.post_form("/login") %}{% endcall %}'
            )
        ).one("form")
    assert not [name for name in form.attributes if name.startswith("hx-")]


def test_every_input_has_a_label(fresh: Element) -> None:
    labelled = {label["for"] for label in fresh.all("label")}
    inputs = {
        element["id"]
        for element in fresh.all("input")
        if element.attributes.get("type") != "hidden"
    }
    assert inputs
    assert inputs <= labelled
    assert [legend.text for legend in fresh.all("legend")] == ["Who acts?", "Roles"]


def test_help_is_tied_to_its_input(fresh: Element) -> None:
    name = fresh.one("input", name="name")
    assert described_by(fresh, name) == ["People see it."]
    assert name["autocomplete"] == "off"
    assert described_by(fresh, fresh.one("input", name="secret")) == [
        "Only you see it."
    ]
    assert "aria-describedby" not in fresh.one("input", name="pkce")


def test_what_may_be_left_out_says_so(fresh: Element) -> None:
    assert fresh.one("label", for_="secret").text == "Secret optional"
    assert fresh.one("label", for_="name").text == "Name"


def test_nothing_is_wrong_with_a_fresh_form(fresh: Element) -> None:
    assert not fresh.all(role="alert")
    assert not fresh.all(aria_invalid="true")
    assert not [element for element in fresh.walk() if "autofocus" in element]


def test_an_error_is_tied_to_its_input(wrong: Element) -> None:
    name = wrong.one("input", name="name")
    assert name["aria-invalid"] == "true"
    assert described_by(wrong, name) == ["People see it.", "Give it a name."]
    kind = wrong.one("fieldset", id="kind")
    assert kind["aria-invalid"] == "true"
    assert described_by(wrong, kind) == ["Choose one."]


def test_only_the_first_wrong_field_takes_the_focus(wrong: Element) -> None:
    focused = [element for element in wrong.walk() if "autofocus" in element]
    assert [element["id"] for element in focused] == ["name"]


def test_the_summary_leads_to_each_wrong_field(wrong: Element) -> None:
    summary = wrong.one(role="alert")
    ids = {element["id"] for element in wrong.walk() if "id" in element}
    links = {link["href"].removeprefix("#"): link.text for link in summary.all("a")}
    assert links == {"name": "Name", "kind": "Who acts?", "roles": "Roles"}
    assert set(links) <= ids
    assert "Give it a name." in summary.text


def test_markup_that_somebody_typed_stays_text(pages: Flask) -> None:
    tree = rendered(pages, {"name": '"><script>alert(1)</script>', "kind": "web"})
    assert not tree.all("script")
    assert tree.one("input", name="name")["value"].startswith('"><script>')


def test_ids_are_unique(wrong: Element) -> None:
    ids = [element["id"] for element in wrong.walk() if "id" in element]
    assert len(ids) == len(set(ids))
