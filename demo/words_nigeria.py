"""What Nigerian vendors sell: in English, Pidgin, Yoruba, Hausa, Igbo; bills in naira."""

TRADES = """
food/restaurants/nigerian/ | 4000 | PABF | * Kitchen, * Buka, * Canteen
  jollof rice | jollof rice | ìrẹsì jọ́lọ́ọ̀fù | shinkafa dafa-duka | osikapa jolọf
  pounded yam | poundo | iyán | sakwara | nri ji
  moi moi | moi moi | mọ́ínmọ́ín | alale | mọị mọị
  pepper soup | pepper soup | ọbẹ̀ ata | farfesu | ofe ose
  + glass of zobo | zobo | zóbò | zobo | zobo
  + plate of dodo | dodo | dòdò | soyayyar ayaba | unere eghere eghe
food/restaurants/grills/ | 3500 | PABF | * Suya Spot, * Grills
  beef suya | beef suya | súyà ẹran màlúù | tsiren nama | suya anụ ehi
  grilled fish | grilled fish | ẹja yíyan | gasasshen kifi | azụ ahụrụ ahụ
  chicken and chips | chicken and chips | adìyẹ díndín | kaza da dankali | ọkụkọ na nduku
  + cold drink | cold drink | ohun mímu tútù | abin sha mai sanyi | ihe ọṅụṅụ oyi
food/bakeries/ | 1800 | PABF | * Bakery, * Bread & Cakes
  Agege bread | Agege bread | búrẹ́dì Agége | burodin Agege | achịcha Agege
  meat pie | meat pie | mítì páì | mit fai | mit paị
  birthday cake | birthday cake | kéèkì ọjọ́ ìbí | kek na ranar haihuwa | achịcha ụbọchị ọmụmụ
  + pack of puff puff | puff puff | pọ́ọ̀fù pọ́ọ̀fù | fanke | pọf pọf
groceries/fruit-vegetables/ | 2500 | PABF | * Fresh Market, * Farm Basket
  basket of tomatoes | basket of tomato | apẹ̀rẹ̀ tòmátì | kwandon tumatir | nkata tomato
  bag of oranges | bag of orange | àpò ọsàn | buhun lemu | akpa oroma
  bag of garri | bag of garri | àpò gàrí | buhun garin kwaki | akpa garị
  + bunch of ugu | ugu | ewé ugu | ganyen ugu | akwụkwọ ugu
beauty/hair/ | 8000 | PAF | * Hair Studio, * Braids & Beauty
  box braids | box braids | irun dídì | kitso | ịkpa isi
  wash and style | wash and set | fífọ irun | wanke gashi | ịsa ntutu
  hair treatment | hair treatment | ìtọ́jú irun | gyaran gashi | nlekọta ntutu
  + hair oil | hair cream | òróró irun | man gashi | mmanụ ntutu
beauty/barbers/ | 2500 | PAF | * Barbers, * Cuts
  haircut | barbing | irun gígé | aski | ịkpụ isi
  beard trim | beard shaping | gígé irùngbọ̀n | gyaran gemu | ịkpụ afụ ọnụ
  children's haircut | pikin barbing | irun gígé ọmọdé | askin yara | ịkpụ isi ụmụaka
  + hot towel | hot towel | aṣọ ìnujú gbígbóná | tawul mai ɗumi | akwa nhicha ọkụ
beauty/cosmetics/ | 6000 | PABF | * Cosmetics, * Beauty Shop
  shea butter | shea butter | òrí | man kaɗanya | okwuma
  black soap | black soap | ọṣẹ dúdú | baƙin sabulu | ncha ojii
  perfume | perfume | lọ́fínńdà | turare | senti
  + lip balm | lip gloss | ìpara ètè | man leɓe | ude egbugbere ọnụ
health/pharmacies/ | 5000 | PAF | * Pharmacy, * Chemists
  vitamin pack | vitamins | fítámì | bitamin | vitamin
  blood pressure check | BP check | àyẹ̀wò ẹ̀jẹ̀ ríru | gwajin hawan jini | nlele ọbara mgbali
  first aid box | first aid box | àpótí ìtọ́jú | akwatin taimakon gaggawa | igbe enyemaka mbụ
  + malaria test | malaria test | àyẹ̀wò ibà | gwajin zazzabi | nlele ịba
fitness/gyms/ | 15000 | PAF | * Fitness, * Gym
  monthly gym pass | monthly gym | ìdárayá oṣù kan | motsa jiki na wata | mgbatị ahụ otu ọnwa
  fitness class | fitness class | ẹ̀kọ́ ìdárayá | ajin motsa jiki | klas mgbatị ahụ
  personal training | personal trainer | olùkọ́ ìdárayá | mai horarwa | onye nkụzi mgbatị ahụ
  + water bottle | water bottle | ìgò omi | kwalbar ruwa | karama mmiri
fashion/traditional/ | 12000 | PABF | * Fabrics, * Adire & Lace
  Ankara fabric | Ankara | aṣọ àǹkárá | atamfa | akwa Ankara
  lace fabric | lace | aṣọ léèsì | leshi | akwa lesi
  adire cloth | adire | àdìrẹ | adire | adire
  agbada set | agbada | agbádá | babbar riga | agbada
  + head tie | gele | gèlè | ɗankwali | ichafu
fashion/tailors/ | 7000 | PAF | * Tailoring, * Stitches
  tailored native wear | native sewing | aṣọ ìbílẹ̀ rírán | ɗinkin gargajiya | ịkwa uwe ọdịnala
  school uniform | school uniform | aṣọ ilé-ẹ̀kọ́ | kayan makaranta | uwe ụlọ akwụkwọ
  clothes repair | amendment | àtúnṣe aṣọ | gyaran tufafi | mmezi uwe
  + cap | cap | fìlà | hula | okpu
fashion/shoes/ | 9000 | PABF | * Footwear, * Leather Works
  pair of sandals | sandals | bàtà awọ | takalman fata | akpụkpọ ụkwụ
  leather belt | leather belt | ìgbànú awọ | bel ɗin fata | eriri ukwu
  handbag | handbag | àpò ìfàlọ́wọ́ | jakar hannu | akpa aka
  + shoe polish | polish | pólíìṣì bàtà | man takalmi | ihe nhicha akpụkpọ ụkwụ
home/furniture/ | 60000 | PAF | * Furniture, * Interiors
  wooden bed | wooden bed | ibùsùn onígi | gadon katako | akwa ndina osisi
  dining table | dining table | tábìlì oúnjẹ | teburin cin abinci | tebụl nri
  sofa set | sofa | àga onítìmùtìmù | kujerun falo | oche nnọkọ
  + home delivery | delivery | gbígbé dé ilé | kaiwa gida | mbute n'ụlọ
electronics/phones/ | 15000 | PAF | * Phones, * Mobile Hub
  new phone | new phone | fóònù tuntun | sabuwar waya | ekwentị ọhụrụ
  phone charger | charger | ṣájà fóònù | cajar waya | chaja ekwentị
  pair of earphones | earpiece | ẹ̀rọ ìgbọ́ran | na'urar kunne | ekweisi
  + phone pouch | phone pouch | àpò fóònù | gidan waya | akpa ekwentị
electronics/repairs/ | 6000 | PAF | * Repairs, * Tech Clinic
  screen replacement | screen change | ìpààrọ̀ ojú fóònù | canjin fuskar waya | mgbanwe ihu ekwentị
  laptop repair | laptop repair | àtúnṣe kọ̀ǹpútà | gyaran kwamfuta | mmezi kọmputa
  generator service | gen servicing | àtúnṣe jẹnẹrétọ̀ | gyaran janareta | mmezi jenereto
  + full check | checking | àyẹ̀wò | dubawa | nlele
services/laundry/ | 4000 | PABF | * Laundry, * Dry Cleaners
  wash and iron | wash and iron | aṣọ fífọ̀ àti lílọ̀ | wanki da guga | ịsa na ịde akwa
  bedding wash | bedsheet washing | fífọ aṣọ ibùsùn | wankin zannuwan gado | ịsa akwa ihe ndina
  curtain wash | curtain washing | fífọ kọ́tìnì | wankin labule | ịsa akwa mgbochi
  + home pick-up | pick-up | gbígbà nílé | ɗauka daga gida | iburu n'ụlọ
services/car-wash/ | 3500 | PAF | * Car Wash, * Auto Care
  car wash | car wash | ọkọ̀ fífọ̀ | wankin mota | ịsa ụgbọala
  engine wash | engine wash | fífọ ẹ̀ńjìnì | wankin inji | ịsa injin
  seat cleaning | seat cleaning | fífọ ìjókòó ọkọ̀ | tsaftace kujeru | nhicha oche ụgbọala
  + tyre check | tyre check | àyẹ̀wò táyà | duba taya | nlele taya
services/photography/ | 15000 | PAF | * Photos, * Studio
  family portrait | family photo | fọ́tò ẹbí | hoton iyali | foto ezinụlọ
  set of passport photos | passport | fọ́tò pásípọ́ọ̀tù | hoton fasfo | foto paspọọtụ
  wedding album | wedding album | fọ́tò ìgbéyàwó | hoton aure | foto agbamakwụkwọ
  + photo frame | photo frame | férémù fọ́tò | firam ɗin hoto | okpokoro foto
leisure/cinemas/ | 4500 | PABF | * Cinema, * Screens
  film ticket | cinema ticket | tíkẹ́ẹ̀tì sinimá | tikitin sinima | tiketi sinima
  family ticket | family ticket | tíkẹ́ẹ̀tì ẹbí | tikitin iyali | tiketi ezinụlọ
  + bag of popcorn | popcorn | gúgúrú | gurguru | guguru
learning/computing/ | 20000 | PAF | * Computer School, * Code Academy
  computer course | computer training | ẹ̀kọ́ kọ̀ǹpútà | koyon kwamfuta | ọmụmụ kọmputa
  design course | graphics class | ẹ̀kọ́ àwòrán yíyà | koyon zane | ọmụmụ eserese
  + exercise book | exercise book | ìwé àkọsílẹ̀ | littafin rubutu | akwụkwọ ndetu
gifts/books/ | 3000 | PABF | * Bookshop, * Books & Papers
  school textbook | school textbook | ìwé ẹ̀kọ́ | littafin makaranta | akwụkwọ ọgụgụ
  story book | story book | ìwé ìtàn | littafin labari | akwụkwọ akụkọ
  dictionary | dictionary | ìwé atúmọ̀ èdè | ƙamus | akwụkwọ ọkọwa okwu
  + pen | biro | bírò | biro | biro
"""
