"""The words beside a length or a date in a reason, and what they say of it: part of a story, an end, or neither."""

from __future__ import annotations

import re

POLITE = frozenset({"please", "pls", "thanks", "thx", "bitte", "danke", "merci"})
#: Before a length: it tells of the past, or how often.
STORY_BEFORE = frozenset(
    {
        *("last", "past", "previous", "prior", "since", "every", "each", "over", "than", "lasted", "took", "within"),
        *("letzten", "letzte", "vergangenen", "seit", "alle", "vor", "über", "hace", "depuis", "derniers", "twice"),
        *("once", "times", "per", "first", "another", "older", "only", "just", "exactly", "about", "almost", "nearly"),
    }
)
#: Behind a length: likewise.
STORY_AFTER = frozenset({"ago", "old", "later", "earlier", "long", "apart", "straight", "running", "zuvor", "her"})
#: Behind a length: it may be meant either way, unless it is far too short for an entry.
DOUBT_AFTER = frozenset({"of", "von", "after", "before", "in", "nach"})
#: Directly behind a length: it may be what the length is of, as in `1day exploit`.
DESCRIBED_AFTER = frozenset(
    {
        *("exploit", "exploits", "exploited", "exploitation", "vulnerability", "vulnerabilities", "vuln", "vulns"),
        *(
            "bug",
            "flaw",
            "hole",
            "lücke",
            "schwachstelle",
            "faille",
            "vulnerabilidad",
            "trial",
            "trials",
            "testversion",
        ),
    }
)
#: The same behind a unit that is a word of its own, in the singular: `2 day campaign`.
DESCRIBED_IN_WORDS = frozenset(
    {
        *("campaign", "wave", "event", "outage", "delay", "window", "notice", "period", "challenge", "sale", "offer"),
        *("warranty", "subscription", "invoice", "course", "conference", "run", "surge", "spike", "stay"),
    }
)
#: Before a length or a date: it may be meant either way.
DOUBT_BEFORE = frozenset(
    {
        *(
            "in",
            "on",
            "by",
            "at",
            "after",
            "before",
            "from",
            "of",
            "due",
            "starts",
            "starting",
            "ends",
            "ending",
            "end",
        ),
        *(
            "le",
            "el",
            "il",
            "du",
            "del",
            "den",
            "seen",
            "vu",
            "vus",
            "reported",
            "received",
            "sent",
            "gesehen",
            "since",
        ),
        *("down", "up", "offline", "lasted", "waited", "waiting", "out", "away", "running", "took", "delayed", "late"),
        *("overdue", "active", "idle", "broken", "dead", "been", "was", "old", "ongoing", "unreachable"),
        *("expires", "expiring", "expiry", "am", "vom", "ab", "from", "dated", "planned", "is", "are", "will", "to"),
    }
)
#: Somewhere before `for 2 weeks`: then it is as likely part of a story.
STORY_VERBS = frozenset(
    {
        *("been", "has", "have", "had", "was", "were", "active", "ongoing", "seen", "sent", "us", "me", "them", "now"),
        *("lasted", "going", "running", "known", "waited", "waiting", "continued", "went", "there", "already", "seit"),
    }
)
#: Before a length: it tells how old something is, also in brackets.
AGE_BEFORE = frozenset(
    {"age", "aged", "registered", "created", "nrd", "registriert", "alter", "enregistré", "registrado"}
)
END_WORDS = frozenset(
    {
        *("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday", "tomorrow", "tonight", "today"),
        *("next", "end", "the", "further", "notice", "eod", "eow", "eom", "eoy", "weekend", "week", "month", "year"),
        *("mon", "tue", "wed", "thu", "fri", "sat", "sun", "noon", "midnight", "christmas", "easter", "q1", "q2"),
        *("q3", "q4", "montag", "dienstag", "mittwoch", "donnerstag", "freitag", "samstag", "sonntag", "morgen"),
        *("ende", "auf", "nächste", "nächsten", "nächster", "heute", "weihnachten", "ostern", "vendredi", "lundi"),
        *("mardi", "mercredi", "jeudi", "samedi", "dimanche", "demain", "fin", "viernes", "lunes", "mañana"),
    }
)
VAGUE = re.compile(
    r"(?:(?:the\s|at\s)?end\sof\s(?:the\s|this\s|next\s)?(?:day|week|month|quarter|year)|eo[dwmy]|ende\s(?:der|des)\s"
    r"(?:woche|monats|jahres|quartals)|(?:jahres|monats|quartals)ende|fin\s(?:du|de)\s(?:mois|l['’]année)|"
    r"next\s(?:week|month|quarter|year|monday|tuesday|wednesday|thursday|friday|saturday|sunday)|"
    r"nächste[rns]?\s(?:woche|monat|jahr)|tomorrow|(?<!guten\s)morgen|übermorgen|demain|mañana|domani|amanhã)(?!\w)",
    re.IGNORECASE,
)
SEEN = re.compile(
    r"(?:seen|again|heard|sent|been|had|ever|mind|asked|wanted|subscribed|requested|used|in\ssight|of|to|an?|any|more|"
    r"opted|signed|agreed|consented|registered|enrolled|joined|ordered|bought|purchased|paid|contacted|invited|mailed|"
    r"wrote|written|replied|answered|responds?|received|delivered|got|gave|knew|met|did|does|was|is|were|has|have|"
    r"saw|worked|works|stops?|stopped|ends?|ending|changes?|existed|trust(?:ed)?|legit(?:imate)?|valid|ours|before|"
    r"wieder|mehr|bestellt|gesehen|gehört|angemeldet|abonniert|zugestimmt|registriert|kontaktiert|bezahlt|erhalten|"
    r"bekommen|gekauft|gewesen|angefordert|nunca)(?!\w)"
)
#: In front of a length: where nothing stands before them, they only stress it.
STRESSING = frozenset({"only", "just", "exactly", "nur", "genau"})
#: Before a length, where nothing stands before them: it may be meant either way.
LEADING_DOUBT = frozenset({"within"})
#: What people write around how long, and what only repeats the wish or presses: no reason by itself.
OF_THE_END = (
    STRESSING
    | POLITE
    | frozenset(
        {
            *(
                "until",
                "untill",
                "unti",
                "unitl",
                "valid",
                "for",
                "the",
                "next",
                "at",
                "on",
                "from",
            ),
            *(
                "exp",
                "expire",
                "expires",
                "expiring",
                "expiry",
                "expiration",
                "end",
                "ends",
                "ending",
                "date",
                "time",
                "ttl",
            ),
            *(
                "lifetime",
                "duration",
                "length",
                "period",
                "how",
                "long",
                "lasting",
                "extend",
                "extended",
                "block",
                "blocked",
            ),
            *("ban", "entry", "listing", "included", "inclusive", "it", "this", "them", "that", "and"),
            *("gültig", "befristet", "auf", "bis", "lang", "für", "dauer", "laufzeit", "ablauf", "ablaufdatum", "ende"),
            *(
                "die",
                "der",
                "den",
                "nächsten",
                "sperren",
                "sperre",
                "blockieren",
                "durant",
                "pendant",
                "valable",
                "fin",
            ),
            *("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday", "mon", "tue", "wed", "thu"),
            *("fri", "sat", "sun", "montag", "dienstag", "mittwoch", "donnerstag", "freitag", "samstag", "sonntag"),
            *("mo", "di", "mi", "do", "fr", "sa", "so", "midnight", "noon", "eod", "utc"),
        }
    )
)
