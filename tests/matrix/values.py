"""Valid values of arguments and of inputs' fields, by name, by scalar, and by root field.

A root field needs its own if what it requires depends on other fields, or if the default is refused
before the server asks for rights. The test lists those that are missing.
"""

from typing import Any

from models.vendors import MemberRole
from tests.client import gid, unknown
from tests.factories.bookings import at, workday
from tests.factories.offers import offer_input, texts
from tests.factories.promos import promo_code_input
from tests.factories.taxes import GSTIN
from tests.matrix.stage import RECEIVED_GIFT, RECEIVED_TRANSFER, SCANNER_KEY, MatrixStage
from tests.resolvers.ledger.test_adjust_ledger import proposal

DAY = workday(2)
DAYS = {"fromDay": DAY.isoformat(), "untilDay": DAY.isoformat()}
STARTS = at(DAY, 10).isoformat()
BY_TYPE: dict[str, Any] = {
    "BigInt": 100,
    "Boolean": False,
    "CountryCode": "IN",
    "CurrencyCode": "INR",
    "Date": DAY.isoformat(),
    "DateTime": STARTS,
    "Float": 12.9,
    "Int": 1,
    "LocalDateTime": f"{DAY.isoformat()}T10:00",
    "LocalTime": "10:00",
    "String": "x",
    "TimeZone": "Asia/Kolkata",
}
BY_NAME: dict[str, Any] = {
    "accountNumber": "50100123456789",
    "closes": "18:00",
    "code": "AAAAAAAA",
    "codeChallenge": "c" * 43,
    "codeVerifier": "v" * 43,
    "confirm": True,
    "email": "friend#@haat.example",
    "endsAt": at(DAY, 11).isoformat(),
    "locale": "en",
    "password": "correct horse battery staple",
    "phone": "+9198200123#5",
    "pinPrefixes": [],
    "postalCode": "560001",
    "reason": "Wrong customer",
    "redirectUrl": "https://shop.example/signed-in",
    "scannerKey": SCANNER_KEY,
    "species": "dog",
    "startsBefore": at(DAY, 12).isoformat(),
    "startsFrom": STARTS,
    "subdivision": "Karnataka",
    "untilDay": DAY.isoformat(),
}
NOTHING = "00000000-0000-7000-8000-000000000001"
WEEKLY = {"first": f"{DAY.isoformat()}T10:00", "unit": "WEEKLY", "count": 4}
ADDRESS = {
    "streetLines": ["1 Palace Road"],
    "city": "Mysuru",
    "postalCode": "570001",
    "subdivision": "Karnataka",
}
CHART = "section,kind,entrance,capacity,row,category,seats,y\nStalls,,North,,A,Front,1-4,1\n"


def changes(stage: MatrixStage) -> dict[str, dict[str, Any]]:
    """Return the arguments, or the fields of the input, that a root field needs beside others."""
    return {
        **_of_identity(stage),
        **_of_vendors(stage),
        **_of_events(stage),
        **_of_bookings(stage),
        **_of_orders(stage),
        **_of_money(stage),
    }


def _of_identity(stage: MatrixStage) -> dict[str, dict[str, Any]]:
    return {
        "node": {"id": stage.id_of("Voucher")},
        "nodes": {"ids": [stage.id_of("Voucher")]},
        "verifyEmail": {"token": "x", "password": "correct horse battery staple"},
        "reauthenticate": {"password": "wrong"},
        "confirmSecondFactor": {"recoveryCode": "x"},
        "savePet": {"idempotencyKey": "x"},
        "saveVaccination": {
            "givenOn": "2026-01-02",
            "petId": stage.id_of("Pet"),
            "idempotencyKey": "x",
        },
        "savePetNote": {
            "petId": stage.id_of("Pet"),
            "vendorId": stage.id_of("Vendor"),
            "idempotencyKey": "x",
        },
        "createAddress": {"country": "IN", **ADDRESS, "postalCode": "570001"},
        "startConversation": {"subjectId": stage.id_of("Voucher")},
        "sendMessage": {"text": "Hello"},
    }


def _of_vendors(stage: MatrixStage) -> dict[str, dict[str, Any]]:
    vendor: Any = stage.rows["Vendor"]
    account = {"id": stage.id_of("User")}
    return {
        "vendor": {"id": stage.id_of("Vendor")},
        "product": {"id": stage.id_of("Product")},
        "createVendor": {"owner": account, "address": ADDRESS},
        "addVendorMember": {"user": account},
        "removeVendorMember": {"userId": gid(stage.users[MemberRole.STAFF.value])},
        "suggest": {"text": vendor.city[:3]},
        "createOffer": offer_input(vendor),
        "saveSearch": {"conditions": {"search": "coffee"}},
        "updateSavedSearch": {"conditions": {"search": "coffee"}},
        "createProduct": {"title": texts(en="Blue mug")},
        "orderProductPictures": {"uploadIds": []},
        "createPromoCode": promo_code_input(vendor, code="TENTH"),
        "setTaxRegistration": {"country": "IN", "kind": "REGULAR", "number": GSTIN},
        "importLicenseKeys": {"keys": ["AAA-2"]},
        "voucher": {"id": stage.id_of("Voucher")},
        "redeemVoucher": {"code": "AAAAAAAA"},
        "fraudSettings": {"vendorId": stage.id_of("Vendor")},
        "previewFraudSettings": {"vendorId": stage.id_of("Vendor")},
        "updateFraudSettings": {"vendorId": stage.id_of("Vendor")},
        "syncRedemptions": {
            "scans": [
                {"scanId": NOTHING, "seq": 1, "scannedAt": STARTS, "token": "x", "shown": "RED"}
            ]
        },
        "acceptGift": {"gift": {"giftId": gid(stage.rows[RECEIVED_GIFT])}},
        "declineGift": {"gift": {"giftId": gid(stage.rows[RECEIVED_GIFT])}},
    }


def _of_events(stage: MatrixStage) -> dict[str, dict[str, Any]]:
    scan = {"scanId": NOTHING, "code": "AAAAAAAA"}
    return {
        "event": {"id": stage.id_of("Event")},
        "createVenue": {"address": ADDRESS, "latitude": 12.3, "longitude": 76.6},
        "createEvent": {"title": texts(en="Evening Raga")},
        "addEventDates": {"starts": ["2030-05-31T19:30"], "minutes": 120},
        "saveChart": {"format": "CSV", "content": CHART},
        "transferTicket": {"to": {"email": "friend@haat.example"}},
        "acceptTransfer": {"transfer": {"transferId": gid(stage.rows[RECEIVED_TRANSFER])}},
        "declineTransfer": {"transfer": {"transferId": gid(stage.rows[RECEIVED_TRANSFER])}},
        "checkIn": scan,
        "syncScans": {
            "scans": [{**scan, "seq": 1, "scannedAt": STARTS, "shown": "RED", "reason": "UNKNOWN"}]
        },
        "voidScan": {"scanId": stage.id_of("Scan")},
        "reseatTicket": {"seatId": stage.id_of("Seat")},
        "ticketsPdf": {"ticketIds": [stage.id_of("Ticket")], "expiresIn": 60},
    }


def _of_bookings(stage: MatrixStage) -> dict[str, dict[str, Any]]:
    kind = {"kind": "ROOM", "name": "Room"}
    guest = {"guest": {"name": "Asha"}}
    return {
        "waitingRoom": {"vendorId": stage.id_of("Vendor")},
        "addBusyFeed": {"address": "https://calendar.example/busy.ics"},
        "bookSeries": {"rule": WEEKLY},
        "joinBookingWaitlist": DAYS,
        "closeDays": DAYS,
        "saveService": {"name": texts(en="Visit"), "duration": 30, "needs": [{"kind": "STAFF"}]},
        "saveResource": kind,
        "saveCancellationPolicy": {"name": "Strict", "refundTiers": []},
        "bookAtDesk": {"customer": guest},
        "orderServiceQuestions": {
            "questionIds": [stage.id_of("ServiceQuestion")],
        },
        "consecutiveSlots": {"serviceIds": [stage.id_of("Service"), unknown("Service")]},
    }


def _of_orders(stage: MatrixStage) -> dict[str, dict[str, Any]]:
    return {
        "deliveryOptions": {"place": {"country": "IN", "postalCode": "560001"}},
        "grantRefund": {"amountMinor": 1},
        "grantOrderRefund": {"amountMinor": 1},
        "setTaxRate": {"taxClass": "STANDARD", "startsOn": "2040-01-01", "bps": 1_800},
        "addTrackingEvent": {"state": "DELIVERED"},
    }


def _of_money(stage: MatrixStage) -> dict[str, dict[str, Any]]:
    customer: Any = stage.rows["User"]
    return {
        "adjustLedger": proposal(customer),
        "grantPromoMoney": {"owner": {"userId": stage.id_of("User")}},
        "createPack": {"periodDays": 30},
        "topUpWallet": {"vendorId": stage.id_of("Vendor"), "amountMinor": 100_00},
        "setPayoutAccount": {"rail": "BANK_FILE", "bankCode": "HDFC0000001"},
        "startPayoutOnboarding": {"rail": "BANK_FILE"},
    }
