"""Texts that mutations of accounts take."""

from tests.resolvers.texts import TextCase

ONE_LINE = {
    "acceptAdminInvitation.name",
    "createApiToken.name",
    "logInWithProvider.name",
    "register.name",
    "updateProfile.name",
    "registerPasskey.name",
    "renamePasskey.name",
}
CODES = {
    "acceptAdminInvitation.factorCode",
    "acceptAdminInvitation.password",
    "acceptAdminInvitation.token",
    "changeEmail.email",
    "changePassword.current",
    "changePassword.password",
    "changePhone.phone",
    "confirmPhone.challengeId",
    "confirmPhone.code",
    "confirmSecondFactor.challengeId",
    "confirmSecondFactor.mailCode",
    "confirmSecondFactor.passkey",
    "confirmSecondFactor.recoveryCode",
    "confirmSecondFactor.totp",
    "confirmTotp.code",
    "logIn.email",
    "logIn.password",
    "logInWithCode.challengeId",
    "logInWithCode.code",
    "logInWithPasskey.challengeId",
    "linkProvider.codeVerifier",
    "linkProvider.flow",
    "logInWithPasskey.credential",
    "logInWithProvider.codeVerifier",
    "logInWithProvider.email",
    "logInWithProvider.flow",
    "logOut.refreshToken",
    "reauthenticate.passkey.challengeId",
    "reauthenticate.passkey.credential",
    "reauthenticate.password",
    "reauthenticate.provider.codeVerifier",
    "reauthenticate.provider.flow",
    "reauthenticate.totp",
    "refreshSession.refreshToken",
    "register.email",
    "register.password",
    "requestLoginCode.phone",
    "requestMailCode.challengeId",
    "requestPasswordReset.email",
    "registerPasskey.challengeId",
    "registerPasskey.credential",
    "resendVerification.registrationSecret",
    "resetPassword.password",
    "resetPassword.token",
    "startProvider.codeChallenge",
    "startProvider.redirectUrl",
    "undoChange.token",
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
        TextCase("updateProfile", {"name": text}, ["name"], "viewer { name }"),
        TextCase("createApiToken", token, ["name"], "apiToken { name }"),
    ]
