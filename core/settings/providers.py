"""Settings of mail, push messages, payments and the storage of files."""

from pydantic import Field
from pydantic_settings import BaseSettings

from core.settings.provider_keys import (
    CarrierSecrets,
    PaystackSecretKey,
    StripePublishableKey,
    StripeSecretKey,
    StripeWebhookSecrets,
)
from core.settings.values import (
    HOME,
    Bucket,
    Countries,
    FolderPath,
    Key,
    MailUrl,
    PassCertificatesFile,
    RedirectUrls,
    Region,
    RequiredWebUrl,
    Sender,
    ServiceAccountFile,
    WebUrl,
)


class ProviderSettings(BaseSettings):
    """Mail, push messages, payments and the storage of files."""

    mail_url: MailUrl = Field(
        "",
        description="smtp://user:password@host:port. If empty, mail goes to the outbox folder.",
    )
    mail_from: Sender = "Haat <no-reply@haat.example>"
    fcm_credentials: ServiceAccountFile = Field(
        None, description="Key file of the Google service account that sends push messages."
    )
    fcm_url: RequiredWebUrl = Field(
        "https://fcm.googleapis.com", description="Base URL of Firebase Cloud Messaging."
    )
    sms_account: Key = Field(
        "",
        description="Account SID of Twilio. If empty, development writes text messages to the"
        " outbox folder, and production offers no codes by phone.",
    )
    sms_token: Key = Field("", repr=False, description="Auth token of the Twilio account.")
    sms_from: Key = Field(
        "", description="The sender: a number in E.164, or the SID of a messaging service."
    )
    sms_url: RequiredWebUrl = Field("https://api.twilio.com", description="Base URL of Twilio.")
    sms_countries: Countries = Field(
        "IN,NG,US,DE", description="Countries whose numbers get codes, separated by commas."
    )
    sms_per_network: int = Field(
        5, ge=1, le=100_000, description="Text messages that a network may ask for in an hour."
    )
    sms_per_day: int = Field(
        5000, ge=1, le=10_000_000, description="Text messages in a day, to all numbers."
    )
    sms_confirmed_percent: int = Field(
        20,
        ge=0,
        le=100,
        description="Codes by phone of which fewer than this are entered within an hour pause their"
        " country for an hour, if 50 or more were sent: its numbers without an account get none."
        " 0 turns this off.",
    )
    apple_pass_certificates: PassCertificatesFile = Field(
        None,
        description="PEM file with Apple's certificate for passes, its private key without a"
        " password, and the certificate of Apple that issued it. If empty, there are no passes for"
        " Apple Wallet.",
    )
    google_wallet_issuer: str = Field(
        "",
        pattern=r"^([0-9]{1,20})?$",
        description="Issuer ID at Google Wallet. If empty, there are no passes for it.",
    )
    google_wallet_account: ServiceAccountFile = Field(
        None, description="Key file of the Google service account that signs these passes."
    )
    carrier_secrets: CarrierSecrets = Field(
        {},
        repr=False,
        description="Secrets of the carriers' webhooks, as pairs such as blue-dart=whsec_…,"
        " separated by commas. Without any, there are no webhooks of carriers.",
    )
    payment_return_urls: RedirectUrls = Field(
        [],
        description="Pages and apps to which buyers return from the page of a payment provider,"
        " separated by commas. Clients can add parameters. Development allows all pages of this"
        " machine besides.",
    )
    stripe_secret_key: StripeSecretKey = Field(
        "",
        repr=False,
        description="Secret key of Stripe. If empty, `haat dev` starts a stand-in of Stripe, and"
        " production takes no payments by it.",
    )
    stripe_publishable_key: StripePublishableKey = Field(
        "", description="Publishable key of Stripe, for the card forms of clients."
    )
    stripe_webhook_secrets: StripeWebhookSecrets = Field(
        [],
        repr=False,
        description="Secrets of the webhook endpoints, separated by commas: of the platform, of its"
        " connected accounts, and former ones while they are replaced.",
    )
    stripe_url: RequiredWebUrl = Field("https://api.stripe.com", description="Base URL of Stripe.")
    paystack_secret_key: PaystackSecretKey = Field(
        "",
        repr=False,
        description="Secret key of Paystack, which also signs its webhooks. If empty, there are no"
        " payments by it.",
    )
    paystack_url: RequiredWebUrl = Field(
        "https://api.paystack.co", description="Base URL of Paystack."
    )
    outbox: FolderPath = Field(
        HOME / ".haat/outbox",
        description="Folder of unsent mail and push messages, shown on the start page.",
    )
    notify_after_seconds: int = Field(
        30,
        ge=0,
        le=3600,
        description="Delay before an unread notification is sent by push and mail.",
    )
    objects_bucket: Bucket = Field(
        "", description="S3 bucket for uploads. If empty, the objects folder is used."
    )
    objects_url: WebUrl = Field(
        "", description="URL of the S3 service, for servers and clients. If empty, Amazon's."
    )
    objects_region: Region = "us-east-1"
    objects_access_key: Key = Field(
        "", description="If empty, boto3 finds the credentials, for example in the machine's role."
    )
    objects_secret_key: Key = Field("", repr=False)
    objects_folder: FolderPath = Field(
        HOME / ".haat/objects",
        description="Folder for uploads without a bucket. All servers and workers share it.",
    )
    objects_min_free_mb: int = Field(
        1024,
        ge=0,
        le=1_048_576,
        description="Free space of the objects folder below which uploads are refused.",
    )
