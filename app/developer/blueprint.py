"""Developer → Apps: the address under which its pages live, and who may open them."""

from flask import Blueprint

from app.audit import subjects
from app.builtin import MANAGE_SYSTEM
from app.web import navigation, page_class

blueprint = Blueprint("developer", __name__, url_prefix="/developer")
page_class(blueprint, "console")
navigation.register("Developer", "developer.start", MANAGE_SYSTEM, 10)
subjects.register("client", "developer.overview", "client_id", MANAGE_SYSTEM)
subjects.register("case", "developer.case", "number", MANAGE_SYSTEM)
