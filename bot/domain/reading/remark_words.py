"""The words with which a remark says that the thing beside it isn't to be blocked, in the languages that are read.

All patterns are for folded text: small letters, without accents, with straight apostrophes. See `remarks`.
"""

from __future__ import annotations

import re

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
    r"vals[\s-]positief|vals\salarm|known[\s-]good|bekannt\sgut|"
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
    r"exclu|exclue|excluid[oa]|excepcion|excepciones|eccezione|eccezioni|uitzondering|excecao|vertrauenswurdig|sicher|"
    r"confiable|fiable|affidabile|betrouwbaar|ours|our\sown|own|eigene?|internal|intern|interne|interno|"
    r"victims?|opfer|victimes?|victimas?|vittima|slachtoffer|recipients?|empfanger|destinataires?|destinatario|"
    r"do\snothing|leave(?:\salone)?|leave\sit|skip|keep|dunno|safe\sto\s[a-z]{2,12}|"
    r"(?:trusted|known|safe|our|good)\s(?:sender|partner|customer|vendor|supplier|source|contact|service|company)|"
    r"(?:own|our\sown|eigene|unsere|our)\s(?:domain|server|ip|network|host|mail|address|tenant|domane|adresse))"
    r"(?:\s(?:please|pls|bitte|only|list|now))?"
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
    r"entsperren|zulassen|debloquer|autoriser|desbloquear|sbloccare)(?!\w)"
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
    r"[\s-](?:looking|seeming|appearing|aussehende?|wirkende?)(?!\w)|[^,;.]{0,60}"
    r"(?:by\s(?:mistake|accident|error)|accidental|mistaken|wrongly|erroneous|in\serror|irrtum|versehen|par\serreur|"
    r"por\serror|per\serrore|por\sengano)"
)
#: A remark that begins so says that a block is meant, whatever follows.
MEANT = re.compile(
    r"(?:block|sperren|blockieren|bloquer|bloquear|bloccare|blokkeren)\s?:(?!\s?(?:no|false|n|0|nein|non)\b)"
)
