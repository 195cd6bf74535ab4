"""The owner's café: its offers as a vendor would write them, in English and Hindi."""

from models.offers.drafts import Discount

NAME = "Two Tumblers Coffee Room"
ABOUT = {
    "en": "South Indian filter coffee, fresh dosas and a long shared table under a rain tree in"
    " Indiranagar. Beans from small farms in Chikkamagaluru, roasted here every Tuesday.",
    "hi": "बेंगलुरु के इंदिरानगर में फ़िल्टर कॉफ़ी, ताज़े डोसे और पेड़ की छाँव में एक लंबी साझा मेज़।"
    " चिक्कमगलूरु के छोटे बाग़ानों की कॉफ़ी, हर मंगलवार यहीं भुनी हुई।",
}
TRY_ME = "Free filter coffee with any breakfast"

LIVE = (
    (
        {"en": TRY_ME, "hi": "किसी भी नाश्ते के साथ फ़िल्टर कॉफ़ी मुफ़्त"},
        Discount(free_item={"en": "Filter coffee", "hi": "फ़िल्टर कॉफ़ी"}),
    ),
    (
        {
            "en": "20% off the whole breakfast menu on weekdays",
            "hi": "सोम से शुक्र पूरे नाश्ते के मेन्यू पर 20% की छूट",
        },
        Discount(percent=20),
    ),
    (
        {
            "en": "Buy one cold coffee, get one free",
            "hi": "एक कोल्ड कॉफ़ी लें, दूसरी मुफ़्त पाएँ",
        },
        Discount(buy=1, get=1),
    ),
    (
        {
            "en": "₹150 off a bag of freshly roasted beans",
            "hi": "ताज़ी भुनी कॉफ़ी बीन्स के पैकेट पर ₹150 की छूट",
        },
        Discount(amount_minor=150_00),
    ),
    (
        {
            "en": "Free banana bread with two cappuccinos",
            "hi": "दो कैपुचीनो के साथ केले की ब्रेड मुफ़्त",
        },
        Discount(free_item={"en": "Slice of banana bread", "hi": "केले की ब्रेड"}),
    ),
    (
        {"en": "First visit: half price on any dosa", "hi": "पहली बार आने पर: हर डोसा आधे दाम में"},
        Discount(percent=50),
    ),
    (
        {
            "en": "Buy five masala chais, the sixth is free",
            "hi": "पाँच मसाला चाय लें, छठी मुफ़्त पाएँ",
        },
        Discount(buy=5, get=1),
    ),
    (
        {"en": "₹100 off lunch for students", "hi": "छात्रों के लिए दोपहर के खाने पर ₹100 की छूट"},
        Discount(amount_minor=100_00),
    ),
)
UPCOMING = (
    {"en": "30% off the home brewing class", "hi": "घर पर कॉफ़ी बनाने की क्लास में 30% की छूट"},
    Discount(percent=30),
)
DRAFTED = (
    {"en": "₹250 off a birthday table for ten", "hi": "दस लोगों की जन्मदिन की मेज़ पर ₹250 की छूट"},
    Discount(amount_minor=250_00),
)
PAUSED = (
    {"en": "25% off the monsoon thali", "hi": "मानसून थाली पर 25% की छूट"},
    Discount(percent=25),
)
OVER = (
    {"en": "Opening week: free masala chai", "hi": "पहला हफ़्ता: मसाला चाय मुफ़्त"},
    Discount(free_item={"en": "Masala chai", "hi": "मसाला चाय"}),
)

DESCRIPTION = {
    "en": "Show the QR code at the counter before you pay. We scan it, and the rest is coffee.",
    "hi": "भुगतान से पहले काउंटर पर क्यूआर कोड दिखाएँ। हम स्कैन करेंगे, बाक़ी सब कॉफ़ी है।",
}
TERMS = {
    "en": "One voucher per table and visit. Not valid with other offers.",
    "hi": "हर मेज़ पर एक बार में एक ही वाउचर। दूसरे ऑफ़र के साथ मान्य नहीं।",
}
