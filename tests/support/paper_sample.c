/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "paper_sample.h"

static const char body[] =
    "Madame,\n\nVous avez demandé le 3 novembre 2026 l'autorisation d'occuper le domaine public devant le **12 rue des Forts** pour un déménagement. "
    "Après examen, votre demande est *refusée* pour la date demandée.\n\n"
    "# Motifs\n\n## En droit\n\nL'article L2122-1 du code général de la propriété des personnes publiques interdit d'occuper le domaine public sans titre. "
    "L'arrêté municipal du 4 mars 2024, article 3, réserve cette rue aux secours pendant le marché : [lire l'arrêté](https://ville.test/arretes/2024-3).\n\n"
    "## En fait\n\nLa date demandée, le samedi 28 novembre 2026, est un jour de marché. La rue est la seule entrée des véhicules de secours. Un camion de "
    "dix-neuf tonnes la fermerait pendant quatre heures. Aucune autre voie ne permet de passer : la rue de la Préfecture est en travaux jusqu'au 15 décembre, "
    "et le pont de la Pucelle n'accepte que les véhicules de moins de trois tonnes et demie. Le service départemental d'incendie et de secours, consulté le "
    "10 novembre, a donné un avis défavorable.\n\n"
    "# Ce que vous pouvez faire\n\nNous vous proposons :\n\n- le **lundi 30 novembre**, de 8 h à 12 h ;\n- le **mardi 1er décembre**, de 13 h à 17 h ;\n"
    "- toute autre date hors mercredi et samedi, sur demande, quinze jours avant le déménagement, en précisant le tonnage du camion et sa longueur.\n\n"
    "Pour choisir une de ces dates, répondez à ce courrier depuis votre dossier, ou appelez le service.\n\n"
    "| Date | Heures | Redevance |\n|---|---|---:|\n| 30 novembre 2026 | 8 h à 12 h | 24,00 € |\n| 1er décembre 2026 | 13 h à 17 h | 24,00 € |\n| Autre date | selon le tonnage du camion et la durée | 6,00 € l'heure |\n\n"
    "# Voies et délais de recours\n\nSi vous contestez cette décision, vous pouvez, dans les deux mois qui suivent sa notification :\n\n"
    "1. demander au maire de la revoir (recours gracieux), par courrier ou depuis votre dossier ;\n"
    "2. saisir le tribunal administratif de Nancy, 5 place de la Carrière, 54000 Nancy, ou par l'application Télérecours citoyens, "
    "[www.telerecours.fr](https://www.telerecours.fr).\n\nLe recours gracieux interrompt le délai du recours devant le tribunal. Sans réponse du maire dans un délai de deux mois, "
    "votre recours est considéré comme rejeté, et vous avez alors deux mois pour saisir le tribunal.\n\n"
    "# Vos données\n\nLa Ville d'Épinal traite vos réponses pour instruire votre demande. Elles sont gardées vingt-quatre mois après la décision. Vous pouvez les consulter, les faire "
    "corriger ou effacer en écrivant à la déléguée à la protection des données, dpo@ville.test, ou au guichet unique. Vous pouvez aussi saisir la CNIL.\n\n"
    "Nous vous prions d'agréer, Madame, l'expression de notre considération distinguée.";

static struct paper_sender sender(arena *mem)
{
    struct paper_sender s = {.town = S("Ville d’Épinal"), .service = S("Guichet unique"), .color_main = S("#1B4B8F"), .color_second = S("#F2B33D")};
    PUSH(mem, &s.address, S("9 rue du Général-Leclerc, 88000 Épinal"));
    PUSH(mem, &s.address, S("guichet@ville.test · 03 29 68 50 00"));
    PUSH(mem, &s.address, S("Du lundi au vendredi, de 8 h 30 à 17 h"));
    return s;
}

struct paper sample_letter(arena *mem)
{
    struct paper p = {.lang = LANG_FR, .title = S("Refus d’autorisation d’occupation du domaine public"), .made_us = INT64_C(1795392000000000), .sender = sender(mem), .reference = S("BCDF-GHJK"),
                      .place_date = S("Épinal, le 23 novembre 2026"), .object = S("votre demande d’occupation du domaine public"),
                      .signature = {S("Jeanne"), S("Martin"), S("Responsable de la voirie"), S("Direction de l’espace public")},
                      .verify = {S("https://ville.test/v/7KQ2-M9XC-4TRB-0W3H-8ZVN-5DJE-P6"), S("7KQ2-M9XC-4TRB-0W3H-8ZVN-5DJE-P6")}};
    PUSH(mem, &p.recipient, S("Mme Lucie Petit"));
    PUSH(mem, &p.recipient, S("12 rue des Forts"));
    PUSH(mem, &p.recipient, S("88000 Épinal"));
    PUSH(mem, &p.blocks, (struct paper_block){.type = PAPER_FACTS});
    const char *const facts[][2] = {{"Demande", "Occupation du domaine public pour un déménagement"}, {"Reçue le", "3 novembre 2026"}, {"Décision", "Refusée"}};
    for (size_t i = 0; i < 3; i++) {
        struct paper_row row = {0};
        PUSH(mem, &row, paper_words(mem, str_of(facts[i][0])));
        PUSH(mem, &row, paper_words(mem, str_of(facts[i][1])));
        PUSH(mem, &p.blocks.v[0].rows, row);
    }
    paper_markdown(mem, str_of(body), &p.blocks);
    PUSH(mem, &p.foot, S("Pièce jointe : arrêté municipal du 4 mars 2024."));
    return p;
}

static void choice(arena *mem, struct paper_block *b, const char *label)
{
    struct paper_row row = {0};
    PUSH(mem, &row, paper_words(mem, str_of(label)));
    PUSH(mem, &b->rows, row);
}

struct paper sample_form(arena *mem)
{
    struct paper p = {.lang = LANG_FR, .title = S("Inscription à l’accueil du soir"), .made_us = INT64_C(1795392000000000), .sender = sender(mem)};
    struct paper_block birth = {.type = PAPER_FIELD, .words = paper_words(mem, S("Date de naissance")), .required = true, .room = ROOM_BOXES, .boxes = S("JJ/MM/AAAA")};
    struct paper_block days = {.type = PAPER_FIELD, .words = paper_words(mem, S("Jours de présence")), .room = ROOM_CHOICES, .many = true};
    struct paper_block adults = {.type = PAPER_FIELD, .words = paper_words(mem, S("Personnes qui viennent chercher l’enfant")), .room = ROOM_ROWS, .room_n = 3};
    struct paper_row head = {0};
    choice(mem, &days, "lundi");
    choice(mem, &days, "mardi");
    PUSH(mem, &head, paper_words(mem, S("Nom et prénom")));
    PUSH(mem, &head, paper_words(mem, S("Téléphone")));
    PUSH(mem, &adults.rows, head);
    paper_markdown(mem, S("À rendre au guichet unique, ou à envoyer à l'adresse ci-dessus.\n\n# L'enfant"), &p.blocks);
    PUSH(mem, &p.blocks, (struct paper_block){.type = PAPER_FIELD, .words = paper_words(mem, S("Nom et prénom")), .help = S("comme sur le livret de famille"), .required = true, .room_n = 1});
    PUSH(mem, &p.blocks, birth);
    PUSH(mem, &p.blocks, days);
    PUSH(mem, &p.blocks, adults);
    PUSH(mem, &p.blocks, (struct paper_block){.type = PAPER_RESERVED, .words = paper_words(mem, S("Cadre réservé à l’administration")), .room_n = 3});
    return p;
}
