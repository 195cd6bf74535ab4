"""What vendors in the United States sell: in English and Spanish; bills in dollars."""

TRADES = """
food/cafes/ | 12 | PABF | * Coffee, * Coffee Roasters, Café *
  cold brew | café frío
  flat white | flat white
  breakfast burrito | burrito de desayuno
  blueberry muffin | panquecito de arándanos
  + oat cookie | galleta de avena
food/restaurants/mexican/ | 24 | PABF | Taquería *, * Cantina, * Tacos
  taco plate | plato de tacos
  chicken enchiladas | enchiladas de pollo
  tamale dozen | docena de tamales
  fish taco | taco de pescado
  + horchata | horchata
  + basket of chips and salsa | totopos con salsa
food/restaurants/pizza/ | 26 | PABF | * Pizza, * Slice House
  large cheese pizza | pizza grande de queso
  margherita | pizza margarita
  lunch slice | rebanada del almuerzo
  + garlic knots | nudos de ajo
food/restaurants/grills/ | 30 | PABF | * Barbecue, * Smokehouse
  brisket plate | plato de pecho de res
  rack of ribs | costillas a la barbacoa
  pulled pork sandwich | sándwich de cerdo
  + corn bread | pan de maíz
food/bakeries/ | 14 | PABF | * Bakery, Panadería *
  sourdough loaf | pan de masa madre
  box of conchas | caja de conchas
  cinnamon roll | rollo de canela
  birthday cake | pastel de cumpleaños
  + bag of bagels | bolsa de bagels
food/ice-cream/ | 9 | PABF | * Creamery, Paletería *
  double scoop | helado doble
  mango paleta | paleta de mango
  banana split | banana split
  + waffle cone | cono de barquillo
food/juices/ | 10 | PABF | * Juice Bar, Jugos *
  green juice | jugo verde
  mango smoothie | licuado de mango
  orange juice | jugo de naranja
  + ginger shot | shot de jengibre
beauty/barbers/ | 35 | PAF | * Barbershop, * Barbers
  haircut | corte de cabello
  beard trim | arreglo de barba
  kids' haircut | corte para niños
  + hot towel shave | afeitado con toalla caliente
beauty/nails/ | 45 | PAF | * Nails, * Nail Bar
  gel manicure | manicura en gel
  pedicure | pedicura
  nail art | decoración de uñas
  + hand massage | masaje de manos
beauty/spas/ | 110 | PAF | * Day Spa, * Bath House
  deep tissue massage | masaje profundo
  facial | tratamiento facial
  sauna pass | pase de sauna
  + aromatherapy | aromaterapia
health/dentists/ | 150 | PAF | * Dental, * Family Dentistry
  teeth cleaning | limpieza dental
  whitening | blanqueamiento
  check-up | revisión dental
  + electric toothbrush | cepillo eléctrico
fitness/yoga/ | 90 | PAF | * Yoga, * Yoga Loft
  monthly yoga pass | pase mensual de yoga
  beginner class | clase para principiantes
  ten-class card | tarjeta de diez clases
  + mat rental | préstamo de tapete
fitness/gyms/ | 60 | PAF | * Fitness, * Strength
  monthly membership | membresía mensual
  personal training | entrenamiento personal
  spin class | clase de spinning
  + smoothie | licuado
fashion/clothing/women/ | 75 | PABF | * Boutique, * Dress Shop
  summer dress | vestido de verano
  denim jacket | chaqueta de mezclilla
  wool scarf | bufanda de lana
  + tote bag | bolsa de tela
fashion/clothing/men/ | 80 | PABF | * Outfitters, * Menswear
  linen shirt | camisa de lino
  pair of jeans | pantalón de mezclilla
  work jacket | chaqueta de trabajo
  + pair of socks | par de calcetines
home/plants/ | 30 | PABF | * Plants, * Garden Shop
  house plant | planta de interior
  succulent trio | trío de suculentas
  ceramic pot | maceta de cerámica
  + bag of soil | bolsa de tierra
services/car-wash/ | 25 | PAF | * Car Wash, * Auto Spa
  full wash | lavado completo
  interior detail | limpieza interior
  wax and polish | encerado y pulido
  + tire shine | brillo de llantas
services/bicycles/ | 85 | PAF | * Bikes, * Cycle Works
  tune-up | puesta a punto
  bike rental | alquiler de bicicleta
  set of tires | juego de llantas
  + bike light | luz de bicicleta
leisure/bowling/ | 28 | PABF | * Lanes, * Bowl
  hour of bowling | hora de boliche
  family lane | pista familiar
  birthday party | fiesta de cumpleaños
  + shoe rental | alquiler de zapatos
learning/music/ | 55 | PAF | * Music School, * Guitar Room
  guitar lesson | clase de guitarra
  piano lesson | clase de piano
  drum workshop | taller de batería
  + set of strings | juego de cuerdas
pets/grooming/ | 65 | PAF | * Grooming, * Dog Wash
  dog bath | baño para perro
  full groom | arreglo completo
  nail trim | corte de uñas
  + dog bandana | pañuelo para perro
gifts/books/ | 22 | PABF | * Books, Librería *
  used novel | novela usada
  picture book | libro ilustrado
  poetry collection | libro de poesía
  + enamel pin | pin esmaltado
"""
