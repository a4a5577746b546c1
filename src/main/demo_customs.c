/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* How each procedure of the demonstration is used and decided. months: January to December, '1' quiet to '9' busy; days: working days of a
   decision; refused: of a hundred. */
#include "main/demo_data.h"

#define ROAD_LAW "Code général de la propriété des personnes publiques, article L2122-1 ; règlement de voirie de la commune, article 12."

const struct demo_custom demo_customs[] = {
    {"d101", "655666435665", 14, 6, 4, "CRPA, article L112-8 et suivants.", "La rue dont vous parlez n’est pas du domaine de la commune.", "Notre équipe passera dans les quinze jours.",
     "À quelle hauteur de la rue est-ce ?", "Devant le numéro 12, côté boulangerie.", "Une photo du lieu."},
    {"d102", "345678889654", 11, 8, 13, ROAD_LAW, "La rue est déjà réservée pour des travaux aux dates demandées.", "Posez les panneaux sept jours avant, et laissez 1,40 mètre aux piétons.",
     "Quelle est la longueur du camion ?", "Huit mètres, sans la remorque.", "Un croquis qui montre la place du véhicule (règlement de voirie, article 8)."},
    {"d103", "111248795321", 13, 9, 2, "Délibération du conseil municipal sur la restauration scolaire, article 3.", "L’enfant n’est inscrit dans aucune école publique de la ville.", "La première facture arrive fin octobre.",
     "Votre enfant mange-t-il aussi à la cantine pendant la semaine de classe de neige ?", "Non, il sera absent cette semaine-là.", "L’attestation de quotient familial de l’année en cours (règlement de la restauration scolaire, article 5)."},
    {"d104", "953211114799", 4, 26, 20, "Loi n° 2000-321 du 12 avril 2000, article 9-1 ; règlement des subventions, article 6.", "Le projet se déroule hors du territoire de la commune.", "La convention vous sera envoyée pour signature.",
     "Le budget prévoit-il une participation des familles ?", "Oui, deux euros par enfant, gratuite pour ceux qui ne peuvent pas.", "Les comptes approuvés du dernier exercice (loi n° 2000-321, article 10)."},
    {"acte-etat-civil", "666776656666", 15, 3, 6, "Décret n° 2017-890 du 6 mai 2017, article 30.", "Aucun acte à ce nom n’est inscrit dans nos registres à cette date.", "L’acte part par la poste aujourd’hui.",
     "Le nom de naissance s’écrit-il avec un ou deux « n » ?", "Avec deux « n ».", "Le nom de naissance de la mère (décret n° 2017-890, article 30)."},
    {"accueil-periscolaire", "111247996211", 10, 8, 3, "Règlement de l’accueil périscolaire, article 4.", "Il n’y a plus de place le mercredi dans cette école.", "L’accueil est ouvert dès 7 h 20.",
     "Qui vient chercher votre enfant le mercredi ?", "Sa grand-mère, inscrite dans la demande.", "L’attestation de quotient familial (règlement de l’accueil, article 6)."},
    {"inscription-scolaire", "247985431111", 6, 14, 5, "Code de l’éducation, article L212-7.", "L’école demandée n’a plus de place dans ce niveau ; l’école de votre secteur en a.", "La directrice vous propose une visite en juin.",
     "À quelle date emménagez-vous ?", "Le 12 août.", "Une pièce d’identité lisible, recto et verso (code de l’éducation, article D131-3-1)."},
    {"stationnement-resident", "744444468544", 8, 5, 11, "Délibération du conseil municipal sur le stationnement, article 2.", "L’adresse donnée n’est dans aucune zone payante : vous n’avez pas besoin de ce droit.", "Votre droit commence demain.",
     "Le véhicule est-il de fonction ?", "Oui, l’attestation de mon employeur est jointe.", "Le certificat d’immatriculation (délibération sur le stationnement, article 3)."},
    {"encombrants", "345776645543", 9, 4, 6, "Règlement de collecte, article 9.", "Les gravats ne sont pas pris : la déchèterie de Razimont les reçoit.", "Sortez les objets la veille, après 19 heures.",
     "L’armoire est-elle démontée ?", "Oui, en quatre morceaux.", "Le nombre d’objets (règlement de collecte, article 7)."},
    {"reservation-salle", "566876347875", 7, 10, 16, "Code général des collectivités territoriales, article L2144-3 ; règlement des salles, article 5.", "La salle est déjà prise ce jour-là.", "Les clés se prennent la veille, avant 17 heures.",
     "Aurez-vous besoin de la sonorisation ?", "Seulement d’un micro.", "L’heure de fin, rangement compris (règlement des salles, article 4)."},
    {"debit-temporaire", "123678843332", 4, 12, 9, "Code de la santé publique, article L3334-2.", "L’association a déjà eu ses cinq autorisations de l’année.", "Des boissons sans alcool sont proposées en même nombre.",
     "La buvette est-elle sous un abri ?", "Oui, sous le préau.", "Le plan de la fête (arrêté préfectoral, article 3)."},
    {"terrasse", "369842111111", 3, 20, 15, ROAD_LAW, "Le passage laissé aux piétons est plus étroit que 1,40 mètre.", "La terrasse est rentrée chaque soir avant 23 heures.",
     "Les jardinières sont-elles mobiles ?", "Oui, sur roulettes.", "Un plan coté de la façade (règlement des terrasses, article 4)."},
    {"documents-administratifs", "555555345555", 3, 12, 22, "CRPA, article L311-6.", "Le document contient des secrets des affaires d’une entreprise, dont il ne peut être séparé.", "Les noms de particuliers sont masqués (CRPA, article L311-7).",
     "De quelle année est ce document ?", "De l’année dernière.", "La période demandée (CRPA, article L114-5)."},
    {"ecrire-mairie", "555555355555", 3, 7, 3, "CRPA, article L112-8 et suivants.", "La question relève de l’agglomération.", "Nous en parlerons au prochain conseil municipal.",
     "Est-ce près du lavoir ?", "Juste derrière.", "L’endroit exact."},
    {"occupation-voirie", "345678889654", 2, 9, 10, ROAD_LAW, "Le car scolaire passe dans cette rue aux heures demandées.", "Laissez passer le car de 7 h 50.",
     "La benne reste-t-elle la nuit ?", "Non, elle part le soir.", "Un croquis coté (règlement de voirie, article 8)."},
    {"subvention", "953211114799", 3, 27, 18, "Loi n° 2000-321 du 12 avril 2000, article 9-1.", "L’action ne dépasse pas les limites d’une seule commune.", "La subvention est versée en deux fois.",
     "Combien de communes sont concernées ?", "Sept, dont Dinozé et Jeuxey.", "Les statuts signés (loi n° 2000-321, article 9-1)."},
    {"taxe-sejour", "511611611611", 5, 4, 2, "CGCT, article L2333-34.", "La déclaration ne porte pas sur un hébergement de la commune.", "Le versement se fait auprès du comptable public.",
     "Les séjours réservés par une plateforme sont-ils compris ?", "Non, elle a versé la taxe elle-même.", "Le registre des séjours de la période (CGCT, article L2333-34)."},
    {NULL, "455555345555", 6, 25, 12, "Code de l’environnement, article L411-2.", "Une autre solution, moins nuisible, existe.", "Un écologue suit le chantier.",
     "Le chantier commence-t-il avant le printemps ?", "Non, en septembre.", "L’inventaire des espèces (code de l’environnement, article R411-6)."}};
