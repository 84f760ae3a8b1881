"""Tokens that no API may take, made from one that it does."""

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

STRANGER = rsa.generate_private_key(public_exponent=65_537, key_size=2048)


def forgeries(token: str, issuer: str) -> dict[str, str]:
    """Return bad tokens by what is wrong with each."""
    header = jwt.get_unverified_header(token)
    claims = jwt.decode(token, options={"verify_signature": False})
    head, _, signature = token.split(".")
    richer = jwt.encode(claims | {"scope": "view_users more"}, STRANGER, "RS256")
    key = jwt.PyJWKClient(f"{issuer}/.well-known/jwks.json")
    published = key.get_signing_key_from_jwt(token).key.public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return {
        "no token at all": "guessed",
        "changed claims": f"{head}.{richer.split('.')[1]}.{signature}",
        "another's key": jwt.encode(claims, STRANGER, "RS256", headers=header),
        "an unknown key": jwt.encode(
            claims, STRANGER, "RS256", headers=header | {"kid": "unheard-of"}
        ),
        "no signature": jwt.encode(
            claims, None, "none", headers=header | {"alg": "none"}
        ),
        "the public key as a secret": _by_hmac(claims, header, published),
    }


def _by_hmac(claims: dict[str, object], header: dict[str, str], secret: bytes) -> str:
    """Sign as an attacker would who hopes that the algorithm is the token's choice.

    PyJWT refuses to do so, and so would every careful library.
    """
    algorithm = jwt.algorithms.HMACAlgorithm(jwt.algorithms.HMACAlgorithm.SHA256)
    unsigned = jwt.encode(
        claims, "x" * 64, "HS256", headers=header | {"alg": "HS256"}
    ).rpartition(".")[0]
    signature = algorithm.sign(unsigned.encode(), secret)
    return f"{unsigned}.{jwt.utils.base64url_encode(signature).decode()}"
