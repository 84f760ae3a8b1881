"""The pages for signing in and out. They have no scripts and need none."""

from flask import Blueprint, Response, make_response, redirect, render_template, request
from werkzeug.wrappers import Response as AnyResponse

from app.accounts import services, sign_in
from app.accounts.authentication import SignInRefused, TooManyFailures
from app.accounts.authentication import sign_in as authenticate
from app.accounts.destinations import app_name_behind
from app.accounts.forms import SignInForm, SignOutForm
from app.accounts.next_page import leads_to_consent, local_page
from app.extensions import db
from app.web import page_class, public, reference_id, set_page_class
from app.web.throttle import check_throttle, count_against, throttle

#: From one source, whatever accounts it tries: a few guesses at each of very many stay
#: below the limit of each account.
FAILURES = ("failed sign-ins", "50 per 15 minutes")

blueprint = Blueprint("accounts", __name__)
page_class(blueprint, "sign_in")


@blueprint.get("/login")
@public
def sign_in_page() -> Response:
    """Ask for the address and the password.

    Somebody who is signed in is asked too: an app may want the password anew.
    """
    page = local_page(request.args.get("next"))
    # An app may know who is coming (OpenID Connect Core §3.1.2.1, login_hint).
    hint = request.args.get("login_hint", "")[:254]
    return _form(SignInForm(formdata=None, next=page or "", email=hint))


@blueprint.post("/login")
@public
def sign_in_here() -> AnyResponse:
    """Sign this browser in and go on to where the person wanted to be."""
    # Each try costs a password hash, whomever it names.
    throttle("sign in", "60 per minute")
    check_throttle(*FAILURES)
    form = SignInForm()
    if not form.validate():
        return _form(form, status=422)
    user, before = sign_in.current_user(), sign_in.current_user_session()
    try:
        user_session, secret = authenticate(
            email=form.email.data,
            password=form.password.data,
            ip_address=request.remote_addr,
            user_agent=request.user_agent.string,
            reference_id=reference_id(),
        )
    except (SignInRefused, TooManyFailures) as refusal:
        return _refused(form, refusal)
    if user is not None and before is not None:
        services.end_session(
            actor=sign_in.current_actor(), user=user, user_session=before
        )
    db.session.commit()
    sign_in.remember(user_session, secret)
    return redirect(local_page(form.next.data) or "/", 303)


def _refused(form: SignInForm, refusal: SignInRefused | TooManyFailures) -> Response:
    count_against(*FAILURES)
    if isinstance(refusal, SignInRefused):
        return _form(form, status=422, message=refusal.message)
    response = _form(form, status=429, message=refusal.message)
    response.headers["Retry-After"] = str(refusal.retry_after)
    return response


@blueprint.get("/logout")
@public
def sign_out_page() -> AnyResponse:
    """Ask whether to sign out: a link from elsewhere must not do it."""
    if sign_in.current_user() is None:
        return redirect("/login", 303)
    page = local_page(request.args.get("next"))
    form = SignOutForm(formdata=None, next=page or "")
    return make_response(render_template("accounts/sign_out.html", form=form))


@blueprint.post("/logout")
@public
def sign_out() -> AnyResponse:
    """End this browser's session; what apps hold stays as it is."""
    user, user_session = sign_in.current_user(), sign_in.current_user_session()
    if user is not None and user_session is not None:
        services.end_session(
            actor=sign_in.current_actor(), user=user, user_session=user_session
        )
        db.session.commit()
    sign_in.forget()
    page = local_page(request.form.get("next"))
    return redirect(sign_in.address(page, why="signed-out"), 303)


def _form(form: SignInForm, *, status: int = 200, message: str = "") -> Response:
    page = local_page(form.next.data)
    is_for_app = leads_to_consent(page)
    if is_for_app:
        set_page_class("sign_in_to_consent")
    form.next.data = page or ""
    form.form_errors += [message] if message else []
    html = render_template(
        "accounts/sign_in.html",
        form=form,
        user=sign_in.current_user(),
        is_for_app=is_for_app,
        name_of_app=app_name_behind(page),
        reason=sign_in.REASONS.get(request.args.get("why", "")),
    )
    return make_response(html, status)
