"""Texts that mutations of accounts take."""

from tests.resolvers.texts import TextCase

ONE_LINE = {
    "acceptAdminInvitation.name",
    "createApiToken.name",
    "register.name",
}
CODES = {
    "acceptAdminInvitation.password",
    "acceptAdminInvitation.token",
    "logIn.email",
    "logIn.password",
    "logOut.refreshToken",
    "reauthenticate.password",
    "refreshSession.refreshToken",
    "register.email",
    "register.password",
    "resendVerification.registrationSecret",
    "verifyEmail.code",
    "verifyEmail.password",
    "verifyEmail.registrationSecret",
    "verifyEmail.token",
}


def cases(vendor: str, text: str) -> list[TextCase]:
    account = {"email": "one@haat.example", "password": "correct horse battery", "name": text}
    token = {"name": text, "scopes": ["READ"]}
    return [
        TextCase("register", account, ["name"]),
        TextCase("createApiToken", token, ["name"], "apiToken { name }"),
    ]
