"""What Indian vendors sell.

A trade: category, a typical bill in rupees, the kinds of discount that suit it
(Percent, Amount, Buy-and-get, Free item), how such shops are named. Under it its
wares in English and Hindi; a `+` marks what may come for free.
"""

TRADES = """
food/cafes/ | 320 | PABF | * Coffee Room, * Kaapi House, Café *
  filter coffee | फ़िल्टर कॉफ़ी
  masala chai | मसाला चाय
  cold coffee | कोल्ड कॉफ़ी
  bun maska | बन मस्का
  + butter biscuit | बटर बिस्किट
  + slice of banana bread | केले की ब्रेड
food/restaurants/south-indian/ | 450 | PABF | * Tiffin Room, * Dosa Corner, Hotel * Bhavan
  masala dosa | मसाला डोसा
  idli vada plate | इडली-वड़ा प्लेट
  lemon rice | लेमन राइस
  banana leaf meal | केले के पत्ते की थाली
  + bowl of payasam | पायसम
  + glass of buttermilk | छाछ
food/restaurants/north-indian/ | 600 | PABF | * Dhaba, * Rasoi, * Tandoor
  paneer tikka | पनीर टिक्का
  dal makhani | दाल मखनी
  chole bhature | छोले-भटूरे
  family thali | फ़ैमिली थाली
  + gulab jamun | गुलाब जामुन
  + masala papad | मसाला पापड़
food/sweets/ | 400 | PABF | * Mithai, * Sweets, * Mishthan Bhandar
  kaju katli box | काजू कतली
  besan laddu | बेसन के लड्डू
  rasgulla tin | रसगुल्ला
  festival sweet box | मिठाई का त्योहार डिब्बा
  + packet of namkeen | नमकीन का पैकेट
food/ice-cream/ | 200 | PABF | * Kulfi, * Ice Creams
  malai kulfi | मलाई कुल्फ़ी
  mango sundae | मैंगो संडे
  rose falooda | गुलाब फ़ालूदा
  + extra scoop | एक और स्कूप
food/bakeries/ | 350 | PABF | * Bakery, * Bake House
  plum cake | प्लम केक
  vegetable puff | वेज पफ़
  multigrain loaf | मल्टीग्रेन ब्रेड
  birthday cake | जन्मदिन का केक
  + packet of cookies | कुकीज़ का पैकेट
groceries/organic/ | 800 | PABF | * Organics, * Farm Store
  cold-pressed oil | कोल्ड-प्रेस तेल
  millet pack | मोटे अनाज का पैक
  forest honey | जंगल का शहद
  vegetable basket | सब्ज़ियों की टोकरी
  + cloth bag | कपड़े का थैला
beauty/hair/ | 700 | PAF | * Salon, * Hair Studio
  haircut | हेयरकट
  hair colour | हेयर कलर
  hair spa | हेयर स्पा
  bridal make-up | दुल्हन का मेकअप
  + head massage | सिर की मालिश
beauty/spas/ | 2500 | PAF | * Ayurveda, * Wellness
  Ayurvedic massage | आयुर्वेदिक मालिश
  herbal facial | हर्बल फ़ेशियल
  foot massage | पैरों की मालिश
  + herbal tea | हर्बल चाय
health/dentists/ | 1200 | PAF | * Dental Care, * Smile Clinic
  teeth cleaning | दाँतों की सफ़ाई
  dental check-up | दाँतों की जाँच
  teeth whitening | दाँतों की चमक
  + toothbrush kit | टूथब्रश किट
health/opticians/ | 2000 | PAF | * Opticals, * Eye Wear
  pair of spectacles | चश्मा
  pair of sunglasses | धूप का चश्मा
  contact lens pack | कॉन्टैक्ट लेंस का पैक
  + eye test | आँखों की जाँच
fitness/yoga/ | 1500 | PAF | * Yoga Shala, * Yoga
  monthly yoga pass | महीने का योग पास
  morning yoga class | सुबह की योग क्लास
  meditation course | ध्यान का कोर्स
  + trial class | ट्रायल क्लास
fitness/gyms/ | 2500 | PAF | * Fitness, * Strength Club
  monthly gym pass | महीने का जिम पास
  personal training | पर्सनल ट्रेनिंग
  yearly membership | साल भर की सदस्यता
  + diet plan | डाइट प्लान
fashion/clothing/women/ | 1800 | PABF | * Boutique, * Handlooms
  cotton kurta | सूती कुर्ता
  block-print dress | ब्लॉक प्रिंट ड्रेस
  embroidered dupatta | कढ़ाई वाला दुपट्टा
  + set of bangles | चूड़ियों का सेट
fashion/traditional/ | 4000 | PAF | * Silks, * Sarees
  silk saree | रेशमी साड़ी
  handloom saree | हथकरघा साड़ी
  wedding sherwani | शादी की शेरवानी
  + blouse stitching | ब्लाउज़ की सिलाई
fashion/jewellery/ | 5000 | PAF | * Jewels, * Silver House
  silver anklet | चाँदी की पायल
  pair of jhumkas | झुमके
  pearl necklace | मोतियों का हार
  + jewellery polish | गहनों की पॉलिश
home/kitchenware/ | 1200 | PABF | * Vessels, * Kitchen Store
  brass lamp | पीतल का दीया
  copper bottle | ताँबे की बोतल
  steel tiffin box | स्टील का टिफ़िन
  + spice box | मसालादानी
home/plants/ | 300 | PABF | * Nursery, * Greens
  money plant | मनी प्लांट
  tulsi plant | तुलसी का पौधा
  terracotta pot | टेराकोटा गमला
  + bag of compost | खाद का पैकेट
electronics/phones/ | 6000 | PAF | * Mobiles, * Phone Point
  pair of earphones | ईयरफ़ोन
  power bank | पावर बैंक
  smart watch | स्मार्ट वॉच
  + screen guard | स्क्रीन गार्ड
services/laundry/ | 400 | PABF | * Laundry, * Dry Cleaners
  dry cleaning | ड्राई क्लीनिंग
  steam ironing | स्टीम प्रेस
  curtain wash | पर्दों की धुलाई
  + home pick-up | घर से पिकअप
learning/music/ | 2000 | PAF | * Sangeet School, * Music Room
  tabla course | तबला कोर्स
  sitar lesson | सितार की क्लास
  singing lesson | गायन की क्लास
  + practice notebook | अभ्यास की कॉपी
gifts/books/ | 500 | PABF | * Books, * Book Corner
  story book | कहानियों की किताब
  Hindi novel | हिंदी उपन्यास
  exam guide | परीक्षा गाइड
  + bookmark | बुकमार्क
travel/tours/ | 1500 | PAF | * Walks, * Trails
  old city walk | पुराने शहर की सैर
  street food walk | स्ट्रीट फ़ूड वॉक
  sunrise cycle tour | सूर्योदय साइकिल टूर
  + route map | रास्ते का नक़्शा
"""
