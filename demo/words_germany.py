"""What German vendors sell: in German and English; bills in euros."""

TRADES = """
food/bakeries/ | 12 | PABF | Bäckerei *, * Backstube, Backhaus *
  Roggenbrot | rye loaf
  Butterbrezel | butter pretzel
  Tüte mit zehn Brötchen | bag of ten rolls
  Zimtschnecke | cinnamon bun
  + Filterkaffee | filter coffee
  + Vollkornbrötchen | wholegrain roll
food/cafes/ | 14 | PABF | Café *, * Kaffeerösterei
  Frühstück für zwei | breakfast for two
  Cappuccino | cappuccino
  Apfelkuchen | apple cake
  Käsekuchen | cheesecake
  + Butterkeks | butter biscuit
food/restaurants/pizza/ | 22 | PABF | Pizzeria *, * Steinofen
  Pizza Margherita | margherita
  Familienpizza | family pizza
  Mittagsmenü | lunch menu
  + Tiramisu | tiramisu
food/restaurants/grills/ | 18 | PABF | * Grillhaus, Imbiss *
  Dönerteller | doner plate
  Grillteller für zwei | grill plate for two
  Falafel im Brot | falafel wrap
  + Ayran | ayran
food/ice-cream/ | 7 | PABF | Eisdiele *, Eiscafé *
  Spaghettieis | spaghetti ice cream
  Eisbecher mit Früchten | fruit sundae
  Familienpackung Eis | family box of ice cream
  + Waffel | waffle
groceries/organic/ | 30 | PABF | Bioladen *, * Naturkost
  Gemüsekiste | vegetable box
  Honig vom Imker | local honey
  Käse vom Hof | farm cheese
  + Stoffbeutel | cotton bag
beauty/hair/ | 45 | PAF | Friseur *, Salon *, * Haarwerk
  Haarschnitt | haircut
  Farbe und Strähnen | colour and highlights
  Kinderhaarschnitt | children's haircut
  + Kopfmassage | head massage
health/opticians/ | 120 | PAF | Optik *, * Brillenwerkstatt
  Gleitsichtbrille | pair of varifocals
  Sonnenbrille | pair of sunglasses
  Kontaktlinsen | set of contact lenses
  + Sehtest | eye test
health/pharmacies/ | 25 | PAF | * Apotheke, Apotheke *
  Handcreme | hand cream
  Erkältungstee | herbal tea
  Reiseapotheke | travel first aid kit
  + Blutdruckmessung | blood pressure check
fitness/climbing/ | 18 | PABF | Boulderhalle *, Kletterhalle *
  Tageskarte Bouldern | bouldering day pass
  Schnupperkurs Klettern | beginners' climbing course
  Zehnerkarte | ten-visit card
  + Kletterschuhe zum Leihen | shoe hire
fitness/yoga/ | 75 | PAF | Yoga *, Yogaraum *
  Monatskarte Yoga | monthly yoga pass
  Einsteigerkurs | beginners' course
  Rückenkurs | back care course
  + Matte zum Leihen | mat hire
fashion/shoes/ | 90 | PAF | Schuhhaus *, * Schuhe
  Wanderschuhe | pair of hiking boots
  Kinderschuhe | pair of children's shoes
  Hausschuhe aus Filz | pair of felt slippers
  + Schuhcreme | shoe cream
home/furniture/ | 280 | PAF | Möbelwerkstatt *, Holzwerk *
  Massivholztisch | solid wood table
  Bücherregal | bookshelf
  Küchenstuhl | kitchen chair
  + Lieferung | delivery
home/plants/ | 25 | PABF | Gärtnerei *, Pflanzenladen *
  Zimmerpflanze | house plant
  Balkonkasten | balcony planter
  Kräutertopf | pot of herbs
  + Blumenerde | bag of soil
services/bicycles/ | 70 | PAF | Fahrrad *, Radwerkstatt *
  Fahrradinspektion | bicycle service
  Lastenrad zum Leihen | cargo bike hire
  Satz Reifen | set of tyres
  + Fahrradklingel | bicycle bell
services/laundry/ | 20 | PABF | Reinigung *, * Waschsalon
  Hemdenservice | shirt service
  Mantelreinigung | coat cleaning
  Bettwäsche | bed linen wash
  + Abholung | pick-up
leisure/cinemas/ | 11 | PABF | Kino *, * Lichtspiele
  Kinokarte | cinema ticket
  Familienkarte | family ticket
  Matinee am Sonntag | Sunday matinee
  + Popcorn | popcorn
leisure/games/ | 15 | PABF | Spielecafé *, Spieleladen *
  Brettspiel | board game
  Spieleabend für vier | games night for four
  Kartenspiel | card game
  + Limonade | lemonade
learning/languages/ | 160 | PAF | Sprachschule *, * Sprachkurse
  Deutschkurs am Abend | evening German course
  Englischkurs | English course
  Gesprächsstunde Spanisch | Spanish conversation hour
  + Einstufungstest | placement test
pets/shops/ | 35 | PABF | Tierbedarf *, * Futterladen
  Hundefutter | bag of dog food
  Kratzbaum | scratching post
  Katzenstreu | bag of cat litter
  + Leckerli | bag of treats
gifts/books/ | 20 | PABF | Buchhandlung *, Antiquariat *
  Kriminalroman | crime novel
  Bilderbuch | picture book
  Gedichtband | poetry collection
  + Lesezeichen | bookmark
gifts/flowers/ | 28 | PABF | Blumen *, Blumenladen *
  Blumenstrauß | bouquet
  Tulpen im Bund | bunch of tulips
  Trockenblumenkranz | dried flower wreath
  + Grußkarte | greeting card
gifts/toys/ | 32 | PABF | Spielwaren *, * Kinderladen
  Holzeisenbahn | wooden train set
  Puzzle | jigsaw puzzle
  Kuscheltier | soft toy
  + Geschenkpapier | gift wrapping
travel/guesthouses/ | 95 | PAF | Pension *, Gästehaus *
  Übernachtung für zwei | night for two
  Wochenende im Doppelzimmer | weekend in a double room
  Einzelzimmer | single room
  + Frühstück | breakfast
"""
