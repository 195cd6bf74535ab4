"""How offers read in Nigerian Pidgin, Yoruba, Hausa and Igbo."""

from demo.phrases import Phrases

PHRASES = {
    "pcm": Phrases(
        percent="{percent}% commot for {ware}",
        amount="{money} commot for {ware}",
        buy_get="Buy {buy}, collect {get} free: {ware}",
        free_item="Buy {ware}, collect {gift} free",
        about="{first}, {second} and plenty more for {area}, {city}, since {year}.",
        moments=(
            "weekday morning",
            "happy hour",
            "first time customer",
            "for students",
            "every Sunday",
            "for our neighbours",
            "for evening",
            "for family",
        ),
        openings=(
            "Everybody for {area} sabi our {ware}. Come join them.",
            "{vendor} dey tell everybody for {area} thank you.",
            "Waka come {vendor} for {area}, make you see am.",
        ),
        uses=(
            "Show the QR code for counter before you pay.",
            "Collect the voucher now, use am anytime wey the offer still dey.",
            "Our people go scan your code sharp sharp.",
        ),
        terms=(
            "One voucher for one visit. E no join with other offer.",
            "Till e finish. We no dey give cash for am.",
            "Abeg tell us before you order. Tax dey inside the price.",
        ),
    ),
    "yo": Phrases(
        percent="Ẹ̀dínwó {percent}% lórí {ware}",
        amount="Ẹ̀dínwó {money} lórí {ware}",
        buy_get="Ra {buy}, gba {get} lọ́fẹ̀ẹ́: {ware}",
        free_item="Ra {ware}, gba {gift} lọ́fẹ̀ẹ́",
        about="{first}, {second} àti bẹ́ẹ̀ bẹ́ẹ̀ lọ ní {area}, {city}, láti ọdún {year}.",
        moments=(
            "òwúrọ̀ ọjọ́ iṣẹ́",
            "wákàtí ayọ̀",
            "ìgbà àkọ́kọ́",
            "fún àwọn akẹ́kọ̀ọ́",
            "ọjọ́ Àìkú",
            "fún àwọn aládùúgbò",
            "ní ìrọ̀lẹ́",
            "fún ẹbí",
        ),
        openings=(
            "{ware} ni wọ́n fi mọ̀ wá ní {area}.",
            "{vendor} dúpẹ́ lọ́wọ́ gbogbo ará {area}.",
            "Ẹ wá sí {vendor} ní {area}, kí ẹ fojú ara yín rí i.",
        ),
        uses=(
            "Ẹ fi kóòdù QR hàn kí ẹ tó sanwó.",
            "Ẹ gba ìwé ẹ̀dínwó náà báyìí, kí ẹ lò ó kí àkókò tó parí.",
            "Àwọn òṣìṣẹ́ wa yóò yẹ kóòdù yín wò.",
        ),
        terms=(
            "Ìwé ẹ̀dínwó kan fún ìbẹ̀wò kan. A kò lè lò ó pẹ̀lú ẹ̀dínwó mìíràn.",
            "Títí ọjà yóò fi tán. A kì í fi owó dípò rẹ̀.",
            "Ẹ jọ̀wọ́, ẹ sọ fún wa kí ẹ tó rà á. Owó orí wà nínú iye náà.",
        ),
    ),
    "ha": Phrases(
        percent="Ragin kashi {percent}% a kan {ware}",
        amount="Ragin {money} a kan {ware}",
        buy_get="Sayi {buy}, sami {get} kyauta: {ware}",
        free_item="Sayi {ware}, sami {gift} kyauta",
        about="{first}, {second} da sauransu a {area}, {city}, tun {year}.",
        moments=(
            "safiyar ranar aiki",
            "lokacin farin ciki",
            "zuwan farko",
            "don ɗalibai",
            "ranar Lahadi",
            "don maƙwabta",
            "da yamma",
            "don iyali",
        ),
        openings=(
            "{ware}: da wannan aka san mu a {area}.",
            "{vendor} na yi wa mutanen {area} godiya.",
            "Ku zo {vendor} a {area}, ku gani da kanku.",
        ),
        uses=(
            "Ku nuna lambar QR kafin ku biya.",
            "Ku karɓi takardar rangwame yanzu, ku yi amfani da ita kafin lokaci ya ƙare.",
            "Ma'aikatanmu za su duba lambarku.",
        ),
        terms=(
            "Takarda ɗaya a kowane zuwa. Ba a haɗa ta da wani ragi.",
            "Sai kaya sun ƙare. Ba a ba da kuɗi a madadinta.",
            "Don Allah ku faɗa mana kafin ku saya. Akwai haraji a cikin farashi.",
        ),
    ),
    "ig": Phrases(
        percent="Mbelata {percent}% na {ware}",
        amount="Mbelata {money} na {ware}",
        buy_get="Zụta {buy}, nweta {get} n'efu: {ware}",
        free_item="Zụta {ware}, nweta {gift} n'efu",
        about="{first}, {second} na ndị ọzọ na {area}, {city}, kemgbe {year}.",
        moments=(
            "ụtụtụ ụbọchị ọrụ",
            "oge obi ụtọ",
            "nleta mbụ",
            "maka ụmụ akwụkwọ",
            "ụbọchị Ụka",
            "maka ndị agbata obi",
            "na mgbede",
            "maka ezinụlọ",
        ),
        openings=(
            "{ware} bụ ihe e ji mara anyị na {area}.",
            "{vendor} na-ekele ndị {area} niile.",
            "Bịa {vendor} na {area} ka ị hụ n'onwe gị.",
        ),
        uses=(
            "Gosi koodu QR tupu ị kwụọ ụgwọ.",
            "Nara vọcha ugbu a, jiri ya tupu oge agwụ.",
            "Ndị ọrụ anyị ga-elele koodu gị.",
        ),
        terms=(
            "Otu vọcha maka otu nleta. A naghị ejikọ ya na mbelata ọzọ.",
            "Ruo mgbe ngwá ahịa gwụrụ. A naghị eji ya agbanwe ego.",
            "Biko gwa anyị tupu ị zụọ. Ụtụ isi dị n'ọnụ ahịa.",
        ),
    ),
}
