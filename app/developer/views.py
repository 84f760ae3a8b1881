"""Pages of developer."""

from flask import Blueprint

blueprint = Blueprint("developer", __name__)
