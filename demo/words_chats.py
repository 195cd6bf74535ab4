"""What customers and shops say to each other, in English, Hindi, German and Spanish.

A line that begins with `>` is the shop's, one with `*` shows an offer of its own.
"""

from typing import NamedTuple


class ChatWords(NamedTuple):
    """Talks about vouchers, about offers that aren't claimed yet, and about anything."""

    vouchers: tuple[str, ...]
    offers: tuple[str, ...]
    anything: tuple[str, ...]


CHATS = {
    "en": ChatWords(
        vouchers=(
            """Hello! Can I use this voucher on Sunday too?
            > Yes, every day of the week until closing time.
            Perfect. Do I have to book?
            > No need, just come by. Mornings are the quietest.
            Great, see you on Sunday then 🙂""",
            """I showed the QR code but my screen is cracked. Is the short code enough?
            > It is. Read it out at the till, we type it in.
            Thank you, that saves me.""",
            """> Hello! Your voucher ends soon, so we wanted to remind you.
            Oh, thanks. I had forgotten it completely.
            > We are here until eight tonight and all day tomorrow.
            Tomorrow after work, then.""",
            """Can two people share one voucher?
            > One voucher per table, but the second person can claim one of their own.
            * Here it is, for whoever comes with you.
            Got it, thanks!""",
            """Is there parking near you?
            > Behind the house, and it is free after six.
            Lovely. We are four, is that all right?
            > Of course. I keep a place for you.""",
        ),
        offers=(
            """Is this still on? The app says only a few are left.
            > It is, but they are going fast today.
            Then I take one right now.""",
            """Does this count for children as well?
            > It does, and the little ones get a drink on the house.
            How nice! We will come at the weekend.
            > We look forward to it.""",
            """Can I put this together with another voucher?
            > Not both at once, I am afraid. One for each visit.
            Understood, thanks for the quick answer.""",
        ),
        anything=(
            """Do you have anything without milk?
            > Quite a lot. Oats, almonds, coconut, as you like.
            * And this is on all week.
            That sounds good, I will try it.""",
            """I think I left my umbrella with you yesterday. It is dark blue.
            > We have three umbrellas here, one of them is dark blue!
            That must be it. I will pick it up tonight.
            > It waits behind the counter.""",
            """Are you open on the holiday?
            > From ten to four, a short day.""",
        ),
    ),
    "hi": ChatWords(
        vouchers=(
            """नमस्ते! क्या यह वाउचर रविवार को भी चलेगा?
            > जी हाँ, हफ़्ते के हर दिन, बंद होने तक।
            बढ़िया। क्या पहले से बताना होगा?
            > ज़रूरत नहीं, बस आ जाइए। सुबह भीड़ कम रहती है।
            ठीक है, रविवार को मिलते हैं 🙂""",
            """मेरे फ़ोन की स्क्रीन टूटी है, QR कोड नहीं दिखता। क्या छोटा कोड चलेगा?
            > चलेगा। काउंटर पर बोल दीजिए, हम लिख लेंगे।
            धन्यवाद!""",
            """> नमस्ते! आपका वाउचर जल्द ख़त्म होने वाला है, इसलिए याद दिला रहे हैं।
            अरे, ध्यान ही नहीं रहा!
            > आज रात आठ बजे तक और कल पूरे दिन हम यहीं हैं।
            तो कल शाम को मिलते हैं।""",
        ),
        offers=(
            """क्या यह ऑफ़र अभी भी है?
            > है, पर आज जल्दी ख़त्म हो रहा है।
            तो अभी ले लेते हैं।""",
            """क्या बच्चों के लिए भी है?
            > जी, और छोटों को एक शरबत हमारी ओर से।
            बहुत अच्छा! शनिवार को आएँगे।""",
        ),
        anything=(
            """क्या त्योहार के दिन खुला रहेगा?
            > सुबह दस से शाम चार बजे तक।
            ठीक है, धन्यवाद।""",
            """कल मेरा छाता वहीं रह गया था, नीले रंग का।
            > मिल गया! काउंटर के पीछे रखा है।
            बहुत धन्यवाद, आज शाम को मिलते हैं।""",
        ),
    ),
    "de": ChatWords(
        vouchers=(
            """Hallo! Gilt der Gutschein auch am Sonntag?
            > Ja, jeden Tag, bis wir schließen.
            Prima. Muss ich vorher reservieren?
            > Nein, kommen Sie einfach vorbei. Vormittags ist es am ruhigsten.
            Dann bis Sonntag 🙂""",
            """Mein Display ist gesprungen. Reicht an der Kasse auch der kurze Code?
            > Der reicht. Sagen Sie ihn uns, wir tippen ihn ein.
            Danke, das rettet mich.""",
            """> Guten Tag! Ihr Gutschein läuft bald ab, wir wollten Sie daran erinnern.
            Oh, den hatte ich ganz vergessen.
            > Heute sind wir bis acht da und morgen den ganzen Tag.
            Dann morgen nach der Arbeit.""",
        ),
        offers=(
            """Gibt es das noch? In der App sind nur noch wenige übrig.
            > Ja, aber heute gehen sie schnell weg.
            Dann nehme ich gleich einen.""",
            """Kann ich das mit einem anderen Gutschein verbinden?
            > Leider nicht beide auf einmal. Einer je Besuch.
            Verstanden, danke für die schnelle Antwort.""",
        ),
        anything=(
            """Haben Sie auch etwas ohne Milch?
            > Eine Menge. Hafer, Mandel, Kokos, wie Sie mögen.
            * Und das hier gibt es die ganze Woche.
            Klingt gut, das probiere ich.""",
            """Haben Sie am Feiertag geöffnet?
            > Von zehn bis sechzehn Uhr.""",
        ),
    ),
    "es": ChatWords(
        vouchers=(
            """¡Hola! ¿Este cupón vale también el domingo?
            > Sí, todos los días hasta la hora de cerrar.
            Perfecto. ¿Hay que reservar?
            > No hace falta, pase cuando quiera. Por la mañana hay menos gente.
            Pues hasta el domingo 🙂""",
            """> ¡Hola! Su cupón caduca pronto y queríamos recordárselo.
            Gracias, lo había olvidado por completo.
            > Hoy estamos hasta las ocho y mañana todo el día.
            Entonces mañana, después del trabajo.""",
        ),
        offers=(
            """¿Esto sigue disponible? En la aplicación quedan pocos.
            > Sí, pero hoy vuelan.
            Entonces me llevo uno ahora mismo.""",
        ),
        anything=(
            """¿Abren el día festivo?
            > De diez a cuatro, un día corto.
            Gracias, allí estaremos.""",
        ),
    ),
}
