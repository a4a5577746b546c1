/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "main/demo_words.h"

#define LIST (const char *const[])

const char *const demo_forenames[] = {"Aline", "Bastien", "Camille", "Denis", "Elsa", "Fabien", "Garance", "Hugo", "Irma", "Joris", "Katell", "Lubin", "Maud", "Nils",
    "Odile", "Paul", "Rose", "Sacha", "Tess", "Ulysse", "Violette", "Yann", "Amina", "Karim", "Leïla", "Mehdi", "Nadia", "Samir", "Aïcha", "Mamadou", "Fatou", "Linh",
    "Minh", "Joana", "Tiago", "Zofia", "Marek", "Ayşe", "Emre", "Marie-Claude", "Jean-Noël", "Thérèse", "Gérard", "Monique", "Lucas", "Emma", "Jade", "Louis", "Inès", "Noé", NULL};
const char *const demo_surnames[] = {"Imagier", "Belgrange", "Pontserrat", "Moselotte", "Vieuxmoulin", "Grandpierre-Duval", "Sapinois", "Claireau", "Montpourri",
    "Tissebois", "Feuillargent", "Rivedouce", "Champjoly", "Ormebrune", "Benhaddad", "Diallombe", "Nguyenval", "Ferreirinho", "Kowalczek", "Yıldızlı", "Haxaire-Petit",
    "Lambertin", "Colnotte", "Gérardot", "Vautrinel", "Thiébauld", "Mangeolle", "Perrinot", "Valdenoir", "Cuninet", "Fleurentin", "Bastinel", NULL};
const char *const demo_streets[] = {"rue des Images", "quai des Bons-Enfants", "rue de la Papeterie", "place du Poirot", "rue du Tissage", "chemin des Sapins",
    "avenue du Canal", "rue des Petites-Forges", "impasse du Lavoir", NULL};
const char *const demo_plates[] = {"AB-123-CD", "EF-456-GH", "JK-789-LM", "NP-321-QR", "ST-654-VW", "XY-987-ZA", NULL};
const char *const demo_sentences[] = {"Ma demande concerne le mois prochain.", "Merci de me dire si une pièce manque.", "Je reste à votre disposition dans la journée.",
    "La situation dure depuis plusieurs semaines.", "Nous serons six personnes, avec un véhicule.", "Le voisinage est prévenu.", "Je joins les documents utiles.", NULL};

static const char *const subjects[] = {"Passage piéton effacé devant l’école", "Horaires d’été de la piscine", "Bruit du chantier, tôt le matin", "Arbre planté trop près de mon mur",
    "Remerciements à l’équipe des espaces verts", "Bac à compost pour l’immeuble", "Inscription sur la liste électorale", "Éclairage de la promenade du canal",
    "Carte de bibliothèque perdue", "Places pour les vélos à la gare", "Une aire de jeux pour les tout-petits", "Facture d’eau en double", "Salle pour fêter nos trente ans de mariage",
    "Fleurs au cimetière : qui les arrose ?", "Ligne de bus supprimée le dimanche", NULL};
static const char *const messages[] = {"Les bandes blanches ne se voient plus, et les voitures ne ralentissent pas. Pouvez-vous les repeindre avant la rentrée ?",
    "Bonjour, je ne trouve pas les horaires de juillet et d’août. La piscine ferme-t-elle le lundi ?",
    "Les camions arrivent à 6 heures. Quelles heures l’arrêté autorise-t-il ? Je travaille de nuit.",
    "Le tilleul planté l’an dernier touche déjà le mur de mon jardin. Qui peut venir voir ?",
    "Le square n’a jamais été aussi beau. Dites-le aux jardiniers, s’il vous plaît.",
    "Nous sommes douze logements, prêts à trier nos épluchures. Comment obtenir un bac et une clé ?",
    "J’ai emménagé en mars. Suis-je inscrite, et dans quel bureau ?",
    "Trois lampes sur quatre sont éteintes entre le pont et l’écluse. Le soir, nous n’osons plus y passer.",
    "J’ai perdu ma carte. Puis-je en avoir une autre sans attendre la fin du mois ?",
    "Les arceaux sont pleins dès 7 h 30. En ajouterez-vous ?",
    "Les jeux du parc sont prévus à partir de six ans. Que peut-on faire pour les plus petits ?",
    "J’ai reçu deux fois la même facture. Laquelle dois-je payer ?",
    "Nous serons soixante, un samedi de juin. Quelles salles sont libres, et à quel prix ?",
    "Les jardinières de l’allée centrale sont sèches. Est-ce à nous de les arroser ?",
    "Mon mari va à la dialyse le dimanche matin. Comment peut-il s’y rendre maintenant ?", NULL};
static const char *const clubs[] = {"Les Amis de l’Image", "Le Ballon spinalien", "La Chorale du Poirot", "Jardins partagés du Canal", "Aïkido des Deux Rives", "Le Vélo pour tous",
    "Comité des fêtes de la Papeterie", "Radio Clocher", "Lecture et Partage", "Les Randonneurs du Tissage", "Échecs et Malice", "Le Petit Théâtre des Forges", NULL};
static const char *const events[] = {"Assemblée générale", "Anniversaire, trente ans de mariage", "Répétition de la chorale", "Tournoi d’échecs", "Bourse aux vêtements", "Repas de quartier",
    "Atelier de réparation de vélos", "Lecture publique", "Concert de fin d’année", "Stage d’aïkido", "Réunion des copropriétaires", "Loto de l’association", NULL};
static const char *const projects[] = {"Une saison de concerts gratuits", "Apprendre à réparer son vélo", "Un potager dans la cour de l’école", "Tournoi des quartiers", "Lire à voix haute à l’hôpital",
    "Marche de nuit et astronomie", "Une radio faite par les collégiens", "Théâtre au marché", NULL};
static const char *const described[] = {"Huit concerts dans les quartiers, à l’heure du goûter, avec les élèves du conservatoire.",
    "Un atelier chaque samedi, avec des outils prêtés et deux bénévoles qui montrent.", "Les enfants de cinq classes plantent, arrosent et cuisinent, avec les retraités du quartier.",
    "Douze équipes mixtes, un arbitrage par les jeunes, et un repas pour finir.", "Vingt lecteurs bénévoles, une heure par semaine, dans trois services.",
    "Six sorties, ouvertes aux familles, avec un animateur et deux lunettes.", "Une émission par mois, préparée en classe et diffusée le mercredi.",
    "Quatre scènes courtes, jouées entre les étals, le samedi matin.", NULL};
static const char *const papers[] = {"Le procès-verbal du conseil municipal de juin dernier, avec ses annexes.", "L’étude de circulation de l’avenue du Canal, celle d’avant les travaux.",
    "Le marché de restauration scolaire : le contrat et l’analyse des offres.", "Le permis de construire de l’immeuble voisin, et ses plans.",
    "Les mesures de bruit faites près de la salle des fêtes.", "Les délibérations sur les tarifs de l’eau depuis trois ans.", NULL};
static const char *const cafes[] = {"Café de l’Image", "Le Vieux Tisserand", "Chez Moselotte", "La Papeterie", "Brasserie du Pont", "Le Lavoir", "Crêperie des Forges", "Au Bon Canal", NULL};
static const char *const feasts[] = {"Fête de la rue des Images", "Tournoi de pétanque", "Vide-grenier de printemps", "Bal du 14 juillet", "Kermesse de l’école", "Fête de la bière et du munster",
    "Course des ponts", "Marché de la Saint-Nicolas", NULL};
static const char *const schools[] = {"École du Centre", "École de la Moselle", "École du Château", "École des Pinau", "École du Saut-le-Cerf", "École des Vergers", NULL};
static const char *const towns[] = {"Épinal", "Nancy", "Remiremont", "Saint-Dié-des-Vosges", "Metz", "Lyon", "Porto", "Alger", NULL};
static const char *const reasons[] = {"Sa grande sœur y est déjà.", "Sa nourrice habite à côté, et nous travaillons tôt.", "Nous déménageons dans ce quartier en janvier.", NULL};
static const char *const halls[] = {"Salle du Poirot", "Maison des associations", "Grand salon de l’hôtel de ville", "Gymnase des Forges", NULL};
static const char *const places[] = {"Place des Vosges", "Cour de l’école du Centre", "Parc du Château, près du kiosque", "Quai des Bons-Enfants", "Stade de la Colombière", NULL};
static const char *const landmarks[] = {"Devant la porte, côté rue.", "Au pied de l’immeuble, à gauche de l’entrée.", "Sur le trottoir large, face au lavoir.", NULL};
static const char *const rhythms[] = {"Chaque mardi, jusqu’en juin.", "Le premier samedi du mois, toute l’année.", NULL};
static const char *const roles[] = {"Garance Claireau, présidente", "Karim Benhaddad, trésorier", "Zofia Kowalczek, présidente", "Jean-Noël Lambertin, secrétaire", NULL};

const struct demo_said demo_said[] = {
    {"objet", subjects}, {"demande", messages}, {"document", papers}, {"enseigne", cafes}, {"manifestation", feasts}, {"événement", events}, {"intitulé", projects}, {"projet", described},
    {"description", described}, {"évaluation", LIST{"Le nombre de participants, et ce qu’ils en disent.", "Une réunion de bilan en juin, ouverte à tous.", NULL}},
    {"représentant", roles}, {"organisme", clubs}, {"association", clubs}, {"financeur", LIST{"Département des Vosges", "Région Grand Est", "Caisse d’allocations familiales", NULL}},
    {"fédération", LIST{"Fédération départementale", "Réseau des cafés associatifs", NULL}}, {"agréments", LIST{"Jeunesse et éducation populaire", "Sport", NULL}},
    {"lieu de naissance", towns}, {"école", schools}, {"motif", reasons}, {"salle", halls}, {"lieu", places}, {"repère", landmarks}, {"rythme", rhythms},
    {"immatriculation", demo_plates}, {"plaque", demo_plates}, {"précisions", LIST{"Une allergie à l’arachide ; le protocole est signé.", "Un repas sans viande.", NULL}},
    {"précision", LIST{"Un vieux piano", "Une tondeuse à main", "Un tapis de course", NULL}}, {"aide en nature", LIST{"Le prêt de la salle et de vingt tables.", "L’impression des affiches.", NULL}},
    {"autorisation", LIST{"DP 088 160 25 00042", "PC 088 160 25 00017", NULL}}, {"allocataire", LIST{"0012345", "0045871", "0098214", NULL}}, {"hébergement", LIST{"Gîte des Images", "Hôtel du Canal", "Chambres de la Tour chinoise", "Camping du Lac de Bouzey", "Studio des Bords de Moselle", NULL}},
    {"numéro", LIST{"8816000012345", "88160000456AB", NULL}}, {NULL, NULL}};

const struct demo_range demo_ranges[] = {{"voyageurs", 2, 5, 1}, {"nuits", 1, 14, 1}, {"mineurs", 0, 1, 1}, {"exonérés", 0, 0, 1}, {"prix", 90, 900, 10},
    {"revenus", 9000, 62000, 500}, {"prestations", 0, 620, 20}, {"enfants à charge", 1, 4, 1}, {"handicapés", 0, 1, 1}, {"matins", 1, 4, 1}, {"soirs", 1, 4, 1},
    {"mercredis", 1, 4, 1}, {"montant", 300, 8000, 50}, {"charges", 2000, 40000, 100}, {"produits", 2000, 40000, 100}, {"personnes", 10, 180, 5}, {"adhérents", 12, 240, 1},
    {"bénévoles", 3, 40, 1}, {"salariés", 0, 4, 1}, {"temps plein", 0, 3, 1}, {"durée", 1, 5, 1}, {"longueur", 3, 15, 1}, {"largeur", 1, 4, 1}, {"passage", 2, 4, 1},
    {"places", 1, 3, 1}, {"surface", 4, 30, 1}, {"quotient", 250, 1600, 10}, {"nombre", 1, 4, 1}, {"déjà", 0, 3, 1}, {"part", 200, 3000, 50}, {"aides", 0, 20000, 500}, {NULL, 0, 0, 0}};
