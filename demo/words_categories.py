"""The tree of what vendors do, by indentation: slug, then its name in each language."""

LOCALES = ("en", "hi", "de", "es", "yo", "ha")

TREE = """
food | Food & drink | खाना-पीना | Essen & Trinken | Comida y bebida | Oúnjẹ | Abinci da abin sha
  cafes | Cafés | कैफ़े | Cafés | Cafeterías | Ilé kọfí | Gidajen kofi
  restaurants | Restaurants | रेस्तराँ | Restaurants | Restaurantes | Ilé oúnjẹ | Gidajen abinci
    south-indian | South Indian | दक्षिण भारतीय | Südindisch | Del sur de la India
    north-indian | North Indian | उत्तर भारतीय | Nordindisch | Del norte de la India
    nigerian | Nigerian | नाइजीरियाई | Nigerianisch | Nigeriana | Oúnjẹ ìbílẹ̀ | Abincin gargajiya
    mexican | Mexican | मैक्सिकन | Mexikanisch | Mexicana
    pizza | Pizza | पिज़्ज़ा | Pizza | Pizza
    grills | Grills | ग्रिल | Grill | Parrilla | Súyà | Suya
  bakeries | Bakeries | बेकरी | Bäckereien | Panaderías | Ilé búrẹ́dì | Gidajen burodi
  sweets | Sweets | मिठाइयाँ | Süßwaren | Dulces
  ice-cream | Ice cream | आइसक्रीम | Eis | Helados
  juices | Juices | जूस | Säfte | Jugos
groceries | Groceries | किराना | Lebensmittel | Comestibles | Ọjà oúnjẹ | Kayan masarufi
  organic | Organic shops | ऑर्गेनिक दुकानें | Bioläden | Tiendas ecológicas
  fruit-vegetables | Fruit & vegetables | फल-सब्ज़ी | Obst & Gemüse | Verduras | Èso | Kayan lambu
beauty | Beauty | सौंदर्य | Schönheit | Belleza | Ẹwà | Kwalliya
  hair | Hair salons | हेयर सैलून | Friseure | Peluquerías | Ìṣerun lọ́ṣọ̀ọ́ | Gyaran gashi
  barbers | Barbers | नाई | Barbiere | Barberías | Onígbàjámọ̀ | Masu aski
  nails | Nails | नाखून | Nagelstudios | Uñas
  spas | Spas | स्पा | Wellness | Spas
  cosmetics | Cosmetics | कॉस्मेटिक | Kosmetik | Cosmética | Ohun ìṣaralóge | Kayan kwalliya
health | Health | सेहत | Gesundheit | Salud | Ìlera | Lafiya
  pharmacies | Pharmacies | दवाख़ाने | Apotheken | Farmacias | Ilé oògùn | Shagunan magani
  opticians | Opticians | चश्मे की दुकानें | Optiker | Ópticas
  dentists | Dentists | दाँतों के डॉक्टर | Zahnärzte | Dentistas
fitness | Fitness | फ़िटनेस | Fitness | Bienestar físico | Eré ìdárayá | Motsa jiki
  gyms | Gyms | जिम | Fitnessstudios | Gimnasios | Ilé ìdárayá | Gidajen motsa jiki
  yoga | Yoga | योग | Yoga | Yoga
  climbing | Climbing | क्लाइंबिंग | Klettern | Escalada
fashion | Fashion | फ़ैशन | Mode | Moda | Aṣọ àti ọ̀ṣọ́ | Tufafi da ado
  clothing | Clothing | कपड़े | Kleidung | Ropa | Aṣọ | Tufafi
    women | Women | महिलाएँ | Damen | Mujer
    men | Men | पुरुष | Herren | Hombre
  traditional | Traditional wear | पारंपरिक परिधान | Trachten | Ropa típica | Aṣọ ìbílẹ̀ | Atamfa
  tailors | Tailors | दर्ज़ी | Schneidereien | Sastres | Aránṣọ | Teloli
  shoes | Shoes | जूते | Schuhe | Zapatos | Bàtà | Takalma
  jewellery | Jewellery | गहने | Schmuck | Joyería
home | Home | घर | Wohnen | Hogar | Ilé | Gida
  furniture | Furniture | फ़र्नीचर | Möbel | Muebles | Àga àti tábìlì | Kayan ɗaki
  kitchenware | Kitchenware | रसोई का सामान | Küchenbedarf | Menaje
  plants | Plants | पौधे | Pflanzen | Plantas
electronics | Electronics | इलेक्ट्रॉनिक्स | Elektronik | Electrónica | Ẹ̀rọ | Na'urori
  phones | Phones | फ़ोन | Handys | Teléfonos | Fóònù | Wayoyi
  repairs | Repairs | मरम्मत | Reparatur | Reparaciones | Àtúnṣe | Gyara
services | Services | सेवाएँ | Dienste | Servicios | Iṣẹ́ | Ayyuka
  laundry | Laundry | लॉन्ड्री | Reinigung | Lavandería | Aṣọ fífọ̀ | Wanki
  car-wash | Car wash | कार वॉश | Autowäsche | Lavado de autos | Ọkọ̀ fífọ̀ | Wankin mota
  bicycles | Bicycles | साइकिल | Fahrräder | Bicicletas
  photography | Photography | फ़ोटोग्राफ़ी | Fotografie | Fotografía | Fọ́tò yíyà | Ɗaukar hoto
leisure | Leisure | मनोरंजन | Freizeit | Ocio | Fàájì | Nishaɗi
  cinemas | Cinemas | सिनेमा | Kinos | Cines | Sinimá | Sinima
  bowling | Bowling | बॉलिंग | Bowling | Boliche
  games | Board games | बोर्ड गेम | Brettspiele | Juegos de mesa
learning | Learning | पढ़ाई | Lernen | Aprender | Ẹ̀kọ́ | Ilimi
  languages | Languages | भाषाएँ | Sprachen | Idiomas
  music | Music lessons | संगीत की शिक्षा | Musikunterricht | Clases de música
  computing | Computing | कंप्यूटर | Computer | Computación | Kọ̀ǹpútà | Kwamfuta
pets | Pets | पालतू | Haustiere | Mascotas
  shops | Pet shops | पालतू की दुकानें | Tierbedarf | Tiendas de mascotas
  grooming | Grooming | ग्रूमिंग | Fellpflege | Peluquería canina
gifts | Books & gifts | किताबें, तोहफ़े | Bücher & Geschenke | Libros y regalos | Ìwé àti ẹ̀bùn | Kyauta
  books | Books | किताबें | Bücher | Libros | Ìwé | Littattafai
  flowers | Flowers | फूल | Blumen | Flores
  toys | Toys | खिलौने | Spielzeug | Juguetes
travel | Travel | यात्रा | Reisen | Viajes
  guesthouses | Guesthouses | गेस्ट हाउस | Pensionen | Posadas
  tours | City tours | शहर की सैर | Stadtführungen | Recorridos
"""
