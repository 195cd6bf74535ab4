"""The tabs that GraphiQL opens with."""

import json
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

from core.clock import now

EXAMPLES = Path(__file__).parent / "examples"


def make_tabs(demo: Mapping[str, str]) -> list[dict[str, str]]:
    """Return tabs that run as is, with ids of the demo data."""
    today = now().date()
    variables: Mapping[str, Mapping[str, Any]] = {
        "Browse": {"first": 5, "near": {"latitude": 12.9716, "longitude": 77.5946}},
        "Claim": {"input": {"offerId": demo["offer"], "idempotencyKey": str(uuid4())}},
        "Wallet": {},
        "Redeem": {
            "input": {
                "vendorId": demo["vendor"],
                "code": demo["code"],
                "idempotencyKey": str(uuid4()),
            }
        },
        "Watch": {"vendorId": demo["vendor"]},
        "Pictures": {"vendorId": demo["vendor"]},
        "Categories": {
            "input": {
                "slug": "pets",
                "name": [{"locale": "en", "text": "Pets"}, {"locale": "de", "text": "Haustiere"}],
            }
        },
        "Members": {
            "vendorId": demo["vendor"],
            "input": {"vendorId": demo["vendor"], "email": "new@haat.example", "role": "STAFF"},
        },
        "Near": {
            "where": {
                "near": {"latitude": 12.9716, "longitude": 77.5946, "withinKm": 10},
                "openNow": True,
            },
            "follow": {"vendorId": demo["vendor"]},
        },
        "Products": {
            "where": {"inStock": True, "currency": "INR"},
            "near": {"latitude": 12.9716, "longitude": 77.5946},
            "vendorId": demo["vendor"],
        },
        "Orders": {"where": {}},
        "Board": {
            "vendorId": demo["vendor"],
            "where": {"state": "CONFIRMED"},
            "accept": {"suborderId": ""},
            "ship": {
                "suborderId": "",
                "lines": [{"lineId": "", "quantity": 1}],
                "carrier": "India Post",
                "trackingNumber": "EE123456789IN",
                "idempotencyKey": str(uuid4()),
            },
        },
        "Profile": {
            "vendorId": demo["vendor"],
            "input": {
                "vendorId": demo["vendor"],
                "hours": [{"weekday": 6, "opens": "20:00", "closes": "02:30"}],
            },
            "commission": {"vendorId": demo["vendor"], "bps": 800},
        },
        "Addresses": {
            "input": {
                "country": "IN",
                "recipient": "Customer",
                "streetLines": ["12 MG Road"],
                "city": "Bengaluru",
                "subdivision": "Karnataka",
                "postalCode": "560001",
                "label": "Parents",
                "idempotencyKey": str(uuid4()),
            },
            "default": {"addressId": ""},
            "delete": {"addressId": ""},
        },
        "Cart": {
            "add": {
                "variantId": demo["variant"],
                "quantity": 2,
                "idempotencyKey": str(uuid4()),
            },
            "line": {"variantId": demo["variant"], "quantity": 1},
            "merge": {"lines": [{"variantId": demo["variant"], "quantity": 3}]},
            "token": None,
        },
        "Checkout": {
            "create": {"cartId": None, "currency": "INR"},
            "id": "",
            "address": {
                "checkoutId": "",
                "shipTo": {
                    "address": {
                        "country": "IN",
                        "recipient": "Asha Rao",
                        "streetLines": ["12 MG Road"],
                        "city": "Bengaluru",
                        "subdivision": "Karnataka",
                        "postalCode": "560001",
                    }
                },
            },
            "delivery": {"checkoutId": "", "vendorId": "", "rateId": ""},
            "code": {"checkoutId": "", "code": "WELCOME"},
            "removal": {"checkoutId": "", "promoCodeId": ""},
            "wallet": {"checkoutId": "", "amountMinor": "10000"},
            "discard": {"checkoutId": ""},
        },
        "Packs": {
            "vendorId": demo["vendor"],
            "buy": {
                "vendorId": demo["vendor"],
                "packId": "",
                "idempotencyKey": str(uuid4()),
            },
            "subscribe": {
                "vendorId": demo["vendor"],
                "packId": "",
                "idempotencyKey": str(uuid4()),
            },
            "topUp": {
                "amountMinor": "50000",
                "currency": "INR",
                "provider": "MANUAL",
                "idempotencyKey": str(uuid4()),
            },
        },
        "Payments": {
            "currency": "INR",
            "place": {
                "checkoutId": "",
                "expectedTotalMinor": "0",
                "provider": "STRIPE",
                "idempotencyKey": str(uuid4()),
            },
            "retry": {"orderId": "", "provider": "STRIPE", "idempotencyKey": str(uuid4())},
            "check": {"orderId": ""},
        },
        "Refunds": {
            "vendorId": demo["vendor"],
            "grant": {
                "suborderId": "",
                "amountMinor": "5000",
                "reason": "It arrived a week late.",
                "idempotencyKey": str(uuid4()),
            },
            "wallet": {"refundPartId": "", "idempotencyKey": str(uuid4())},
            "answer": {
                "disputeId": "",
                "explanation": "The parcel was handed over on Monday.",
                "carrier": "India Post",
                "trackingNumber": "EE123456789IN",
                "idempotencyKey": str(uuid4()),
            },
            "settle": {
                "refundPartId": "",
                "reference": "UTR123456789012",
                "idempotencyKey": str(uuid4()),
            },
        },
        "Promos": {
            "vendorId": demo["vendor"],
            "input": {
                "vendorId": demo["vendor"],
                "code": "MONSOON-15",
                "discount": {"percentBps": 1_500},
                "currency": "INR",
                "capacity": 50,
                "idempotencyKey": str(uuid4()),
            },
            "end": {"promoCodeId": ""},
        },
        "Delivery": {
            "vendorId": demo["vendor"],
            "place": {
                "country": "IN",
                "postalCode": "560038",
                "latitude": 12.9784,
                "longitude": 77.6408,
            },
            "input": {
                "vendorId": demo["vendor"],
                "zones": [
                    {
                        "name": "India",
                        "countries": ["IN"],
                        "rates": [
                            {
                                "name": "Parcel",
                                "kind": "WEIGHT",
                                "bands": [{"upTo": 5_000, "priceMinor": 9_900}],
                                "minDays": 2,
                                "maxDays": 6,
                            }
                        ],
                    }
                ],
            },
        },
        "Shipments": {
            "ship": {
                "suborderId": "",
                "lines": [{"lineId": "", "quantity": 1}],
                "carrier": "Haat Post",
                "trackingNumber": "HP-1",
                "idempotencyKey": str(uuid4()),
            },
            "report": {
                "shipmentId": "",
                "state": "OUT_FOR_DELIVERY",
                "at": now().replace(second=0, microsecond=0).isoformat(),
                "place": "Bengaluru",
            },
        },
        "Invoices": {
            "vendorId": demo["vendor"],
            "where": {"vendorId": demo["vendor"]},
            "first": (today - timedelta(days=30)).isoformat(),
            "last": today.isoformat(),
            "send": {"invoiceId": "", "idempotencyKey": str(uuid4())},
        },
        "Files": {
            "link": {"grantId": ""},
            "grantId": "",
            "more": {"grantId": "", "downloads": 3, "idempotencyKey": str(uuid4())},
        },
        "Taxes": {
            "where": {"country": "IN", "on": today.isoformat()},
            "vendorId": demo["vendor"],
            "input": {
                "vendorId": demo["vendor"],
                "country": "IN",
                "kind": "REGULAR",
                "number": "29AAPFU0939F1ZR",
            },
            "rate": {
                "country": "IN",
                "taxClass": "LOW",
                "bps": 300,
                "from": (today + timedelta(days=30)).isoformat(),
                "source": "A notification",
            },
        },
        "Money": {
            "vendorId": demo["vendor"],
            "input": {
                "owner": {"vendorId": demo["vendor"]},
                "debit": "BANK",
                "credit": "WALLET",
                "amountMinor": 100_000,
                "currency": "INR",
                "reason": "Paid in for campaigns",
                "idempotencyKey": str(uuid4()),
            },
            "approval": {"adjustmentId": ""},
        },
        "Payouts": {
            "vendorId": demo["vendor"],
            "account": {
                "vendorId": demo["vendor"],
                "rail": "BANK_FILE",
                "holder": "Corner Cafe",
                "bankCode": "HDFC0001234",
                "accountNumber": "50100012345678",
                "idempotencyKey": str(uuid4()),
            },
            "request": {"vendorId": demo["vendor"], "idempotencyKey": str(uuid4())},
            "file": {"currency": "INR", "idempotencyKey": str(uuid4())},
            "approval": {"payoutFileId": "", "idempotencyKey": str(uuid4())},
        },
        "Books": {
            "period": {
                "from": (today - timedelta(days=30)).isoformat(),
                "until": today.isoformat(),
            },
            "accounts": {"kind": "V_PENDING"},
            "account": "",
        },
        "Account": {
            "deletion": {"confirm": True},
            "token": {"name": "Till", "scopes": ["OFFERS_READ", "REDEMPTIONS_WRITE"]},
        },
        "Factors": {},
        "Users": {
            "search": "Customer",
            "suspension": {"userId": "", "reason": "Vouchers were sold on."},
            "user": {"userId": ""},
            "admin": {"userId": ""},
            "account": {"userId": "", "reason": "They asked for help.", "minutes": 15},
        },
        "Vendors": {"where": {"state": "SUBMITTED"}},
        "Chat": {
            "conversationId": demo["conversation"],
            "message": {
                "conversationId": demo["conversation"],
                "clientMessageId": str(uuid4()),
                "text": "Good morning!",
            },
        },
    }
    return [
        {
            "title": title,
            "query": (EXAMPLES / f"{title.lower()}.graphql").read_text(),
            "variables": json.dumps(values, indent=2),
        }
        for title, values in variables.items()
    ]
