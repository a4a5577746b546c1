/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* kind.h — what a kind of record is: fields, states, transitions, rights, what is public, how long it is kept.
   A definition is JSON (kinds shipped with Beffroi are YAML compiled in; kinds of a town are stored as immutable revisions); same
   schema for both, docs/kinds.md. Parsed once into an arena of its own, then shared read-only between threads. */
#pragma once
#include <jansson.h>
#include "base/clock.h"
#include "core/condition.h"

struct field_type;
struct option_order;            /* labels folded and sorted, for long lists: value_list.h */
struct option { str id; struct text label; str group; bool retired, is_file; };   /* group: the primary of a linked choice; is_file: see life_asks */
struct options { struct option *v; size_t n; const struct option_order *order; };
struct fields { struct field *v; size_t n; struct form_rules *rules; };       /* rules: form_rules.h; NULL: none of them reads another */

struct field {
    str id;                     /* opaque, for life */
    str name;                   /* unique in its kind; what rules use */
    const struct field_type *type;
    struct text label, help;
    struct text brief;          /* the question as a title, where its answer is shown to all: "Description"; absent: the label */
    bool help_is_html;          /* imported rich text: cleaned when shown */
    bool required, is_public, filter, is_private;      /* is_private: an agents' annotation */
    bool other;                 /* a choice with free entry */
    int many;                   /* 0: one value; n: a list of at most n */
    int level;                  /* heading */
    struct options options;
    bool masks;                 /* an ask whose options are the kind's public fields, and the record's files in them: life_asks */
    str list;                   /* a shared value list instead of options */
    str accept;                 /* file: "image", "document", or MIME types */
    double min, max; bool has_min, has_max;
    int max_length;             /* code points; 0: the type's own */
    str pattern, pattern_help;  /* formatted text: ICU expression, matched whole; what it means, in words */
    str example;                /* a valid value, as text: shown in the schema */
    bool money;                 /* a number of euros: shown as such */
    bool past;                  /* date: not after today */
    bool future;                /* date: not before today */
    str autocomplete;           /* HTML autofill token; absent: guessed from the type */
    struct condition *when;     /* NULL: always shown */
    struct condition *computed; /* its value is computed, never typed; NULL: it is asked */
    const struct field *section;          /* the heading under whose condition it stands; NULL: none */
    bool if_needed;             /* asked only while a result depends on it */
    str unit;                   /* number: a unit of Publicodes, "€/mois" */
    struct fields children;     /* repeat */
    const struct field *parent; /* the repeat it lies in; NULL at top level */
    struct text purpose;        /* personal data: why it is asked */
    struct text said;           /* of an ask: what its words are called when the person reads them; absent: the label */
    json_t *foreign;            /* kept for other systems, never read here */
    size_t index;               /* among all fields of its kind, rows' fields counted, in order */
};

struct state {
    str name; struct text title;
    bool is_initial, is_final, is_public;
    struct strs shown;          /* names of the public fields shown in this state before anything is published; of a place only the point */
    str tone;                   /* waiting | moving | citizen | done | refused : colour of the tag */
};
struct states { struct state *v; size_t n; };

enum by { BY_AGENT = 1, BY_AUTHOR = 2, BY_SYSTEM = 4, BY_ADMIN = 8 };
struct effect { const struct effect_type *type; json_t *argument; };
struct effects { struct effect *v; size_t n; };
struct transition {
    str name; struct text title;
    struct text history;        /* what it is called once done: "Refusé"; the title when absent */
    struct text before, done;   /* said to who starts it: what follows, above its button; then that it is done */
    struct strs from; str to;   /* to absent: stays */
    unsigned by;
    struct fields asks;         /* declared here or shared in core/asks.yaml */
    struct effects does;
    bool has_after; struct span after;    /* a timer, counted from entering `from` or from the filing's clock */
    str after_setting;          /* the span is read from this setting of the kind ("silence.after") */
    str if_setting, if_value;   /* exists only when that setting has that value ("silence.means", "acceptance"): kind_setting_str */
    struct condition *when;     /* a guard */
    struct condition *after_rule;         /* a duration: the timer's length, from a rule */
    bool decision;              /* shows its author's forename, surname, capacity, service (CRPA L212-1) and routes of appeal */
};
struct transitions { struct transition *v; size_t n; };

enum letter_outcome { LETTER_OTHER, LETTER_GRANTED, LETTER_REFUSED };
struct letter { str name; struct text title, object, body; enum letter_outcome outcome; };        /* letter_template.h */
struct letters { struct letter *v; size_t n; };

struct kind {
    str name;                   /* for life in its tenant: "report", "d88444" */
    int64_t revision;           /* 0: compiled in */
    str service;                /* "procedures", "reports": which room draws it */
    str base;                   /* kind whose life-cycle it takes ("procedure"); absent for shipped kinds */
    struct text title, description;
    bool description_is_html;
    int64_t number;             /* a procedure's number, as imported or given */
    struct strs facets;
    struct fields fields;
    struct states states;
    struct transitions transitions;
    struct letters letters;     /* what its transitions may send */
    const json_t *rules;        /* Publicodes: name to definition; NULL: none. What it imports is in its place */
    struct requirements eligibility;
    struct routing routing;
    struct span keep_final, keep_draft; bool has_keep; str keep_then;     /* "anonymise" | "remove" */
    str title_from;             /* name of the field that gives the record its title; absent: the kind's */
    size_t fields_walk;         /* rows' fields counted */
    json_t *settings;           /* service, contacts, silence, appeal, audience, … : docs/kinds.md */
    json_t *foreign;
    json_t *definition;         /* the whole, as stored */
};

/* Parses and checks a definition; E_INVALID with at = "fields[3].when: …". base: the life-cycle kind, NULL for none; it must outlive
   the kind. The definition is kept by reference: never change it afterwards. */
err kind_parse(arena *mem, const json_t *definition, const struct kind *base, struct kind **out);
err kind_parse_any(arena *mem, const json_t *definition, struct kind **out);      /* with the shipped base it names */
const struct field *kind_field(const struct kind *k, str id);             /* by id, in repeats too */
const struct field *kind_field_named(const struct kind *k, str name);
const struct state *kind_state(const struct kind *k, str name);
const struct state *kind_initial(const struct kind *k);
/* The one question of the form that surely gets the mail of whoever files: required, the agents' own not counted, always asked. NULL:
   none, or several, of which one may be an employer's. */
const struct field *kind_mail(const struct kind *k);
const struct transition *kind_transition(const struct kind *k, str name);
const struct letter *kind_letter(const struct kind *k, str name);
const struct option *field_option(const struct field *f, str id);         /* in its own options, retired ones too */
/* Compiled in from the YAML files: *.kind.yaml by name, *.list.yaml by name, core/asks.yaml. JSON text; NULL: none. */
const char *kind_yaml_shipped(const char *name);
const char *list_yaml_shipped(const char *name);
extern const char *const kind_names_shipped[];                            /* ends with NULL */
extern const char asks_shipped[];
/* Ready procedures (towns/library): models, which a town takes under the same names (kind_take in kinds.h). */
const char *kind_yaml_library(const char *name);
extern const char *const kind_names_library[];                            /* ends with NULL */

/* Pages of the form: a level-1 heading opens one; a long one is cut at its level-2 headings. Private fields are on none. */
struct form_page { struct text title; size_t from, to; };                 /* indexes in kind.fields, to excluded */
struct form_pages { struct form_page *v; size_t n; };
struct form_pages kind_pages(arena *mem, const struct kind *k);
