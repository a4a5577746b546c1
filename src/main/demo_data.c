/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "main/demo_data.h"

#define SERVICE(name_, address_, mail_, phone_, hours_)                                                                        \
    "\"service\":{\"name\":\"" name_ "\",\"postal_address\":\"" address_ "\",\"mail\":\"" mail_ "\",\"phone\":\"" phone_ "\",\"hours\":\"" hours_ "\"}"
#define DPO "\"personal_data\":{\"contact\":\"dpo@epinal.exemple.fr\"}"

const char demo_settings[] = "{\"demo\":true,\"legal\":{\"director\":\"Flore Imagier, maire (personne inventée)\",\"host\":\"La ville elle-même, 9 rue du Général-Leclerc, 88000 Épinal, 03 39 98 01 01\"},\"zone\":\"Europe/Paris\",\"map\":{\"lat\":48.1735,\"lon\":6.4499,\"zoom\":13},"
    /* Invented: a round town. demo --with-outline FILE gives a real one. */
    "\"outline\":{\"type\":\"Polygon\",\"coordinates\":[[[6.4919,48.1735],[6.4934,48.1855],[6.4781,48.1923],[6.4668,48.2007],[6.4499,48.2071],[6.4354,48.1968],[6.4202,48.1933],[6.4053,48.1858],[6.4113,48.1735],[6.408,48.1619],[6.4211,48.1543],[6.4322,48.145],[6.4499,48.1449],[6.4644,48.1502],[6.4814,48.1525],[6.4879,48.163],[6.4919,48.1735]]]}}";

const struct demo_body demo_bodies[DEMO_BODIES] = {
    {"commune", "Ville d’Épinal", "218801607", "88160", 32000, -1,
     "{" SERVICE("Accueil de la mairie", "9 rue du Général-Leclerc\\n88000 Épinal", "accueil@epinal.exemple.fr", "03 39 98 01 01", "Du lundi au vendredi, 8 h 30 à 17 h 30") "," DPO "}"},
    {"epci", "Communauté d’agglomération d’Épinal", "200068757", NULL, 110000, -1,
     "{" SERVICE("Service environnement", "1 avenue Dutac\\n88000 Épinal", "environnement@agglo-epinal.exemple.fr", "03 39 98 02 02", "Du lundi au vendredi, 9 h à 12 h et 14 h à 17 h") ","
     "\"silence\":{\"means\":\"rejection\",\"after\":\"4 months\",\"article\":\"Code de l’environnement, article R411-6\"},"
     "\"appeal\":{\"text\":\"Vous pouvez contester un rejet devant le tribunal administratif de Nancy dans les deux mois (code de justice administrative, article R421-1), par courrier ou sur telerecours.fr.\"},"
     "\"personal_data\":{\"contact\":\"dpo@agglo-epinal.exemple.fr\",\"purpose\":\"Instruire votre demande\",\"legal_basis\":\"Mission d’intérêt public (RGPD, article 6-1-e)\",\"recipients\":\"Le service environnement\",\"retention\":\"60 mois après la décision\"}}"},
    {"commune", "Commune de Dinozé", "218801342", "88134", 560, 1,
     "{" SERVICE("Mairie de Dinozé", "1 rue de la Mairie\\n88000 Dinozé", "mairie@dinoze.exemple.fr", "03 39 98 03 03", "Mardi et jeudi, 14 h à 18 h") "," DPO "}"},
    {"commune", "Commune de Jeuxey", "218802530", "88253", 700, 1,
     "{" SERVICE("Mairie de Jeuxey", "2 place de l’Église\\n88000 Jeuxey", "mairie@jeuxey.exemple.fr", "03 39 98 04 04", "Lundi et mercredi, 9 h à 12 h") "," DPO "}"},
};

const struct demo_team demo_teams[DEMO_TEAMS] = {
    {"Voirie et propreté", "voirie@epinal.exemple.fr", 0}, {"Accueil et relation aux habitants", "accueil@epinal.exemple.fr", 0},
    {"Éducation", "education@epinal.exemple.fr", 0},      {"Vie associative", "associations@epinal.exemple.fr", 0},
    {"Environnement", "environnement@agglo-epinal.exemple.fr", 1}, {"Secrétariat de Dinozé", "mairie@dinoze.exemple.fr", 2},
};

const struct demo_account demo_accounts[DEMO_ACCOUNTS] = {
    {"admin@exemple.fr", "Ada", "Clocher", "Administratrice", "Direction du numérique", ROLE_ADMIN, -1, "administratrice : comptes, équipes, démarches"},
    {"gestion@exemple.fr", "Gaspard", "Tocsin", "Responsable des démarches", "Direction du numérique", ROLE_MANAGER, -1, "gestionnaire : modifie et publie les démarches"},
    {"voirie@exemple.fr", "Viviane", "Pavement", "Instructrice", "Voirie et propreté", ROLE_AGENT, 0, "agente, voirie et signalements"},
    {"accueil@exemple.fr", "Alban", "Bienvenu", "Agent d’accueil", "Accueil et relation aux habitants", ROLE_AGENT, 1, "agent, accueil et guichet"},
    {"education@exemple.fr", "Edmée", "Préau", "Responsable de la restauration scolaire", "Éducation", ROLE_AGENT, 2, "agente, éducation"},
    {"associations@exemple.fr", "Aimé", "Foyer", "Chargé des subventions", "Vie associative", ROLE_AGENT, 3, "agent, vie associative"},
    {"environnement@exemple.fr", "Sylvie", "Lisière", "Chargée de mission biodiversité", "Environnement", ROLE_AGENT, 4, "agente, agglomération"},
    {"habitante@exemple.fr", "Habiba", "Images", NULL, NULL, ROLE_NONE, -1, "habitante avec un compte"},
    /* Colleagues, so that dossiers are shared out. They cannot sign in. */
    {"bruno@epinal.exemple.fr", "Bruno", "Caniveau", "Technicien de voirie", "Voirie et propreté", ROLE_AGENT, 0, NULL},
    {"ines@epinal.exemple.fr", "Inès", "Trottoir", "Contrôleuse de travaux", "Voirie et propreté", ROLE_AGENT, 0, NULL},
    {"lise@epinal.exemple.fr", "Lise", "Parvis", "Officière d’état civil", "Accueil et relation aux habitants", ROLE_AGENT, 1, NULL},
    {"omar@epinal.exemple.fr", "Omar", "Sceau", "Officier d’état civil", "Accueil et relation aux habitants", ROLE_AGENT, 1, NULL},
    {"solene@epinal.exemple.fr", "Solène", "Cartable", "Gestionnaire des inscriptions", "Éducation", ROLE_AGENT, 2, NULL},
    {"mathis@epinal.exemple.fr", "Mathis", "Cantinier", "Gestionnaire de la restauration", "Éducation", ROLE_AGENT, 2, NULL},
    {"nour@epinal.exemple.fr", "Nour", "Tréteaux", "Gestionnaire des salles", "Vie associative", ROLE_AGENT, 3, NULL},
    {"theo@agglo-epinal.exemple.fr", "Théo", "Ruisseau", "Instructeur", "Environnement", ROLE_AGENT, 4, NULL},
    {"colette@dinoze.exemple.fr", "Colette", "Clocheton", "Secrétaire de mairie", "Secrétariat de Dinozé", ROLE_AGENT, 5, NULL},
};

const struct demo_kind demo_kinds[DEMO_KINDS] = {
    {"t101", "d101", "ecrire-a-la-mairie", 0, 1}, {"t102", "d102", "occupation-du-domaine-public", 0, 0},
    {"t103", "d103", "restauration-scolaire", 0, 2}, {"t104", "d104", "subvention-association", 0, 3},
};

/* The whole library, switched on. Where the town already has its own form, another body offers the library's. */
const struct demo_ready demo_ready[DEMO_READY] = {
    {"acte-etat-civil", 0, 1, NULL, NULL, NULL}, {"accueil-periscolaire", 0, 2, NULL, NULL, NULL}, {"inscription-scolaire", 0, 2, NULL, NULL, NULL},
    {"stationnement-resident", 0, 0, NULL, NULL, NULL}, {"encombrants", 0, 0, NULL, NULL, NULL}, {"reservation-salle", 0, 3, NULL, NULL, NULL},
    {"debit-temporaire", 0, 3, NULL, NULL, NULL}, {"terrasse", 0, 0, NULL, NULL, NULL}, {"documents-administratifs", 0, 1, NULL, NULL, NULL},
    {"ecrire-mairie", 2, 5, "ecrire-a-la-mairie-de-dinoze", "Écrire à la mairie de Dinozé", "Write to Dinozé’s town hall"},
    {"occupation-voirie", 2, 5, "reserver-une-rue-de-dinoze", "Réserver une rue de Dinozé", "Reserve a street in Dinozé"},
    {"subvention", 1, 4, "subvention-de-l-agglomeration", "Demander une subvention à l’agglomération", "Ask the agglomeration for a grant"}, {"taxe-sejour", 0, 1, NULL, NULL, NULL},
};

/* A one-page PDF. */
const char demo_paper[] =
    "%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n"
    "3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources<</Font<</F1<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>>>>>>>endobj\n"
    "4 0 obj<</Length 58>>stream\nBT /F1 24 Tf 72 720 Td (Document de demonstration) Tj ET \nendstream endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n";
