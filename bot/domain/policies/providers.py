"""Names that stand for very many unrelated people: to block one as a whole stops mail or links of all of them.

`MAIL_PROVIDERS` are domains at which the public has addresses. Policy refuses to block one as a whole; an address there
is fine. `SHARED_HOSTS` are hosts under which the public publishes pages and files, or through which unrelated senders
pass. Policy warns before one is blocked as a whole.

The lists are curated by hand, for the cost of a mistake rather than for completeness: a provider belongs here when an
organization somewhere can be expected to get wanted mail from it every day. They change seldom; add to them freely.
"""

from __future__ import annotations


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


MAIL_PROVIDERS = _names(
    """
    gmail.com googlemail.com
    outlook.com hotmail.com live.com msn.com passport.com windowslive.com
    outlook.co.uk hotmail.co.uk live.co.uk hotmail.fr live.fr outlook.fr hotmail.de live.de outlook.de
    hotmail.it live.it outlook.it hotmail.es outlook.es live.nl hotmail.nl outlook.jp live.jp hotmail.co.jp
    outlook.com.br hotmail.com.br live.com.au hotmail.com.au outlook.com.au live.ca hotmail.ca live.se hotmail.se
    yahoo.com ymail.com rocketmail.com myyahoo.com yahoo.co.uk yahoo.fr yahoo.de yahoo.it yahoo.es yahoo.ca yahoo.co.in
    yahoo.in yahoo.co.jp yahoo.com.br yahoo.com.au yahoo.com.mx yahoo.com.ar aol.com aim.com verizon.net
    icloud.com me.com mac.com privaterelay.appleid.com
    proton.me protonmail.com protonmail.ch pm.me tutanota.com tutanota.de tuta.io tuta.com
    fastmail.com fastmail.fm hey.com zoho.com zohomail.com zohomail.eu mail.com email.com usa.com
    gmx.com gmx.net gmx.de gmx.at gmx.ch gmx.fr gmx.co.uk web.de t-online.de freenet.de posteo.de mailbox.org arcor.de
    orange.fr wanadoo.fr free.fr sfr.fr laposte.net bbox.fr neuf.fr
    libero.it virgilio.it tiscali.it alice.it tin.it tim.it
    btinternet.com btopenworld.com sky.com talktalk.net virginmedia.com ntlworld.com blueyonder.co.uk
    telefonica.net terra.com.br uol.com.br bol.com.br ig.com.br
    ziggo.nl kpnmail.nl planet.nl xs4all.nl home.nl telenet.be skynet.be proximus.be bluewin.ch
    telia.com online.no wp.pl o2.pl interia.pl onet.pl seznam.cz centrum.cz azet.sk abv.bg ukr.net
    mail.ru bk.ru inbox.ru list.ru internet.ru yandex.ru yandex.com ya.ru rambler.ru
    qq.com foxmail.com 163.com 126.com yeah.net sina.com sina.cn sohu.com 139.com 189.cn aliyun.com
    naver.com daum.net hanmail.net nate.com docomo.ne.jp ezweb.ne.jp softbank.ne.jp i.softbank.jp
    rediffmail.com bigpond.com bigpond.net.au optusnet.com.au xtra.co.nz
    comcast.net xfinity.com att.net sbcglobal.net bellsouth.net cox.net charter.net spectrum.net earthlink.net juno.com
    frontier.com centurylink.net optonline.net shaw.ca rogers.com bell.net sympatico.ca videotron.ca telus.net
    """
)

SHARED_HOSTS = _names(
    """
    google.com docs.google.com drive.google.com sites.google.com forms.gle googleapis.com storage.googleapis.com
    googleusercontent.com firebaseapp.com web.app appspot.com blogspot.com youtube.com youtu.be goo.gl
    microsoft.com office.com forms.office.com office365.com live.com onedrive.com 1drv.ms sharepoint.com
    microsoftonline.com windows.net blob.core.windows.net web.core.windows.net azurewebsites.net azureedge.net
    teams.microsoft.com teams.live.com outlook.office.com outlook.office365.com outlook.live.com outlook.cloud.microsoft
    login.microsoftonline.com meet.google.com mail.google.com calendar.google.com translate.google.com zoom.us
    onmicrosoft.com protection.outlook.com mail.protection.outlook.com
    amazonaws.com s3.amazonaws.com cloudfront.net amazonses.com awsapps.com
    cloudflare.com pages.dev workers.dev r2.dev trycloudflare.com ipfs.io
    github.com github.io githubusercontent.com gitlab.com gitlab.io bitbucket.org
    dropbox.com dropboxusercontent.com box.com wetransfer.com we.tl mediafire.com
    bit.ly tinyurl.com t.co ow.ly is.gd rebrand.ly lnkd.in
    facebook.com instagram.com linkedin.com twitter.com x.com telegram.org t.me discord.com discordapp.com
    wordpress.com wixsite.com weebly.com squarespace.com webflow.io netlify.app vercel.app herokuapp.com glitch.me
    notion.site notion.so canva.com adobe.com zendesk.com hubspot.com salesforce.com force.com typeform.com
    jotform.com surveymonkey.com
    sendgrid.net sendgrid.com mailgun.org mailgun.net mandrillapp.com mailchimp.com mcsv.net list-manage.com
    sparkpostmail.com constantcontact.com exacttarget.com pphosted.com mimecast.com
    """
)
