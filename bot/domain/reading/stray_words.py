"""The words before and behind what a reason names: whether it is only told of, or may be what is really meant.

All are in small letters.
"""

from __future__ import annotations


def _words(words: str) -> frozenset[str]:
    return frozenset(words.split())


def _pairs(words: str) -> frozenset[tuple[str, str]]:
    listed = words.split()
    return frozenset(zip(listed[::2], listed[1::2], strict=True))


#: Before what a sentence only names.
ONLY_NAMED = _words(
    """
    see cf by from to at via in on of for against like than with into under through about per towards our their real
    legitimate genuine impersonates impersonating imitates imitating mimics mimicking spoofs spoofing targets targeting
    hits hitting attacks attacking pretends posing uses using abuses abusing hosts hosting resolves redirects links
    loads drops contacts ticket case report reported reporter source ref reference details info more user victim
    mailbox recipient colleague customer client partner contact analyst version release build is was not approved asked
    owner helpdesk link cc siehe von vom bei an auf aus mit für gegen wie über durch nutzer voir de par chez pour contre
    ver por para vedi da al hacia
    """
)
#: Behind what a sentence names: it does something there.
DOES = _words(
    """
    told is was are were says said reports reported asked asks has had sent sends got gets received receives clicked
    opened will wants complained users customers employees staff people account accounts mailbox mailboxes users' hat
    ist war meldet meldete sagt wurde est dit es dice also does did
    """
)
JOINING = _words("and und et y e & or oder ou")

#: Before what isn't meant, though what stands in front of it covers it or was meant at first.
EXCEPTING = _words(
    """
    except excepting excluding exclude excludes without not besides minus ohne außer ausser ausgenommen nicht statt
    anstatt sauf excepté hormis sans salvo excepto menos sin tranne eccetto senza behalve zonder exceto sem pas no
    """
)
#: The same in two words.
EXCEPTING_PAIRS = _pairs(
    """
    instead of rather than other than apart from aside from anstelle von au lieu lieu de lieu du en lugar lugar de
    vez de invece di plaats van invés de à part unlike the but for
    """
)
#: Before `not`: then the sentence says what something isn't.
STATES = _words("is was are were isn't wasn't ist war sind est es é be been")

#: Behind a victim, before `by`: what stands in front of them is who suffers from it.
SUFFERED = _words(
    """
    spoofed impersonated imitated faked forged abused attacked targeted hit copied cloned phished hacked compromised
    mimicked misused hijacked spammed bombed flooded scammed defrauded harassed victimized gefälscht nachgeahmt
    imitiert missbraucht angegriffen gehackt kompromittiert kopiert usurpé imité attaqué piraté ciblé usurpée imitée
    attaquée suplantado suplantada imitado imitada atacado atacada falsificado falsificada imitato imitata attaccato
    falsificato nagebootst vervalst aangevallen gespooft gespoofed gephisht falsificado imitado atacado
    """
)
BY = _words("by via from through von vom durch über par por da dal door using with")

#: At the beginning of a reason: what stands before them and behind them are the two ends of a message's way.
ON_THE_WAY = _words(
    "to via by from through -> --> => → ⇒ > an nach von durch über à de par por da per vers aan naar para al -&gt; &gt;"
)
#: The same behind another word: `on behalf of`, `im Auftrag von`; and `up to`, between the ends of a range.
ON_THE_WAY_FIRST = _pairs(
    "up to behalf of auftrag von part de nombre de nome di conto di naam van sent to sent by sent from"
)
