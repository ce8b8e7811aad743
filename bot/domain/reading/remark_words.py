"""The words with which a remark says that the thing beside it isn't to be blocked, in the languages that are read.

All patterns are for folded text: small letters, without accents, with straight apostrophes. See `remarks`.
"""

from __future__ import annotations

import re


def _words(words: str) -> tuple[str, ...]:
    return tuple(words.split())


_BLOCK = r"(?:block|blacklist|blocklist|ban|deny|reject|quarantine|filter|list|add|touch|import|include|remediate)"
_BLOCKED = r"(?:blocked|blacklisted|blocklisted|banned|denied|rejected|quarantined|filtered|listed)"
_SPERREN = r"(?:zu\s)?(?:sperren|blockieren|blocken|ablehnen|aufnehmen|eintragen|listen)"
_GESPERRT = r"(?:gesperrt|blockiert|geblockt|abgelehnt|aufgenommen|eingetragen|gelistet)"

#: A block that is said not to be wanted.
NEGATED = re.compile(
    r"(?<!\w)(?:"
    rf"(?:do\snot|don't|dont|donot|must\snot|mustn't|should\snot|shouldn't|shall\snot|not\sto|needn't|need\snot|"
    rf"no\sneed\sto|no\sreason\sto|please\snot|pls\snot|never|nor)\s(?:ever\s|please\s)?(?:{_BLOCK}|be\s{_BLOCKED})"
    rf"|not\s(?:for|worth)\sblocking|not\sto\sbe\s{_BLOCKED}|stop\s(?:blocking|filtering|rejecting)"
    r"|(?:no|non|nicht)[\s-]?(?:block|blocking|sperre|sperrung)"
    rf"|(?:nicht|niemals|nie|keinesfalls|bitte\snicht)\s(?:[^\W\d_]{{1,15}}\s){{0,2}}(?:{_SPERREN}|"
    rf"{_GESPERRT}\s(?:werden|sein))|(?:keine?|ohne)\s(?:sperre|sperrung|blockierung|block)"
    r"|n(?:e\s|')(?:surtout\s)?(?:pas|jamais)\s(?:\w{1,10}\s)?(?:bloquer|interdire|rejeter|ajouter)"
    r"|ne\s(?:pas\s)?(?:le\s|la\s|les\s)?bloque(?:z|r)?\s(?:pas|jamais)|ne\sdoi(?:t|vent)\spas\setre\sbloque"
    r"|(?:no|nunca|jamas)\s(?:(?:se|debe|deben|hay|que|lo|la|los)\s){0,3}(?:bloquear|bloquee[sn]?|ser\sbloquead[oa])"
    r"|(?:non|mai)\s(?:(?:va|vanno|deve|devono|si|essere|da)\s){0,3}(?:bloccare|bloccat[oaie])"
    r"|(?:niet|nooit)\s(?:[^\W\d_]{1,12}\s)?(?:blokkeren|geblokkeerd\sworden)"
    r"|(?:nao|nunca)\s(?:(?:se|deve|devem|ser)\s){0,2}bloquea(?:r|do)"
    r")(?!\w)"
)
#: `Block: no`, `gesperrt = nein`.
ANSWERED_NO = re.compile(
    r"(?<!\w)(?:(?:to\s)?block(?:ed|ing|list(?:ed)?)?|deny|denied|malicious|bad|phish(?:ing)?|spam|gesperrt|sperren|"
    r"blockieren|blockiert|bloquer|bloquear|bloqueado|bloccare|blokkeren)\s?[:=?]\s?"
    r"(?:no|false|n|0|nein|falsch|non|faux|nee|nao|never|not|none|off)(?!\w)"
)
#: What something was found to be. What stands before and behind can excuse it: see below.
HARMLESS = re.compile(
    r"(?<![\w-])(?:benign|legit|legitimate|legitimately|legitim(?:e[rsn]?)?|legitim[oa]s?|legittim[oaie]|harmless|"
    r"harmlose?[srn]?|unbedenkliche?[srn]?|inoffensi(?:f|ve)s?|inofensiv[oa]s?|innocu[oa]s?|onschadelijk|ungefahrlich|"
    r"white-?list(?:ed|ing)?|allow-?list(?:ed|ing)?|safe-?list(?:ed)?|pass-?list(?:ed)?|positivliste|freigabeliste|"
    r"false[\s-]positives?|false[\s-]alarms?|f/?p|fehlalarme?|falscher\salarm|falsch[\s-]positiv(?:e[rs]?)?|"
    r"faux[\s-]positifs?|fausse\salerte|falsos?\spositivos?|falsa\salarma|falsi?o?\spositiv[oi]|falso\sallarme|"
    r"vals[\s-]positief|vals\salarm|known[\s-]good|bekannt\sgut|legitiem|goedaardig|gutartig|liste\sblanche|"
    r"lista\s(?:blanca|bianca|branca)|no\slonger\s(?:malicious|needed|in\suse|relevant|bad|a\sthreat)|"
    r"nicht\smehr\s(?:bosartig|notig|schadlich|relevant|benotigt)|"
    r"(?:not|isn't|isnt|aren't|nicht|non|pas|no\ses|nao\se|niet)\s(?:a\s|an\s|really\s|actually\s|est\s|e\s|de\s|du\s)?"
    r"(?:malicious|malware|phish|phishing|spam|junk|harmful|dangerous|bad|suspicious|a\sthreat|schadlich|bosartig|"
    r"gefahrlich|malveillante?|malicios[oa]|malevol[oa]|dannos[oa]|kwaadaardig)|"
    r"keine?\s(?:spam|phishing|malware|gefahr|bedrohung|schadsoftware)|geen\s(?:spam|phishing|malware))(?![\w])"
)
#: Nothing but these in a part of a remark: there they are verdicts, in a sentence they are words like any other.
WHOLE = re.compile(
    r"(?:(?:is|are|it|it's|its|this|that|as|an?|the|please|pls|bitte|known|seems?|probably|ist|als|eine?|est|une?|es|"
    r"una?|comme|como|our|unsere?)\s){0,4}"
    r"(?:safe|clean|good|trusted|exceptions?|exclusions?|exempt(?:ed)?|excepted|excluded|ausnahmen?|ausgenommen|"
    r"exclu|exclue|excluid[oa]|excepcion|excepciones|eccezione|eccezioni|uitzondering|excecao|vertrauenswurdig|sicher|sauber|propre|limpi[oa]|pulit[oa]|"
    r"confiable|fiable|affidabile|betrouwbaar|ours|our\sown|own|eigene?|internal|intern|interne|interno|"
    r"victims?|opfer|victimes?|victimas?|vittima|slachtoffer|recipients?|empfanger|destinataires?|destinatario|"
    r"do\snothing|leave(?:\salone)?|leave\sit|skip|keep|dunno|safe\sto\s(?!block|ban|black|deny|drop|quarant|filter)[a-z]{2,12}|"
    r"(?:trusted|known|safe|our|good)\s(?:sender|partner|customer|vendor|supplier|source|contact|service|company)|"
    r"(?:own|our\sown|eigene|unsere|our)\s(?:domain|server|ip|network|host|mail|address|tenant|domane|adresse))"
    r"(?:\s(?:please|pls|bitte|only|list|now))?|(?:is\s|this\sis\s|it\sis\s|it's\s|ist\s)?(?:ok|okay|obsolet[eo]?|deprecated|"
    r"superseded|withdrawn|retired|archived|revoked|sinkholed|veraltet|widerrufen|zuruckgezogen)|"
    r"(?:exception|ausnahme|excepcion|eccezione|uitzondering|excecao)\s(?:bis|until|till|for|fur|pour|para|per|voor|wegen|"
    r"due|by|from|von)\s.{1,60}|(?:our|unsere?[rns]?)\s(?:own|eigene[rns]?)\s[a-z ]{1,30}"
)
#: A part of a remark that begins so asks for the opposite of a block.
OPPOSITE = re.compile(
    r"(?:please\s|pls\s|bitte\s|kindly\s|must\sbe\s|should\sbe\s|to\sbe\s|needs?\sto\sbe\s)*"
    r"(?:unblock(?:ed)?|un-block|allow|permit|whitelist|allowlist|release|exempt|trust|zulassen|freigeben|entsperren|"
    r"erlauben|debloquer|autoriser|desbloquear|permitir|sbloccare|consentire|deblokkeren|toestaan)(?![\w-])"
)
#: The same inside a sentence.
ASKED_FOR = re.compile(
    r"(?<!\w)(?:please|pls|kindly|must\sbe|should\sbe|to\sbe|needs?\sto\sbe|bitte|muss|soll|ist\szu|a|da|de)\s"
    r"(?:unblock(?:ed)?|allow(?:ed)?|permitted|whitelisted|allowlisted|exempted|freigeben|freigegeben\swerden|"
    r"entsperren|zulassen|debloquer|autoriser|desbloquear|sbloccare)(?!\w)|"
    r"(?<!\w)(?:remove|take|drop)\s(?:[a-z]{1,12}\s){0,4}(?:from|off)\s(?:the\s|our\s)?(?:block|black|deny)\s?lists?(?!\w)|"
    r"(?<!\w)(?:lift|remove)\s(?:the\s|this\s)block(?!\w)"
)
#: `Action: Allow`: a name, and what it says.
NAMED = re.compile(
    r"(?<!\w)(?:action|aktion|accion|azione|actie|acao|verdict|status|state|policy|disposition|decision|result|"
    r"entscheidung|list|liste|type|mode|do|classification|category|kategorie|rating|tag|label)\s?[:=]\s?"
    r"[\"']?([a-z][a-z -]{1,30})"
)
#: Before a verdict: it says the opposite.
NOT_BEFORE = re.compile(
    r"(?:(?<!\w)(?:not|no|never|isn't|isnt|wasn't|aren't|kein|keine|keinen|nicht|pas|aucun|non|nunca|nao|niet|geen|"
    r"hardly|anything\sbut|un)\s(?:an?\s|the\s|really\s|ein\s|eine\s|un\s|une\s|de\s|del\s|any\s|been\s|es\s|est\s|e\s){0,2}"
    r"|(?:fake|non|pseudo|il|quasi)-?\s?)\Z"
)
#: Somewhere before a verdict in the same part: it is what something else pretends to be, or what was abused.
EXCUSED_BEFORE = re.compile(
    r"abus|compromis|hijack|hack|imitat|impersonat|mimic|spoof|fake|faking|forg|pretend|pose|posing|disguis|masquerad|"
    r"clon|copie|copy|steal|stole|phish(?:es|ing)?\s(?:of|for|against)|misus|exploit|infect|missbrauch|gefalscht|"
    r"gehackt|kompromitt|tarnt|getarnt|gibt\ssich|nachgeahmt|imit|usurp|pirat|detourn|suplant|falsific|imita|finge|"
    r"bypass|besides|among|instead|targets|targeting|attacks"
)
#: Behind a verdict: it is how something looks.
EXCUSED_BEHIND = re.compile(
    r"[\s-](?:looking|seeming|appearing|aussehende?|wirkende?|bypass(?:es|ed|ing)?|evasion)(?!\w)|[^,;.]{0,60}"
    r"(?:by\s(?:mistake|accident|error)|accidental|mistaken|wrongly|erroneous|in\serror|irrtum|versehen|par\serreur|"
    r"por\serror|per\serrore|por\sengano)"
)
#: A remark that begins so says that a block is meant, whatever follows.
MEANT = re.compile(
    r"(?:block|sperren|blockieren|bloquer|bloquear|bloccare|blokkeren)\s?:(?!\s?(?:no|false|n|0|nein|non)\b)"
)
#: One of these stands in whatever the patterns above find, or a negation with one of the others: quick to look for.
STEMS = _words(
    """
    = : ? safe clean good trust vertrau excep exclu exempt ausnahm ausgenomm eccez uitz excec sicher fiab affidab
    betrouw our own eigen unser intern victim opfer vittima slacht recipient empfang destinat nothing leave skip keep
    dunno allow permit list release zulass zugel freig erlaub autoris consent toesta toege unblock un-block entsperr
    debl desbl sbloc bypass pass accept ok approv ignor remov delet unquar benign legit harm unbed inoff inofe innoc
    onsch ungef posit alarm fp f/p fehl faux fauss vals fals bekannt stop
    sauber propre limpi pulit
    onger mehr obsol deprec supers withdr retir archiv revok sinkh blanc bianc branc goedaard gutart lift
    """
)
NEGATION = re.compile(
    r"(?<!\w)(?:not?|nor|non|never|don't|dont|donot|mustn't|shouldn't|shouldnt|needn't|isn't|isnt|aren't|nicht|niemals|nie|"
    r"keine?|keinesfalls|ohne|ne|n'|pas|nunca|jamas|mai|niet|nooit|nao|geen)(?!\w)|n'"
)
NEGATED_STEMS = _words(
    """
    block black ban den reject quarant filt add touch import includ remed sperr block lehn nehm nomm trag bloq interd
    rejet ajout blocc blok malici malw phish spam junk danger bad suspic threat schad bosart gefahr malv dann kwaad
    bedroh malev
    """
)
