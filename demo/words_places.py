"""Cities and their neighbourhoods.

A city: name, country, languages beside the vendor's own, time zone, its name in
other languages, words that its shops like to be called by. Under it: postal
code, latitude, longitude and name of each neighbourhood.
"""

PLACES = """
Bengaluru | IN | hi | Asia/Kolkata | hi=बेंगलुरु | Kaveri, Garden City, Lalbagh Lane
  560038 12.9784 77.6408 Indiranagar
  560034 12.9352 77.6245 Koramangala
  560011 12.9299 77.5826 Jayanagar
  560003 13.0031 77.5643 Malleshwaram
  560102 12.9116 77.6389 HSR Layout
  560066 12.9698 77.7500 Whitefield
Mumbai | IN | hi | Asia/Kolkata | hi=मुंबई | Sea Breeze, Seven Islands, Monsoon Lane
  400050 19.0596 72.8295 Bandra West
  400058 19.1197 72.8464 Andheri West
  400028 19.0213 72.8424 Dadar West
  400005 18.9067 72.8147 Colaba
  400076 19.1176 72.9060 Powai
Delhi | IN | hi | Asia/Kolkata | hi=दिल्ली | Chandni, Old Haveli, Yamuna
  110001 28.6315 77.2167 Connaught Place
  110016 28.5494 77.2001 Hauz Khas
  110024 28.5677 77.2433 Lajpat Nagar
  110005 28.6514 77.1907 Karol Bagh
  110075 28.5921 77.0460 Dwarka
Hyderabad | IN | hi | Asia/Kolkata | hi=हैदराबाद | Pearl City, Deccan, Golconda Lane
  500034 17.4156 78.4347 Banjara Hills
  500016 17.4440 78.4627 Begumpet
  500032 17.4401 78.3489 Gachibowli
  500002 17.3616 78.4747 Charminar
  500072 17.4948 78.3996 Kukatpally
Chennai | IN | hi | Asia/Kolkata | hi=चेन्नई | Marina, Temple Tank, Malligai
  600017 13.0418 80.2341 T. Nagar
  600004 13.0368 80.2676 Mylapore
  600020 13.0012 80.2565 Adyar
  600040 13.0850 80.2101 Anna Nagar
Pune | IN | hi | Asia/Kolkata | hi=पुणे | Sahyadri, Mutha, Old Wada
  411001 18.5362 73.8940 Koregaon Park
  411038 18.5074 73.8077 Kothrud
  411014 18.5679 73.9143 Viman Nagar
  411005 18.5308 73.8475 Shivajinagar
  411007 18.5580 73.8075 Aundh
Jaipur | IN | hi | Asia/Kolkata | hi=जयपुर | Gulabi, Jharokha, Pink Lane
  302001 26.9100 75.7960 C Scheme
  302017 26.8530 75.8047 Malviya Nagar
  302021 26.9110 75.7430 Vaishali Nagar
  302003 26.9200 75.8270 Johari Bazaar
Lagos | NG | yo pcm | Africa/Lagos | yo=Èkó | Lagoon, Eko Breeze, Third Bridge
  100271 6.6018 3.3515 Ikeja
  101283 6.5000 3.3540 Surulere
  101245 6.5095 3.3711 Yaba
  101241 6.4281 3.4219 Victoria Island
  101233 6.4520 3.4350 Ikoyi
  105102 6.4410 3.4780 Lekki
Abuja | NG | ha pcm | Africa/Lagos | | Zuma View, Aso Garden, Capital
  900241 9.0330 7.4890 Garki
  900288 9.0750 7.4690 Wuse
  900271 9.0880 7.4990 Maitama
  900231 9.0400 7.5250 Asokoro
  900108 9.1090 7.4020 Gwarinpa
Kano | NG | ha | Africa/Lagos | | Albarka, Dala Hill, Sahel
  700282 12.0050 8.5550 Nassarawa
  700233 11.9760 8.5530 Tarauni
  700241 12.0130 8.5350 Sabon Gari
  700101 11.9650 8.5370 Zoo Road
Ibadan | NG | yo | Africa/Lagos | yo=Ìbàdàn | Seven Hills, Brown Roof, Oluyole
  200221 7.4350 3.9140 Bodija
  200285 7.4060 3.9150 Agodi
  200132 7.4280 3.8890 Sango
  200258 7.3400 3.8900 Olomi
Enugu | NG | ig | Africa/Lagos | | Coal City, Udi Hills, Mama Nkechi
  400102 6.4290 7.5150 Independence Layout
  400103 6.4790 7.5170 Abakpa
  400105 6.4250 7.4880 Uwani
  400108 6.4150 7.5450 Ugwuaji
Port Harcourt | NG | pcm ig | Africa/Lagos | | Garden City, Creekside, Bonny
  500101 4.8050 7.0020 D-Line
  500102 4.8330 7.0100 Rumuola
  500272 4.8470 6.9760 Mgbuoba
  500001 4.7870 7.0080 Old GRA
Austin | US | es | America/Chicago | | Bluebonnet, Barton, Live Oak
  78701 30.2711 -97.7437 Downtown
  78702 30.2630 -97.7140 East Austin
  78704 30.2440 -97.7650 South Congress
  78751 30.3100 -97.7240 Hyde Park
  78723 30.3060 -97.6860 Mueller
Chicago | US | es | America/Chicago | | Prairie, Lakefront, Brick & Beam
  60647 41.9210 -87.7020 Logan Square
  60622 41.9020 -87.6780 Wicker Park
  60608 41.8520 -87.6700 Pilsen
  60614 41.9220 -87.6530 Lincoln Park
  60640 41.9720 -87.6630 Andersonville
Los Angeles | US | es | America/Los_Angeles | | Canyon, Jacaranda, Sunset Row
  90026 34.0780 -118.2610 Echo Park
  90042 34.1150 -118.1920 Highland Park
  90291 33.9940 -118.4650 Venice
  90005 34.0590 -118.3090 Koreatown
  90033 34.0480 -118.2110 Boyle Heights
Miami | US | es | America/New_York | | Biscayne, Coral, Mangrove
  33135 25.7660 -80.2320 Little Havana
  33127 25.8130 -80.2050 Wynwood
  33133 25.7290 -80.2420 Coconut Grove
  33131 25.7660 -80.1920 Brickell
New York | US | es | America/New_York | es=Nueva York | Brownstone, Stoop, Ferry Slip
  11215 40.6690 -73.9860 Park Slope
  11103 40.7620 -73.9130 Astoria
  10027 40.8110 -73.9530 Harlem
  10009 40.7265 -73.9790 East Village
  11372 40.7520 -73.8840 Jackson Heights
Berlin | DE | en | Europe/Berlin | | Kiezglück, Panke, Landwehr
  10999 52.4990 13.4250 Kreuzberg
  12043 52.4810 13.4330 Neukölln
  10405 52.5340 13.4250 Prenzlauer Berg
  10623 52.5070 13.3230 Charlottenburg
  10245 52.5060 13.4580 Friedrichshain
Hamburg | DE | en | Europe/Berlin | | Alster, Elbblick, Fleet
  20359 53.5530 9.9630 St. Pauli
  22765 53.5530 9.9320 Ottensen
  20259 53.5730 9.9540 Eimsbüttel
  22303 53.5900 10.0150 Winterhude
München | DE | en | Europe/Berlin | en=Munich | Isar, Auwiese, Alpenblick
  80801 48.1570 11.5780 Schwabing
  81667 48.1310 11.5970 Haidhausen
  81371 48.1190 11.5500 Sendling
  80634 48.1500 11.5400 Neuhausen
Köln | DE | en | Europe/Berlin | en=Cologne | Rheinufer, Veedel, Severin
  50823 50.9510 6.9190 Ehrenfeld
  50733 50.9640 6.9540 Nippes
  50679 50.9370 6.9760 Deutz
  50931 50.9300 6.9250 Lindenthal
Leipzig | DE | en | Europe/Berlin | | Auwald, Kanal, Passage
  04229 51.3270 12.3300 Plagwitz
  04277 51.3080 12.3750 Connewitz
  04155 51.3600 12.3640 Gohlis
  04317 51.3350 12.4020 Reudnitz
"""
