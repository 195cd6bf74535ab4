"""Given and family names by country, and words that shops anywhere in it are called by."""

GIVEN = {
    "IN": "Aarav Ananya Arjun Asha Bhavna Deepa Dev Farhan Gauri Harish Ishaan Kavita Kiran Lakshmi"
    " Manoj Meera Nikhil Nisha Pooja Rahul Ravi Rohini Sana Sanjay Shreya Sunita Tara Uma Vikram"
    " Yusuf",
    "NG": "Abiola Adaeze Aisha Aminu Bisi Bola Chidi Chioma Chukwudi Danladi Ebele Efe Emeka Fatima"
    " Folake Garba Halima Ifeanyi Ikenna Kemi Ladi Musa Ngozi Nkechi Obinna Olumide Ronke Sade"
    " Tunde Zainab",
    "US": "Alma Andre Angela Ben Carla Carmen Daniel Denise Diego Elena Emily Ethan Grace Hector"
    " Irene Jasmine Joel Julia Kevin Laura Luis Marcus Maya Nora Omar Paula Rosa Sam Teresa Will",
    "DE": "Anke Anton Birgit Clara Emre Felix Frieda Greta Hanna Heike Ida Jan Jonas Jürgen Katrin"
    " Klara Lars Leyla Lukas Maja Marlene Mehmet Moritz Nele Paul Petra Sabine Sven Theo Ute",
}

FAMILY = {
    "IN": "Agarwal Bhat Chandra Das Deshmukh Fernandes Ghosh Gowda Iyer Jain Joshi Kapoor Khan"
    " Kulkarni Mehta Mishra Nair Pillai Rao Reddy Saxena Sharma Shetty Singh Sinha Thomas Verma",
    "NG": "Abubakar Adebayo Adeyemi Afolabi Akande Bello Chukwu Danjuma Eze Ibrahim Igwe Lawal"
    " Madu Mohammed Nnadi Nwosu Obi Ogunleye Okafor Okeke Okoro Oladipo Onyema Salami Sani Yusuf",
    "US": "Adams Alvarez Bennett Brooks Castillo Chen Cruz Delgado Flores Foster Garcia Greene"
    " Hayes Hughes Kim Lopez Mendoza Morgan Nguyen Ortiz Parker Ramos Reyes Rivera Shaw Torres",
    "DE": "Aydin Bauer Becker Brandt Demir Fischer Frank Hartmann Hoffmann Jansen Kaya Keller Koch"
    " Krüger Lehmann Lorenz Maier Neumann Peters Richter Schäfer Schubert Seidel Vogel Weber",
}

STEMS = {
    "IN": "Banyan, Neem Tree, Tamarind, Marigold, Copper Pot, Blue Door, Old Well, Jasmine,"
    " Sandalwood, Cardamom, Mango Grove, River Stone, Gulmohar, Kesar, Mogra, Tulsi, Amaltas,"
    " Deodar, Parijat, Palash, Sitara, Lotus Pond",
    "NG": "Mama Ronke, Iya Bisi, Aunty Ebun, Golden Cowrie, Royal Iroko, Calabash, Talking Drum,"
    " Morning Star, Palm Grove, Harmattan, Kola Nut, Blessed Hands, Green Savannah, Baobab,"
    " Divine Touch, Amber, Big Sister, Sunrise, New Dawn, Ebony",
    "US": "Maple Corner, Juniper, Cedar & Sage, Hummingbird, Copper Kettle, Red Barn, Lantern,"
    " Prickly Pear, Paper Crane, Blue Heron, Sparrow, Orchard, Marigold, Half Moon, Tin Roof,"
    " Wildflower, Sycamore, Porch Light",
    "DE": "Lindenblatt, Kornblume, Wiesengrund, Apfelbaum, Sonnenhof, Mühlrad, Kastanie, Holunder,"
    " Nordlicht, Eichhorn, Zaunkönig, Silberdistel, Quittengarten, Ziegelhof, Spatzennest,"
    " Birnbaum, Laterne, Rotkehlchen",
}
