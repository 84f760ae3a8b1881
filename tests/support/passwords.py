"""Passwords that cost tests little: hundreds of them sign in.

Theirs are Argon2id too, for a hundredth of the time. What the product takes is tested
with its passwords, and served products are not touched.
"""

from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher

from app.accounts import passwords

SHIPPED = passwords._argon2

passwords._argon2 = PasswordHash(
    (Argon2Hasher(time_cost=1, memory_cost=64, parallelism=1),)
)
