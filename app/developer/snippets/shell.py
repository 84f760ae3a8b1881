"""Commands to paste into a terminal, each value quoted as a shell reads it."""


def quoted(text: str) -> str:
    """Return `text` in single quotes, in which a shell replaces nothing."""
    escaped = text.replace("'", "'\"'\"'")
    return f"'{escaped}'"


def token_command(*, issuer: str, client_id: str, client_secret: str) -> str:
    """Return the command that gets a token of the app's own."""
    return (
        f"curl --user {quoted(f'{client_id}:{client_secret}')} \\\n"
        "  --data grant_type=client_credentials \\\n"
        f"  {issuer}/oauth/token"
    )


def call_command(*, issuer: str, access_token: str) -> str:
    """Return the command that calls the API with a token."""
    return (
        f"curl --header {quoted(f'Authorization: Bearer {access_token}')} \\\n"
        f"  {issuer}/api/v1/me"
    )


def export_command(name: str, value: str) -> str:
    """Return the command that hands a value to what runs in this terminal."""
    return f"export {name}={quoted(value)}"
