"""What shops say in the chat again and again, in English, Hindi, German and Spanish."""

from typing import NamedTuple


class DeskWords(NamedTuple):
    """What is said out of hours, and canned replies by their titles."""

    auto_reply: str
    canned: dict[str, str]


DESKS = {
    "en": DeskWords(
        auto_reply="Thanks for writing! We are closed now and will answer when we open.",
        canned={
            "Directions": "You find us on the map in the app, two minutes from the main road.",
            "Payment": "You can pay in cash, by card, or with your phone.",
            "Thanks": "Thank you, and see you soon!",
            "Voucher at the till": "Show the QR code of your voucher at the till before you pay.",
            "We are checking": "Let me have a look. I will be back with you in a few minutes.",
        },
    ),
    "hi": DeskWords(
        auto_reply="लिखने के लिए धन्यवाद! अभी हम बंद हैं, खुलते ही जवाब देंगे।",
        canned={
            "धन्यवाद": "धन्यवाद, जल्द मिलते हैं!",
            "पता": "ऐप के नक़्शे में हमारी जगह दिखती है, मुख्य सड़क से दो मिनट की दूरी पर।",
            "भुगतान": "आप नक़द, कार्ड या फ़ोन से भुगतान कर सकते हैं।",
            "वाउचर": "भुगतान से पहले काउंटर पर अपने वाउचर का QR कोड दिखाएँ।",
        },
    ),
    "de": DeskWords(
        auto_reply="Danke für Ihre Nachricht! Wir haben gerade geschlossen und antworten bald.",
        canned={
            "Anfahrt": "Sie finden uns auf der Karte in der App, zwei Minuten von der Haltestelle.",
            "Danke": "Vielen Dank und bis bald!",
            "Gutschein": "Zeigen Sie den QR-Code bitte an der Kasse, bevor Sie bezahlen.",
            "Wir sehen nach": "Ich sehe gleich nach und melde mich in ein paar Minuten.",
            "Zahlung": "Bei uns zahlen Sie bar, mit Karte oder mit dem Telefon.",
        },
    ),
    "es": DeskWords(
        auto_reply="¡Gracias por escribir! Ahora estamos cerrados; te respondemos al abrir.",
        canned={
            "Cómo llegar": "Nos ves en el mapa de la aplicación, a dos minutos de la avenida.",
            "Cupón en caja": "Muestra el código QR del cupón en caja antes de pagar.",
            "Gracias": "¡Muchas gracias y hasta pronto!",
            "Pago": "Puedes pagar en efectivo, con tarjeta o con el móvil.",
        },
    ),
}
