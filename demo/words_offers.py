"""How offers read in English, Hindi, German and Spanish, and with them every language."""

from demo.phrases import Phrases
from demo.words_offers_nigeria import PHRASES as NIGERIA

PHRASES = NIGERIA | {
    "en": Phrases(
        percent="{percent}% off your {ware}",
        amount="{money} off your {ware}",
        buy_get="Buy {buy}, get {get} free: {ware}",
        free_item="Free {gift} with your {ware}",
        about="{first}, {second} and more in {area}, {city}, since {year}.",
        moments=(
            "weekday mornings",
            "happy hour",
            "first visit",
            "for students",
            "on Sundays",
            "for neighbours",
            "in the evening",
            "for families",
        ),
        openings=(
            "Half of {area} comes to us for this: {ware}.",
            "A small thank-you from {vendor} to everybody in {area}.",
            "Stop by {vendor} in {area} and see for yourself.",
        ),
        uses=(
            "Show the QR code at the till before you pay.",
            "Claim the voucher now and use it whenever the offer runs.",
            "Our team scans your code at the counter.",
        ),
        terms=(
            "One voucher per visit. Not valid with other offers.",
            "While stocks last. No cash value.",
            "Please tell us before you order. Prices include tax.",
        ),
    ),
    "hi": Phrases(
        percent="{ware}: {percent}% की छूट",
        amount="{ware}: {money} की छूट",
        buy_get="{buy} खरीदें, {get} मुफ़्त पाएँ: {ware}",
        free_item="{ware} लें, {gift} मुफ़्त पाएँ",
        about="{first}, {second} और बहुत कुछ: {city} में आपकी अपनी जगह, {year} से।",
        moments=(
            "सोम से शुक्र, सुबह",
            "हैप्पी आवर",
            "पहली बार आने पर",
            "छात्रों के लिए",
            "रविवार को",
            "पड़ोसियों के लिए",
            "शाम को",
            "परिवार के लिए",
        ),
        openings=(
            "{ware}: {vendor} की ख़ास पेशकश।",
            "{city} में {vendor} की ओर से एक छोटा-सा धन्यवाद।",
            "{city} में {vendor} आइए और ख़ुद देखिए।",
        ),
        uses=(
            "भुगतान से पहले काउंटर पर क्यूआर कोड दिखाएँ।",
            "वाउचर अभी लें और ऑफ़र के दौरान कभी भी इस्तेमाल करें।",
            "काउंटर पर हमारी टीम आपका कोड स्कैन कर लेगी।",
        ),
        terms=(
            "एक बार में एक ही वाउचर। दूसरे ऑफ़र के साथ मान्य नहीं।",
            "स्टॉक रहने तक। नकद में नहीं बदला जा सकता।",
            "कृपया ऑर्डर से पहले बताएँ। कीमतों में कर शामिल है।",
        ),
    ),
    "de": Phrases(
        percent="{ware}: {percent} % Rabatt",
        amount="{ware}: {money} Rabatt",
        buy_get="{buy} kaufen, {get} gratis dazu: {ware}",
        free_item="{ware}, dazu {gift} gratis",
        about="{first}, {second} und mehr: seit {year} in {city}-{area} zu Hause.",
        moments=(
            "werktags am Morgen",
            "Happy Hour",
            "beim ersten Besuch",
            "für Studierende",
            "sonntags",
            "für die Nachbarschaft",
            "am Abend",
            "für Familien",
        ),
        openings=(
            "{ware}: dafür kommt halb {area} zu uns.",
            "{vendor} sagt Danke an alle in {area}.",
            "Schau bei {vendor} in {area} vorbei.",
        ),
        uses=(
            "Zeig den QR-Code an der Kasse, bevor du bezahlst.",
            "Gutschein jetzt sichern und im Aktionszeitraum einlösen.",
            "Unser Team scannt deinen Code am Tresen.",
        ),
        terms=(
            "Ein Gutschein pro Besuch. Nicht mit anderen Aktionen kombinierbar.",
            "Solange der Vorrat reicht. Keine Barauszahlung.",
            "Bitte vor der Bestellung vorzeigen. Preise inklusive Mehrwertsteuer.",
        ),
    ),
    "es": Phrases(
        percent="{percent} % de descuento en {ware}",
        amount="{money} de descuento en {ware}",
        buy_get="Compra {buy} y llévate {get} gratis: {ware}",
        free_item="{ware} con {gift} gratis",
        about="{first}, {second} y mucho más en {area}, {city}, desde {year}.",
        moments=(
            "mañanas entre semana",
            "hora feliz",
            "primera visita",
            "para estudiantes",
            "los domingos",
            "para vecinos",
            "por la tarde",
            "para familias",
        ),
        openings=(
            "En {area} nos conocen por esto: {ware}.",
            "Un gracias de {vendor} a toda la gente de {area}.",
            "Pasa por {vendor}, en {area}, y compruébalo.",
        ),
        uses=(
            "Muestra el código QR en la caja antes de pagar.",
            "Pide el cupón ahora y úsalo mientras dure la oferta.",
            "Nuestro equipo escanea tu código en el mostrador.",
        ),
        terms=(
            "Un cupón por visita. No se combina con otras ofertas.",
            "Hasta agotar existencias. No se cambia por dinero.",
            "Avísanos antes de pedir. Precios con impuestos incluidos.",
        ),
    ),
}
