/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* What the town offers besides its four forms: the entries of the library, the change of use, and four fact sheets in the published form.
   The sheets were written for the demonstration, and say so. */
#include "core/sheets.h"
#include "formats/json.h"
#include "main/demo_data.h"

#define SHEET_HEAD(id_, title_, said_, theme_id_, theme_)                                                                                                                            \
    "<?xml version=\"1.0\" encoding=\"UTF-8\"?><Publication xmlns:dc=\"http://purl.org/dc/elements/1.1/\" ID=\"" id_ "\" type=\"Fiche d'information\"><dc:title>" title_              \
    "</dc:title><dc:description>" said_ "</dc:description><dc:date>modified 2026-10-12</dc:date><dc:type>Fiche pratique</dc:type><Theme ID=\"" theme_id_ "\"><Titre>" theme_ "</Titre></Theme>"
#define CHAPTER(title_, text_) "<Chapitre><Titre><Paragraphe>" title_ "</Paragraphe></Titre>" text_ "</Chapitre>"
#define PARAGRAPH(text_) "<Paragraphe>" text_ "</Paragraphe>"
#define ITEM(text_) "<Item><Paragraphe>" text_ "</Paragraphe></Item>"
#define LAW(url_, title_) "<Reference ID=\"R1\" URL=\"" url_ "\"><Titre>" title_ "</Titre></Reference>"

static const struct { const char *name, *xml; } sheets[] = {
    {"F1427.xml",
     SHEET_HEAD("F1427", "Acte de naissance : copie ou extrait", "Qui peut demander un acte de naissance, et à quelle mairie.", "N19810", "Papiers - Citoyenneté - Élections")
     "<Introduction><Texte>" PARAGRAPH("Un acte de naissance se demande à la mairie du lieu de naissance. C’est <MiseEnEvidence>gratuit</MiseEnEvidence>.") "</Texte></Introduction>"
     "<ListeSituations affichage=\"onglet\"><Situation><Titre>Né en France</Titre><Texte>"
     CHAPTER("Qui peut le demander ?", PARAGRAPH("La personne elle-même, ses parents, ses enfants, son époux ou son partenaire de <LienInterne LienPublication=\"F1618\">Pacs</LienInterne>.")
             "<ASavoir><Titre>À savoir</Titre>" PARAGRAPH("Un site qui fait payer un acte de naissance n’est pas un site officiel.") "</ASavoir>")
     CHAPTER("Comment faire ?", "<Liste type=\"puce\">" ITEM("En ligne, auprès de la mairie de naissance.") ITEM("Sur place, avec une pièce d’identité.") ITEM("Par courrier, avec une enveloppe à votre adresse.") "</Liste>"
             "<Tableau><Titre>Ce que contient chaque document</Titre><Colonne largeur=\"40\" type=\"header\"/><Colonne largeur=\"30\" type=\"normal\"/>"
             "<Rangée type=\"header\"><Cellule>" PARAGRAPH("Document") "</Cellule><Cellule>" PARAGRAPH("Noms des parents") "</Cellule></Rangée>"
             "<Rangée type=\"normal\"><Cellule>" PARAGRAPH("Copie intégrale") "</Cellule><Cellule>" PARAGRAPH("oui") "</Cellule></Rangée>"
             "<Rangée type=\"normal\"><Cellule>" PARAGRAPH("Extrait sans filiation") "</Cellule><Cellule>" PARAGRAPH("non") "</Cellule></Rangée></Tableau>")
     "</Texte></Situation><Situation><Titre>Né à l’étranger</Titre><Texte>" PARAGRAPH("Adressez-vous au service central d’état civil, à Nantes.") "</Texte></Situation></ListeSituations>"
     LAW("https://www.legifrance.gouv.fr/codes/id/LEGITEXT000006070721/", "Code civil : articles 34 à 39") "</Publication>"},
    {"F1618.xml",
     SHEET_HEAD("F1618", "Pacte civil de solidarité (Pacs)", "Deux personnes majeures organisent leur vie commune : à qui s’adresser et que préparer.", "N19805", "Famille - Scolarité")
     "<Texte>" CHAPTER("Où le conclure ?", PARAGRAPH("À la mairie de votre résidence commune, ou chez un notaire."))
     CHAPTER("Que préparer ?", "<Liste type=\"puce\">" ITEM("La convention, signée par les deux.") ITEM("Un <LienInterne LienPublication=\"F1427\">acte de naissance</LienInterne> de chacun.") "</Liste>") "</Texte>"
     LAW("https://www.legifrance.gouv.fr/codes/id/LEGITEXT000006070721/", "Code civil : articles 515-1 à 515-7-1") "</Publication>"},
    {"F1367.xml",
     SHEET_HEAD("F1367", "Liste électorale : s’inscrire", "Comment s’inscrire pour voter, et jusqu’à quand.", "N19810", "Papiers - Citoyenneté - Élections")
     "<Texte>" CHAPTER("Jusqu’à quand ?", PARAGRAPH("Jusqu’au sixième vendredi avant le premier tour.")) CHAPTER("Comment faire ?", PARAGRAPH("En ligne, à la mairie ou par courrier.")) "</Texte>"
     LAW("https://www.legifrance.gouv.fr/codes/id/LEGITEXT000006070239/", "Code électoral : articles L9 à L18") "</Publication>"},
    {"N367.xml",
     SHEET_HEAD("N367", "Carte grise (certificat d’immatriculation)", "Achat, vente, changement d’adresse, perte : ce qui se demande à France Titres.", "N19812", "Transports - Mobilité")
     "<Texte>" PARAGRAPH("La mairie ne délivre pas de carte grise.") "</Texte></Publication>"}};
#define SHEETS (sizeof sheets / sizeof *sheets)

static err sheet_file(void *arg, arena *mem, size_t i, struct sheet_file *out)
{
    (void)arg;
    (void)mem;
    *out = (struct sheet_file){str_of(sheets[i].name), str_of(sheets[i].xml)};
    return NO_ERR;
}

static str sheet_name(void *arg, size_t i)
{
    (void)arg;
    return str_of(sheets[i].name);
}

static err sheets_make(db *d, arena *mem)
{
    struct sheets_done done;
    TRY(sheets_import(d, mem, &(struct sheets_source){.n = SHEETS, .file = sheet_file, .name = sheet_name, .is_sample = true}, &done));
    return done.faulty.n ? FAIL_AT(E_INTERNAL, "demo.sheet", str_z(mem, done.faulty.v[0])) : NO_ERR;
}

/* Waste is the agglomeration's; the rest is the town's. */
err demo_entries(struct run *r, const struct tenant *t, db *d, const int64_t *bodies)
{
    for (const char *const *name = kind_names_library; *name; name++) {
        json_t *definition;
        struct kind *k;
        struct kind_row row;
        enum kind_taken what;
        TRY(kind_library_get(r->mem, *name, &definition));
        TRY(kind_parse_any(r->mem, definition, &k));
        bool waste = str_is(k->name, "decheterie") || str_is(k->name, "collecte-dechets");
        if (kind_offer(k) == OFFER_HERE && !str_is(k->name, "changement-usage")) continue;
        TRY(kind_take(d, r->mem, definition, bodies[waste ? 1 : 0], &what, &row));
        TRY(kind_publish(d, t, r->mem, row.name, 0));
    }
    return sheets_make(d, r->mem);
}
