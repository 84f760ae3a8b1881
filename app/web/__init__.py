"""What every page needs: guards, headers, panels for htmx, errors in plain words."""

import logging

from flask import Flask

from app.config import Settings
from app.web import (
    answers,
    assets,
    compression,
    errors,
    focus,
    headers,
    home,
    navigation,
    plots,
    proxies,
    requests,
    searching,
    times,
)
from app.web.answers import render_change, render_change_at, render_invalid
from app.web.code_text import code_text, with_code
from app.web.counting import in_number, in_sentence
from app.web.focus import keep_focus_inside
from app.web.headers import csp_nonce, page_class, set_page_class
from app.web.htmx import (
    is_htmx,
    redirect_after,
    render_once,
    render_panel,
)
from app.web.lists import render_list
from app.web.pagination import Page, paginate, requested_page, this_page_with
from app.web.person import Person
from app.web.questions import ask
from app.web.reference import lead_reference_id, reference_id
from app.web.requests import writes_on_get
from app.web.requires import (
    current_person,
    guarded_by,
    public,
    register_person_loader,
    requires,
    signed_in_person,
)
from app.web.undo import flash_with_undo
from app.web.unindented import Unindented

__all__ = [
    "Page",
    "Person",
    "ask",
    "csp_nonce",
    "current_person",
    "flash_with_undo",
    "guarded_by",
    "init_app",
    "is_htmx",
    "keep_focus_inside",
    "lead_reference_id",
    "page_class",
    "paginate",
    "public",
    "redirect_after",
    "reference_id",
    "register_person_loader",
    "render_change",
    "render_change_at",
    "render_invalid",
    "render_list",
    "render_once",
    "render_panel",
    "requested_page",
    "requires",
    "set_page_class",
    "signed_in_person",
    "this_page_with",
    "writes_on_get",
]


def init_app(app: Flask, settings: Settings) -> None:
    """Give `app` its hooks, error pages, filters and the way in at `/`."""
    # Authlib writes whole token responses at DEBUG, whatever level the root has.
    logging.getLogger("authlib").setLevel(logging.INFO)
    if settings.trusted_proxies:
        proxies.trust(app, settings.trusted_proxies)
    requests.init_app(app)
    compression.init_app(app)
    headers.init_app(app, settings)
    errors.init_app(app)
    assets.init_app(app, settings)
    app.register_blueprint(home.blueprint)
    app.jinja_env.add_extension(Unindented)
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True
    app.jinja_env.filters["code_text"] = code_text
    app.jinja_env.filters["with_code"] = with_code
    app.jinja_env.filters["when"] = times.when
    app.jinja_env.filters["end"] = times.end
    app.jinja_env.filters["moment"] = times.moment
    app.jinja_env.filters["span"] = times.span
    app.jinja_env.globals.update(
        app_name=settings.app_name,
        claim_focus=focus.claim_focus,
        claim_heading_focus=focus.claim_heading_focus,
        csp_nonce=csp_nonce,
        done_at=answers.done_at,
        done_elsewhere=answers.done_elsewhere,
        in_number=in_number,
        in_sentence=in_sentence,
        is_htmx=is_htmx,
        is_said_in_place=answers.is_said_in_place,
        navigation=navigation.entries,
        plot_hours=plots.plot_hours,
        reference_id=reference_id,
        signed_in_person=signed_in_person,
        search_length=searching.SEARCH_LENGTH,
        this_page_with=this_page_with,
    )
