# Elke zin die iemand leest. Dezelfde sleutels staan in en.ftl; een test vergelijkt ze.

## The words of the field: outcomes and reasons (engine)

outcome-started = Aflevering gestart
outcome-nothing-waiting = Er wacht niets
outcome-delivered = Afgeleverd
outcome-signalled = Signaal gegeven
outcome-refused = Geweigerd
outcome-unreachable = Onbereikbaar
outcome-unknown = Onbekend
outcome-held = Uitgesteld
outcome-failed = Mislukt

health-proved = Werkt: er komt mail door
health-asked = Opgevraagd; niet bevestigd
health-needs-you = Wacht op jou
# $health is one of health-*.
health-and-poking = { $health } (nu bezig)
health-trouble = Problemen
health-paused = Gepauzeerd
health-not-set-up = Nog niet ingesteld
health-waiting = Wacht op de eerste opvraging

# Een of twee zinnen over wat een opvraging opleverde en wat te doen. $domain, $host, $pending, $code.
reason-queuing-started = De provider is begonnen met afleveren. Of er mail klaarstond, meldt hij niet.
reason-pending-started = { $pending ->
    [0] De provider is begonnen met het afleveren van de wachtende mail.
    [one] De provider is begonnen met het afleveren van één bericht.
   *[other] De provider is begonnen met het afleveren van { $pending } berichten.
}
reason-already-running = De provider was al aan het afleveren. Meer is niet nodig.
reason-no-messages = Er wacht geen mail bij de provider.
reason-quit-signals = Verbinden was genoeg: deze provider begint af te leveren zodra we ophangen. Of er mail klaarstond, meldt hij niet.
reason-quit-unsure = Verbonden en weer opgehangen: de provider biedt geen opdracht om mee op te vragen. Of verbinden genoeg is om hem te laten afleveren, is pas te zeggen als er mail is binnengekomen.
reason-domains-needed = De provider begint per domein af te leveren (ETRN), en er is geen domein ingesteld, dus er is niets opgevraagd. Voeg je domeinen toe: “Domeinen” in het venster, “--domain example.org” op de opdrachtregel.
reason-login-needed = De provider geeft de mail pas af na inloggen (ATRN), en er is geen login ingesteld, dus er is niets opgevraagd. Vul de login in: “Gebruikersnaam” en wachtwoord in het venster, “--user NAAM” op de opdrachtregel.
reason-normal-here = De provider antwoordde { $code }, wat daar normaal is: verbinden was genoeg.
reason-masked-by-firewall = Een oude firewall maskeert het gesprek met { $host }, dus het goede antwoord bewijst niets. Zet zijn SMTP-inspectie uit (“fixup protocol smtp”) om meer te weten.
reason-try-later = De provider weigerde voorlopig en vraagt het later opnieuw te proberen. De volgende opvraging doet dat.
reason-service-closing = De provider sluit af of heeft het te druk. De volgende opvraging probeert het opnieuw.
reason-password-transition = De provider accepteert deze inlogmethode pas als hij het wachtwoord opnieuw heeft opgeslagen. Zet “auth” voor één opvraging op “plain” en TLS op “required”, of vraag de provider om een nieuw wachtwoord.
reason-cannot-queue = De provider startte zijn wachtrij niet: hij heeft het druk, of doet dat niet voor jou. De volgende opvraging probeert het opnieuw; blijft het zo, vraag het dan aan de provider.
reason-not-allowed = De provider levert dit domein niet op verzoek af. Vraag de provider of hij er mail voor vasthoudt; als zijn wachtrij bij elke verbinding start, kies dan de methode “signal” of zet { $code } bij de normale antwoorden.
reason-syntax = De provider accepteert het domein niet zoals het is geschreven. Vraag wat je moet sturen; sommige willen # of @ voor het domein.
reason-not-implemented = De provider kent de opdracht niet. Als zijn wachtrij bij elke verbinding start, kies dan de methode “signal” of zet { $code } bij de normale antwoorden.
reason-bad-sequence = De provider accepteerde de opdracht niet op dit moment. Laat het gesprek zien aan de helpdesk van de provider.
reason-finger-signals = Het finger-verzoek was het signaal: deze provider begint af te leveren als hij dat krijgt. Of er mail klaarstond, meldt hij niet.
reason-hello-signals = De verbinding was het signaal: deze provider begint af te leveren als hij die ziet. Of er mail klaarstond, meldt hij niet.
reason-messages-delivered = { $messages ->
    [one] Er kwam één bericht over de verbinding, en je mailserver heeft het aangenomen.
   *[other] Er kwamen { $messages } berichten over de verbinding, en je mailserver heeft ze allemaal aangenomen.
}
reason-messages-delivered-in-part = { $messages ->
    [one] Er kwam één bericht over de verbinding, en je mailserver heeft het aangenomen, maar niet voor alle ontvangers.
   *[other] Er kwamen { $messages } berichten over de verbinding, en je mailserver heeft ze aangenomen, maar niet allemaal voor alle ontvangers.
}
reason-foreign-recipients = Alle mail die over de verbinding kwam was voor ontvangers buiten de domeinen van dit account, dus is er niets van doorgegeven.
recipients-refused = { $count ->
    [one] Hij weigerde één ontvanger; zoek de reden in zijn logboek.
   *[other] Hij weigerde { $count } ontvangers; zoek de reden in zijn logboek.
}
recipients-foreign = { $count ->
    [one] Eén ontvanger is geweigerd, omdat die niet bij een domein van dit account hoort. Is dat domein van jou, voeg het dan toe aan de domeinen van het account.
   *[other] { $count } ontvangers zijn geweigerd, omdat ze niet bij een domein van dit account horen. Zijn die domeinen van jou, voeg ze dan toe aan de domeinen van het account.
}
reason-delivered-uncounted = Er kwam mail over de verbinding. Hoeveel berichten is niet te zien, doordat de provider en je mailserver de verbinding tussen hen versleutelden.
reason-mail-server-refused = { $refused ->
    [one] Je mailserver weigerde een bericht dat de provider afleverde. Zoek de reden in zijn logboek; een definitief geweigerd bericht gaat terug naar de afzender.
   *[other] Je mailserver weigerde { $refused } berichten die de provider afleverde. Zoek de reden in zijn logboek; definitief geweigerde berichten gaan terug naar de afzenders.
}
reason-delivery-broken = De verbinding brak af tijdens het afleveren. Wat je mailserver nog niet had aangenomen, ligt nog bij de provider; de volgende opvraging haalt het op.
reason-turn-abandoned = De provider zou de mail over deze verbinding afleveren, maar verbrak haar zonder iets af te leveren en zonder afscheid. Er kan daar nog mail wachten; de volgende opvraging vraagt er opnieuw om.
reason-did-not-turn = De provider zou de mail over deze verbinding afleveren, maar ging verder als server; daarom is de verbinding beëindigd. Vraag de provider of hij deze methode werkelijk aanbiedt.
reason-mail-server-unset = Er is geen mailserver ingesteld waar de mail heen kan, dus is er niets opgevraagd. Stel “mail_server” in voor dit account.
reason-mail-server-down = Je mailserver antwoordt niet, dus is er niets opgevraagd. Start hem, en controleer zijn adres in de instellingen.
reason-mail-server-not-ready = Je mailserver antwoordde, maar neemt nu geen mail aan, dus is er niets opgevraagd. Kijk in zijn logboek.
reason-held-because = { $why } Daarom is er nog niets opgevraagd; Dequeue doet dat zodra je server er klaar voor is.
reason-held-once = { $why } Daarom is er niets opgevraagd.
reason-tls-required = De provider wil eerst een versleutelde verbinding. Zet TLS voor dit account op “required”.
reason-tls-not-offered = De provider biedt geen versleuteling aan, terwijl dit account die vereist, dus is er niets opgevraagd. Vraag het de provider; het kan ook zijn dat iets tussen jou en hem het aanbod weghaalt.
reason-tls-failed = De versleutelde verbinding kwam niet tot stand, dus is er niets opgevraagd. Controleer de poort en de instelling van TLS; misschien ondersteunt de provider alleen versies die niet meer veilig zijn.
reason-injected = Er werd iets tussengevoegd voordat de versleuteling begon; daarom is het gesprek beëindigd en is er niets opgevraagd. Gebeurt het weer, dan knoeit er iemand met de verbinding tussen jou en de provider.
reason-certificate-unknown = Geen instantie die deze machine vertrouwt staat in voor het certificaat van { $host }, dus is er niets opgevraagd. Vraag de provider of het van hem is: dan kun je het vertrouwen, of zijn CA-bestand opgeven.
reason-certificate-expired = Het certificaat van { $host } is verlopen, dus is er niets opgevraagd. Vraag de provider het te vernieuwen, en controleer de klok van deze machine.
reason-certificate-not-yet-valid = Het certificaat van { $host } is nog niet geldig, dus is er niets opgevraagd. Controleer de klok van deze machine.
reason-certificate-wrong-name = Het certificaat is niet van { $host }, dus is er niets opgevraagd. Controleer de host; misschien heeft de provider nog een andere naam.
reason-certificate-revoked = Het certificaat van { $host } is ingetrokken, dus is er niets opgevraagd. Meld het de provider.
reason-certificate-changed = Het certificaat van { $host } is niet het certificaat dat je vertrouwt, dus is er niets opgevraagd. Vraag de provider of hij een nieuw heeft, voordat je dat vertrouwt.
reason-certificate-invalid = Het certificaat van { $host } is niet bruikbaar, dus is er niets opgevraagd. Laat het gesprek aan de helpdesk van de provider zien.
reason-tls-local = Een bestand voor de versleuteling is niet bruikbaar: controleer het CA-bestand, het clientcertificaat en de sleutel in de instellingen.
reason-starttls-refused = De provider biedt versleuteling aan, maar weigerde ermee te beginnen, dus is er niets opgevraagd. Vraag het de provider.
reason-client-certificate-required = De provider vraagt een certificaat van jou, en kreeg er geen dat hij accepteert, dus is er niets opgevraagd. Zet “client_cert” en “client_key” op het certificaat waaraan hij je kent.
reason-login-required = De provider wil dat je eerst inlogt. Vul de gebruikersnaam en het wachtwoord in die hij je gaf.
reason-login-refused = De provider accepteerde de login niet. Controleer de gebruikersnaam en het wachtwoord.
reason-token-refused = De provider accepteerde het logintoken niet. Misschien is het verlopen, of bedoeld voor een andere gebruiker of dienst: haal een nieuw op, en controleer de instelling “secret” en de klok van deze machine.
reason-login-not-offered = De provider biedt geen manier van inloggen aan die Dequeue kent, dus is er niets opgevraagd. Haal de gebruikersnaam weg als hij er geen nodig heeft; velen bieden inloggen alleen op een versleutelde verbinding aan.
reason-login-mechanism = De provider accepteert geen van de manieren van inloggen die dit account kan gebruiken. Controleer de instelling “auth”, en vraag de provider welke manier hij accepteert.
reason-login-in-clear = De provider zou het wachtwoord alleen aannemen over een onversleutelde verbinding, waar iedereen onderweg het kan lezen; daarom is het niet verstuurd. Zet TLS op “required”; zet “login_in_clear” alleen aan als je het risico accepteert.
reason-login-unverified = De verbinding is versleuteld, maar niemand staat in voor het certificaat aan de andere kant: wie ertussen zit zou het wachtwoord kunnen lezen, dus is het niet verstuurd. Vertrouw het certificaat (“pin”), of zet “ca_file” op de instantie van de provider; zet “login_in_clear” alleen aan als je het risico accepteert.
reason-login-confused = Wat de provider bij het inloggen zei is niet te begrijpen, dus is het afgebroken. Laat het gesprek aan de helpdesk van de provider zien.
reason-server-not-proved = Wat antwoordde kent je wachtwoord niet, en is dus misschien niet de provider. Er is niets opgevraagd.
reason-secret-missing = Er is niets verstuurd, doordat het wachtwoord niet beschikbaar is. { $answer }
reason-denied = De provider weigerde. Vraag of je adres voor dit domein op zijn lijst staat.
reason-denied-without-login = De provider weigerde. Hij biedt inloggen aan en dit account heeft geen login: vul de gebruikersnaam en het wachtwoord in die hij je gaf, of vraag of je adres voor dit domein op zijn lijst staat.
reason-ehlo-refused = De provider accepteert de naam niet waarmee deze machine zich voorstelt, dus er is niets opgevraagd. Zet “ehlo” op een volledige hostnaam, bijvoorbeeld die van je mailserver.
reason-not-asked = Niet gevraagd: de provider weigerde een eerder domein op een manier die de verzoeken beëindigt.
reason-not-smtp = Wat op { $host } antwoordde is geen mailserver. Controleer de host en de poort.
reason-bad-reply = De mailserver op { $host } gaf een antwoord dat niet bij de vraag past. Laat de dialoog zien aan de helpdesk van de provider.
reason-too-much = Wat op { $host } antwoordde stuurde veel meer dan een mailserver doet. Controleer de host en de poort.
reason-no-answer = De provider viel stil. De opvraging kan toch hebben gewerkt; bij de volgende blijkt dat.
reason-hung-up = De provider hing op zonder antwoord. De opvraging kan toch hebben gewerkt; bij de volgende blijkt dat.
reason-not-greeted = { $host } nam de verbinding aan maar groette niet, dus er is niets opgevraagd. De volgende opvraging probeert het opnieuw; controleer de host en de poort.
reason-implicit-tls-expected = { $host } groette niet op poort 465, waar de versleuteling bij de eerste byte begint, dus er is niets opgevraagd. Zet TLS op “implicit”.
reason-interrupted = Dequeue werd beëindigd voordat de provider had geantwoord. De opvraging kan toch hebben gewerkt; de volgende komt kort na de start.
reason-interrupted-before-request = Dequeue werd beëindigd voordat de provider iets kon worden gevraagd, dus er is niets opgevraagd. De volgende opvraging komt kort na de start.
reason-silent-before-request = De provider viel stil voordat hem iets kon worden gevraagd, dus er is niets opgevraagd. De volgende opvraging probeert het opnieuw.
reason-hung-up-before-request = De provider hing op voordat hem iets kon worden gevraagd, dus er is niets opgevraagd. De volgende opvraging probeert het opnieuw.
reason-no-address = De naam { $host } heeft geen adres. Controleer de spelling, en of je eigen DNS-server hem kent.
reason-no-ipv4-address = { $host } heeft geen IPv4-adres, en hier is alleen IPv4 toegestaan. Verbeter “IP-versie” of het bronadres in de instellingen.
reason-no-ipv6-address = { $host } heeft geen IPv6-adres, en hier is alleen IPv6 toegestaan. Verbeter “IP-versie” of het bronadres in de instellingen.
reason-no-interface = Deze machine heeft geen netwerkinterface zoals achter de % in { $host } staat. Vul de interface in met zijn naam of nummer; op Windows met zijn nummer.
reason-connection-refused = { $host } weigert verbindingen. Controleer de poort en of de dienst van de provider draait.
reason-no-route = Er is vanaf hier geen route naar { $host }. Controleer de netwerkverbinding.
reason-connect-timeout = { $host } antwoordde niet. Controleer de host, en of een firewall hier of bij je internetprovider de poort blokkeert.
reason-local-fault = Deze machine kon de verbinding niet openen. Controleer het bronadres in de instellingen en het netwerk.
# In een melding, waar niets anders bij de hand is.
explanation-with-answer = { $explanation } De provider zei: “{ $answer }”
# Na wat van de opvraging kwam: een host van het account waar het niet lukte.
explanation-tried = Vóór { $host } is { $tried } geprobeerd: { $why }
# Voor de zin, waar het domeinen verschillend verging.
reason-of-domain = { $domain }: { $sentence }

# Waar TLS mislukte: $why en $do zijn die hieronder.
reason-because = { $why } Er is niets opgevraagd. { $do }
reason-tls-failed-because = De versleutelde verbinding kwam niet tot stand, dus is er niets opgevraagd. { $why } { $do }
reason-tls-required-because = De provider staat op een versleutelde verbinding, en die kwam niet tot stand. { $why } { $do }
reason-login-in-clear-because = Het wachtwoord is niet verstuurd, want de versleuteling die het moest beschermen kwam niet tot stand. { $why } { $do }
reason-login-not-offered-because = De provider biedt over een onversleutelde verbinding geen inloggen aan, en een versleutelde kwam niet tot stand. { $why } { $do }
explanation-tls-alert = { $explanation } Hij beëindigde de versleutelde verbinding met de melding “{ $alert }”.

tls-weak-key = Het certificaat van { $host } heeft een RSA-sleutel van minder dan 2048 bits, en dat is niet meer veilig.
tls-weak-key-do = Vraag de provider om een certificaat met een grotere sleutel; bij dit certificaat helpt zelfs “pin” niet.
tls-weak-signature = Het certificaat van { $host }, of een dat ervoor instaat, is ondertekend op een manier die niet meer veilig is, zoals met SHA-1.
tls-weak-signature-do = Vraag de provider om een nieuw certificaat; is dit van hem, dan kun je het vertrouwen.
tls-certificate = Het certificaat van { $host } is niet bruikbaar.
tls-certificate-do = Laat het gesprek aan de helpdesk van de provider zien.
tls-client-certificate = De provider vraagt een certificaat van jou, en kreeg er geen dat hij accepteert (melding “{ $alert }”).
tls-client-certificate-do = Zet “client_cert” en “client_key” op het certificaat waaraan hij je kent.
tls-version = De provider kent alleen versies van TLS van vóór 1.2, die niet meer veilig zijn.
tls-version-do = Vraag de provider om TLS 1.2 of 1.3 aan te bieden.
tls-nothing-in-common = De provider en Dequeue hebben geen versleutelingsmethode gemeen.
tls-nothing-in-common-alert = De provider vond geen versleutelingsmethode die hij met Dequeue gemeen heeft (melding “{ $alert }”).
tls-nothing-in-common-do = Vraag de provider om TLS 1.3 aan te bieden, of TLS 1.2 met ECDHE en AES-GCM.
tls-unknown-name = De provider heeft geen certificaat voor de naam { $host } (melding “{ $alert }”).
tls-unknown-name-do = Controleer de host; misschien heeft de provider nog een andere naam.
tls-alerted = De provider stuurde de melding “{ $alert }”.
tls-alerted-do = Vraag het de provider; in zijn logboek staat meer.
tls-not-tls = Wat op { $host } antwoordde spreekt geen TLS.
tls-not-tls-said = Wat op { $host } antwoordde spreekt geen TLS: het zei “{ $said }”.
tls-not-tls-do = Controleer de poort. Begint de versleuteling pas na een begroeting, zoals op poort 25 en 587, zet TLS dan op “required”.
tls-broken = Wat de provider stuurde houdt zich niet aan de regels van TLS ({ $error }).
tls-broken-do = Laat het gesprek aan de helpdesk van de provider zien.
tls-closed = De provider hing op.
tls-closed-do = Controleer de poort, en vraag het de provider; in zijn logboek staat meer.
tls-timed-out = De provider antwoordde niet op tijd.
tls-timed-out-do = Controleer de poort en de instelling van TLS.
tls-file-missing = Het bestand { $path } (instelling “{ $setting }”) bestaat niet.
tls-file-missing-do = Verbeter het pad.
tls-file-unreadable = Het bestand { $path } (instelling “{ $setting }”) is niet te lezen ({ $error }).
tls-file-unreadable-do = Controleer of het een bestand is, en of de gebruiker waaronder Dequeue draait het mag lezen.
tls-file-not-pem = Het bestand { $path } (instelling “{ $setting }”) is geen PEM, of is beschadigd.
tls-file-not-pem-do = PEM is tekst die begint met een regel “-----BEGIN …-----”. Zet het bestand daarin om, of noem een ander.
tls-file-no-certificate = In het bestand { $path } (instelling “{ $setting }”) staat geen certificaat.
tls-file-no-certificate-do = Noem het bestand met het certificaat.
tls-file-bad-certificate = In het bestand { $path } (instelling “{ $setting }”) staat een certificaat dat beschadigd is.
tls-file-bad-certificate-do = Haal het bestand opnieuw op.
tls-file-no-key = In het bestand { $path } (instelling “{ $setting }”) staat geen sleutel.
tls-file-no-key-do = Noem het bestand met de sleutel van het clientcertificaat.
tls-file-encrypted-key = De sleutel in het bestand { $path } (instelling “{ $setting }”) is versleuteld.
tls-file-encrypted-key-do = Sla hem zonder wachtwoord op, alleen leesbaar voor de gebruiker waaronder Dequeue draait.
tls-file-bad-key = De sleutel in het bestand { $path } (instelling “{ $setting }”) is niet bruikbaar.
tls-file-bad-key-do = Gebruik een RSA-sleutel van minstens 2048 bits, of een voor ECDSA (P-256, P-384) of Ed25519.
tls-file-key-of-another = De sleutel in het bestand { $path } (instelling “{ $setting }”) hoort niet bij het clientcertificaat.
tls-file-key-of-another-do = Noem het bestand met de sleutel van dat certificaat.
tls-no-authorities = Deze machine heeft geen certificaten van instanties, dus is geen certificaat te controleren.
tls-no-authorities-do = Installeer die van het systeem, of vul “ca_file” of “pin” in.
tls-bad-name = Voor de naam { $host } kan geen certificaat bestaan.
tls-bad-name-do = Verbeter de host.
tls-local = Deze machine kon geen versleutelde verbinding beginnen ({ $error }).
tls-local-do = Kijk in het logboek van het systeem.

# Waarom “auto” de methode koos.
choice-no-domains = Gekozen omdat er geen domein is ingesteld: dan blijft alleen verbinden over.
choice-etrn-offered = Gekozen omdat de provider ETRN aanbiedt.
choice-etrn-answered = Gekozen omdat de provider op ETRN antwoordt, al biedt hij het niet aan.
choice-etrn-unknown = Gekozen omdat de provider ETRN niet aanbiedt en ook niet accepteert: verbinden is het signaal.
choice-atrn-offered = Gekozen omdat de provider ATRN aanbiedt en dit account een login heeft.
choice-remembered = Gekozen omdat het eerder werkte en de begroeting van de provider niet is veranderd.

## Faults in what was typed or written (engine)

field-name = Naam
field-host = Host
field-port = Poort
field-method = Methode
field-domains = Domeinen
field-every = Interval
field-notify = Meldingen
field-ehlo = EHLO-naam
field-bind = Bronadres
field-ip = IP-versie
field-normal_codes = Normale antwoorden
field-connect_timeout = Tijdslimiet voor het verbinden
field-greeting_timeout = Tijdslimiet voor de begroeting
field-command_timeout = Tijdslimiet voor een antwoord
field-turn_timeout = Tijdslimiet voor het omkeren
field-tls = TLS
field-ca_file = CA-bestand
field-pin = Vertrouwd certificaat
field-client_cert = Clientcertificaat
field-client_key = Sleutel van het clientcertificaat
field-user = Gebruikersnaam
field-auth = Manier van inloggen
field-login_in_clear = Wachtwoord onversleuteld
field-mail_server = Mailserver
field-finger = Finger-verzoek
field-language = Taal

# Het veld, wat er mis is met $value, en (remedy-VELD) wat te doen.
fault-sentence = { $field }: { $fault } { $remedy }
fault-empty = er is niets ingevuld.
fault-space = “{ $value }” bevat een spatie.
fault-control = “{ $value }” bevat een regeleinde of een ander stuurteken.
fault-control-in-path = “{ $value }” bevat een tab, een regeleinde of een ander stuurteken. Zet een pad met backslashes in het instellingenbestand tussen enkele aanhalingstekens, zoals 'C:\tools\notify.exe'.
fault-character = “{ $value }” bevat “{ $character }”, en dat mag hier niet.
fault-too-long = “{ $value }” is te lang ({ $length } tekens).
fault-label = “{ $value }” heeft een deel dat leeg is, langer is dan 63 tekens, of begint of eindigt met een streepje.
fault-invalid = “{ $value }” is niet bruikbaar.
fault-tls-needed = dit telt alleen als elke verbinding versleuteld is, en “tls” staat op { $value }.
fault-tls-unspoken = de methode “{ $value }” kent geen versleuteling, dus er zou niets beschermd zijn.
fault-rules-out-ipv4 = dit sluit “{ $value }” uit, want dat is een IPv4-adres.
fault-rules-out-ipv6 = dit sluit “{ $value }” uit, want dat is een IPv6-adres.
fault-localhost = “{ $value }” zegt de provider niets.
fault-not-a-number = “{ $value }” is geen heel getal.
fault-out-of-range = { $value } valt buiten het bereik.
fault-not-a-duration = “{ $value }” is geen tijdsduur.
fault-too-short = “{ $value }” is te kort.
fault-unknown-choice = “{ $value }” is geen van de mogelijkheden.
fault-taken = “{ $value }” is al de naam van een ander account.
fault-wrong-type = de waarde is van het verkeerde type.
fault-unknown-key = er is geen instelling met de naam “{ $value }”.
fault-missing = ontbreekt.
fault-mail-server-needed = de methode “{ $value }” levert de mail af over Dequeues eigen verbinding, en er is geen mailserver (“mail_server”) voor ingesteld.
fault-domains-untested = de methode “{ $value }” laat alleen mail voor de domeinen van het account door zolang de test van je mailserver uit staat, en er zijn geen domeinen ingesteld.
fault-domains-needed = de methode “{ $value }” vraagt elk domein bij naam op, en er is er geen ingesteld.
fault-not-a-web-address = dit is geen webadres.
fault-login-in-address = dit webadres bevat een gebruikersnaam of wachtwoord, en dat hoort niet in de instellingen.
fault-left-out = dit is bij het exporteren weggelaten, omdat er een sleutel in kan staan.
fault-secret-in-clear = het geheim zou over een onversleutelde verbinding naar dit adres gaan; het gaat alleen naar https.
fault-not-a-template = { $value } is geen JSON met title of body, tussen accolades, in een van de teksten.
fault-not-a-mail-address = “{ $value }” is geen e-mailadres.
fault-mail-needed = het gaat per e-mail, en er is geen mailserver voor meldingen ingesteld.
fault-open-quote = “{ $value }” bevat een aanhalingsteken dat niet gesloten wordt.
fault-open-line = het wachtwoord van { $value } zou over een onversleutelde verbinding gaan.

remedy-name = Geef het account een korte eigen naam, zoals die van de provider.
remedy-host = Vul alleen de naam of het adres van de provider in, zoals bsmtp.example.org.
remedy-port = Vul een getal in van 1 tot 65535; 25 is gebruikelijk.
remedy-method = Kies auto, signal, etrn, atrn, turn, qsnd, finger of hello.
remedy-domains = Vul elk domein in zoals example.org, één per regel of met komma's ertussen.
remedy-every = Vul een tijd in van 10 seconden tot 31 dagen, zoals 15m, 1h of 1h30m.
remedy-notify = Kies never, problems of everything.
remedy-ehlo = Vul de volledige naam van deze machine in, zoals mail.example.org, of laat het weg.
remedy-bind = Vul een IP-adres van deze machine in, of laat het weg.
remedy-ip = Kies auto, 4 of 6.
remedy-normal_codes = Vul codes van drie cijfers in, zoals 502, 459.
remedy-connect_timeout = Vul een tijd in van 1 seconde tot 1 uur, zoals 30s.
remedy-greeting_timeout = Vul een tijd in van 1 seconde tot 1 uur, zoals 5m.
remedy-command_timeout = Vul een tijd in van 1 seconde tot 1 uur, zoals 5m.
remedy-turn_timeout = Vul een tijd in van 1 seconde tot 1 uur, zoals 10m.
remedy-tls-needed = Zet “tls” op required of implicit, of laat dit weg.
remedy-mail-needed = Stel ook “notice_mail_host”, “notice_mail_from” en “notice_mail_to” in, of kies never.
remedy-tls-unspoken = Kies none, of een andere methode.
remedy-tls = Kies none, opportunistic, required of implicit.
remedy-ca_file = Vul het pad van een PEM-bestand in, of laat het weg.
remedy-pin = Vul de SHA-256-vingerafdruk van het certificaat in, 64 hexadecimale cijfers, of laat die weg.
remedy-client_cert = Vul het pad van een PEM-bestand in, of laat het weg.
remedy-client_key = Vul het pad van een PEM-bestand in, of laat het weg.
remedy-user = Vul de gebruikersnaam in die de provider je gaf, of laat die weg.
remedy-auth = Kies auto, token, external, scram-sha-256, scram-sha-1, oauthbearer, xoauth2, cram-md5, plain of login.
remedy-login_in_clear = Kies true of false.
remedy-mail_server = Vul de naam of het adres van je mailserver in, zoals 127.0.0.1:25; behalve bij atrn en turn mag je het weglaten.
remedy-finger = Vul één regel tekst in, of laat die weg.
remedy-language = Kies system, en of nl.
remedy-unknown-key = Vergelijk de spelling met docs/settings.md, of haal de regel weg.

# Fouten in het instellingenbestand.
settings-at-line = Regel { $line } van { $path }: { $fault }
settings-in = { $path }: { $fault }
settings-of-account = Account { $account }: { $fault }
settings-unreadable = het bestand kan niet worden gelezen ({ $error }). Controleer de rechten.
settings-gone = het bestand is verdwenen. Zet het terug. Wil je geen accounts meer, start Dequeue dan opnieuw.
settings-without-accounts = er staat geen account meer in het bestand. Zet ze terug. Het laatste account verwijder je met “dequeue account remove” of in het venster.
settings-not-utf8 = de tekst is geen UTF-8. Sla het bestand opnieuw op als UTF-8.
settings-syntax = dit is geen TOML ({ $error }). Verbeter de regel of haal hem weg.
settings-backslash = dit is geen TOML ({ $error }). Zet een pad met backslashes tussen enkele aanhalingstekens, zoals 'C:\tools\notify.exe'.
settings-version = het bestand is van versie { $version }, die dit programma niet kent. Werk het programma bij, of zet version = 1.
settings-version-wrong = version moet een heel getal zijn. Zet version = 1.
settings-keep-running = De laatste goede instellingen blijven gelden tot de fout is verbeterd.
settings-not-writable = De instellingen kunnen niet worden geschreven naar { $path } ({ $error }). Er is niets veranderd. Controleer de rechten en de ruimte op de schijf.
settings-contended = Een ander programma is de instellingen in { $path } aan het wijzigen. Er is niets veranderd. Probeer het zo meteen opnieuw.
settings-faulty-not-saved = Er is niets veranderd, want het instellingenbestand bevat een fout. Verbeter die eerst. { $fault }

error-no-such-account = Er is geen account met de naam “{ $name }”. De accounts zijn: { $accounts }.
error-no-accounts = Er is geen account met de naam “{ $name }”, want er is nog geen account ingesteld.
error-no-such-poke = De geschiedenis kent deze opvraging niet.
error-history = De geschiedenis kan niet worden gelezen of geschreven ({ $error }). Controleer de map { $path }.
error-demo = De demo kan niet draaien ({ $error }).
error-start-at-login = “Starten bij inloggen” kan niet worden veranderd ({ $error }).
error-engine-gone = Dequeue draait niet meer. Start het opnieuw.
error-engine-silent = Dequeue draait, maar antwoordt niet. Probeer het opnieuw; blijft het stil, sluit het dan af en start het opnieuw.
error-too-large = Dit is te veel om in één keer te tonen. Vraag minder op: één account, of een kortere tijd.
error-protocol = De Dequeue die draait is van een andere versie en kent dit verzoek niet. Sluit hem af en start hem opnieuw.
error-relative-home = HOME is geen absoluut pad: { $folder } zou in de map komen waarin Dequeue wordt gestart. Zet HOME op een absoluut pad, of DEQUEUE_HOME op een eigen map.
error-no-home = Dequeue kan je thuismap niet vinden. Zet DEQUEUE_HOME op een eigen map.
error-folder = De map { $path } is niet bruikbaar ({ $error }). Controleer de rechten, of zet DEQUEUE_HOME op een andere map.
error-engine-stuck = Een ander Dequeue-proces houdt { $path } vast maar antwoordt niet. Beëindig het en probeer het opnieuw.
error-engine-of-another = Een andere gebruiker van deze machine heeft de socket of pipe gemaakt die hier bij Dequeue hoort. Er is niets tegen gezegd. Ga na wie dat gedaan heeft; met DEQUEUE_HOME op een andere map krijgt Dequeue een andere.

## Wie wat mag (engine, vensters)

# Een verzoek dat iets wijzigt, van een gebruiker die alleen mag kijken en mail opvragen.
rights-not-allowed-unix = Je mag kijken en mail opvragen. Wijzigen kan alleen een beheerder: voer het uit als root (sudo), of laat een beheerder je toevoegen aan de groep die dat mag (sudo usermod -aG dequeue JE-NAAM; meld je daarna opnieuw aan).
rights-not-allowed-windows = Je mag kijken en mail opvragen. Wijzigen kan alleen een beheerder: start het met “Als administrator uitvoeren”.
# In plaats van wat er mis is met het bestand, voor een gebruiker die alleen mag kijken.
rights-settings-fault = Het instellingenbestand heeft een fout. Een beheerder kan zien welke.
rights-start-at-login = Of het pictogram er na het aanmelden is, kiest elke gebruiker zelf: doe dat in het menu van het pictogram.
# Achter wat een gebruiker die alleen mag kijken van de instellingen ziet.
rights-keys-not-shown = Wat een sleutel kan bevatten (opdrachten, webadressen, waar geheimen vandaan komen) is alleen voor beheerders te zien.
rights-not-the-services = Op de plaats van de Dequeue-service antwoordt iets dat er niet bij hoort. Er is niets tegen gezegd. Ga na wie de socket of pipe gemaakt heeft en start daarna de service opnieuw.

# Het venster van een gebruiker die alleen mag kijken.
window-look-only = Je mag kijken en mail opvragen. Wijzigen kan alleen een beheerder.
window-look-only-empty = Op deze machine zijn nog geen accounts ingesteld. Een beheerder kan dat hier doen.
window-change-as-administrator = Wijzigen als beheerder
window-show-settings = Instellingen
window-settings-of-account = Instellingen van “{ $account }”
window-back = Terug
elevation-none = Het systeem vraagt hier niet om een beheerder ({ $error }). Meld je als beheerder aan, of gebruik de opdrachtregel: { $command }.
elevation-refused = Er is niets geopend: het systeem kreeg geen toestemming van een beheerder.

# Het pictogram van een gebruiker die alleen mag kijken, en van meerdere gebruikers bij één engine.
tray-pause-not-allowed = Pauzeren (alleen een beheerder)
tray-resume-not-allowed = Hervatten (alleen een beheerder)
tray-show-notices = Meldingen tonen
tray-quit-service = Afsluiten (de service gaat door)
tray-move = { $count ->
    [one] Je eigen account naar de service verhuizen…
   *[other] Je eigen { $count } accounts naar de service verhuizen…
}
tray-move-title = Op deze machine vraagt nu de Dequeue-service de mail op
tray-move-explained = { $count ->
    [one] Je eigen account wordt nog door dit programma opgevraagd, alleen zolang je bent aangemeld. Naar de service verhuizen? Instellingen, wachtwoord en geschiedenis gaan mee.
   *[other] Je eigen { $count } accounts worden nog door dit programma opgevraagd, alleen zolang je bent aangemeld. Naar de service verhuizen? Instellingen, wachtwoorden en geschiedenis gaan mee.
}
tray-move-now = Verhuizen
tray-move-done-title = Je accounts zijn nu van de service
tray-move-done = Hun mail wordt opgevraagd vanaf het opstarten, of je nu bent aangemeld of niet.
tray-move-failed-title = Je accounts zijn niet verhuisd
tray-move-refused = Geen beheerder heeft toestemming gegeven. Ze worden opgevraagd zoals voorheen.
tray-move-failed = { $error } Ze worden opgevraagd zoals voorheen. Een beheerder kan het opnieuw proberen: { $command }

# Accounts van een gebruiker naar de service verhuizen. Ze blijven van deze engine tot de service heeft gezegd dat hij ze heeft.
hand-over-goes-on = De accounts worden naar de service verhuisd. Tot dat klaar is wordt hier niets opgevraagd.
hand-over-unfinished = Het verhuizen van de accounts naar de service is onderbroken. Hier wordt niets opgevraagd tot de service heeft gezegd of hij ze heeft. Start de service; dan is het binnen een minuut geregeld.
hand-over-done = De accounts zijn nu van de service. Bij diens instellingen worden ze gewijzigd.
hand-over-not-this-engine = Deze Dequeue heeft geen accounts van een gebruiker die verhuisd kunnen worden.
hand-over-not-noted = De verhuizing kon niet worden vastgelegd ({ $error }) en is dus niet begonnen. Alles is zoals het was.
hand-over-not-put-away = De service heeft de accounts, maar hun instellingen hier konden niet worden weggezet ({ $error }). Geef jezelf er schrijfrechten op; Dequeue probeert het bij de volgende start opnieuw.
hand-over-taken-back = Deze verhuizing is intussen opgegeven. Begin opnieuw.
hand-over-name-taken = De service heeft al een account met de naam “{ $account }”. Begin de verhuizing opnieuw.
hand-over-no-token = Het systeem geeft geen willekeurige getallen, dus er kan geen verhuizing beginnen.
hand-over-nothing = Er zijn geen accounts om te verhuizen.
hand-over-history = De geschiedenis kon niet worden gekopieerd ({ $error }). Er is niets verhuisd.

cli-about-service-take-over = Verhuist de accounts van iemands eigen Dequeue naar de service, met wachtwoorden en geschiedenis
cli-usage-service-take-over = dequeue service take-over [--user NAAM | --home MAP]
cli-option-of_user = Wiens accounts; anders die van wie het vraagt
cli-option-own_home = De gegevensmap van de Dequeue van die gebruiker, als die niet op de gewone plaats staat
cli-take-over-done = { $count ->
    [0] De service had al deze accounts al; alleen de service vraagt ze nu op.
    [one] Eén account is nu van de service, met { $pokes } opvragingen uit zijn geschiedenis.
   *[other] { $count } accounts zijn nu van de service, met { $pokes } opvragingen uit hun geschiedenis.
}
cli-take-over-renamed = “{ $account }” heet daar “{ $name }”, want de service had al een account met die naam.
cli-take-over-was-there = De service had “{ $account }” al, met dezelfde instellingen.
cli-take-over-password = Het wachtwoord van “{ $account }” kon niet worden bewaard. { $fault }
cli-take-over-nobody = Er antwoordt geen Dequeue van die gebruiker ({ $folder }). Laat de gebruiker zich aanmelden en Dequeue starten en probeer het dan opnieuw; staan zijn gegevens elders, noem die map dan met --home.
cli-take-over-unknown-user = Deze machine weet niet waar de gebruiker “{ $user }” de gegevens van Dequeue heeft. Noem die map met --home.

## Wachtwoorden: waar ze vandaan komen (engine)

field-secret = Wachtwoord
remedy-secret = Vul stored, keyring, file, file:PAD, env:NAAM of command:PROGRAMMA in.
fault-secret-unknown = dit zegt niet waar het wachtwoord vandaan komt. Het wachtwoord zelf hoort niet in de instellingen.
fault-secret-no-path = het pad van het bestand ontbreekt.
fault-secret-no-variable = de naam van de omgevingsvariabele ontbreekt of is ongeldig.
fault-secret-no-program = het programma ontbreekt.
fault-secret-open-quote = een aanhalingsteken is niet gesloten.
fault-secret-control = de waarde bevat een tab, een regeleinde of een ander stuurteken. Zet een pad met backslashes in het instellingenbestand tussen enkele aanhalingstekens, zoals 'file:C:\sleutels\provider'.

secret-not-set = Voor “{ $account }” is geen wachtwoord opgeslagen. Sla het op met “dequeue secret set { $typed }”.
secret-not-set-no-keyring = In het beschermde bestand staat geen wachtwoord voor “{ $account }”, en de sleutelbos van dit systeem is niet bereikbaar. Staat het wachtwoord in de sleutelbos, log dan in op het bureaublad; sla het anders op met “dequeue secret set { $typed }”.
secret-keyring-unavailable = De sleutelbos van dit systeem is niet bruikbaar ({ $error }). Log in op het bureaublad, of zet secret = "file" bij het account en sla het wachtwoord opnieuw op.
secret-keyring-locked = De sleutelbos is vergrendeld. Ontgrendel hem op het bureaublad, of zet secret = "file" bij het account en sla het wachtwoord opnieuw op.
secret-service-without-keyring = Een service heeft geen sleutelbos. Zet secret = "file" bij het account en sla het wachtwoord opnieuw op.
secret-too-long-for-keyring = Het wachtwoord is te lang voor de sleutelbos van dit systeem. Zet secret = "file" bij het account en sla het opnieuw op.
secret-file-missing = Het bestand met het wachtwoord, { $path }, bestaat niet. Controleer het pad in de instellingen.
secret-file-open-to-others = Anderen kunnen het bestand met het wachtwoord lezen of veranderen, dus wordt het niet gebruikt. Sluit het voor hen af met “chmod 600 { $path }”, en verander het wachtwoord als iemand het kan hebben gelezen.
secret-file-of-another = Het bestand met het wachtwoord, { $path }, is van een andere gebruiker, dus wordt het niet gebruikt. Maak het eigendom van de gebruiker waaronder Dequeue draait.
secret-file-unreadable = Het bestand met het wachtwoord, { $path }, kan niet worden gelezen ({ $error }). Controleer of het een bestand is, en de rechten.
secret-file-unwritable = Het wachtwoordbestand { $path } kan niet worden veranderd ({ $error }). Controleer de rechten en de ruimte op de schijf.
secret-variable-missing = De omgevingsvariabele { $name }, die in de instellingen voor het wachtwoord staat, is er niet. Zet hem voordat Dequeue start.
secret-command-line = De opdracht die het wachtwoord geeft is niet te begrijpen: { $fault } Verbeter hem in de instellingen.
secret-command-not-found = Het programma dat het wachtwoord geeft, “{ $program }”, is niet gevonden. Zet het volledige pad in de instellingen.
secret-command-not-started = Het programma dat het wachtwoord geeft, “{ $program }”, kan niet worden gestart ({ $error }). Controleer de rechten.
secret-command-failed = Het programma dat het wachtwoord geeft, “{ $program }”, mislukte met afsluitcode { $status }. Draai het met de hand, als de gebruiker waaronder Dequeue draait.
secret-command-ended = Het programma dat het wachtwoord geeft, “{ $program }”, is door een signaal beëindigd. Draai het met de hand, als de gebruiker waaronder Dequeue draait.
secret-command-timed-out = Het programma dat het wachtwoord geeft, “{ $program }”, duurde langer dan { $seconds } seconden en is beëindigd. Het mag niets vragen: draai het met de hand, als de gebruiker waaronder Dequeue draait.
secret-too-long = Wat het wachtwoord zou moeten zijn (uit { $from }) is veel te lang. Er mag alleen het wachtwoord staan, op de eerste regel.
secret-not-text = Wat het wachtwoord zou moeten zijn (uit { $from }) is geen gewone tekst in UTF-8. Er mag alleen het wachtwoord staan, op de eerste regel.
secret-empty = Het wachtwoord (uit { $from }) is leeg. Het moet op de eerste regel staan.
secret-kept-elsewhere = Het wachtwoord van dit account komt uit { $from }. Verander het daar, of haal de instelling “secret” weg om het hier op te slaan.
## Wat van elders wordt overgenomen (engine)
import-too-large = de tekst is groter dan 1 MB, of levert meer dan 16 MB aan instellingen op. Geef alleen wat bij vastgehouden mail hoort.
import-nothing = niets hierin vraagt vastgehouden mail op. Kijk of dit het juiste bestand is, en of --from het programma noemt waar het bij hoort.
import-unclosed = een aanhalingsteken is niet gesloten: { $about }. Sluit het.
import-unknown = “{ $about }” wordt niet begrepen. Verbeter het of haal het weg.
import-no-value = achter “{ $about }” ontbreekt de waarde. Vul die aan of haal het weg.
import-wrong-value = de waarde van “{ $about }” is daar niet toegestaan. Verbeter die.
import-no-host = de aanroep noemt geen host. Vul de naam of het adres van de provider aan.
import-no-such-account = er is geen account “{ $about }” in de tekst. Zet de msmtprc waar het in staat in hetzelfde bestand.
import-misplaced = “{ $about }” mag volgens het programma niet op deze plaats staan. Verplaats het of haal het weg.
import-needs-shell = “{ $about }” staat voor iets dat alleen een shell kent. Schrijf op waar het voor staat.
import-unclear = de manier waarop het programma in “{ $about }” wordt aangeroepen, wordt niet begrepen. Zet de aanroep op een eigen regel.
import-code-page = “{ $about }” bevat tekens in een onbekende codering. Sla het bestand op als UTF-8.
import-relative-path = het pad in “{ $about }” hangt ervan af wie het andere programma uitvoert, en waar. Schrijf het volledige pad.
import-no-user = bij “{ $about }” hoort geen gebruikersnaam, zodat het andere programma de naam neemt van wie het uitvoert. Vul de gebruikersnaam in.
import-rc-file = de servers van deze aanroep staan in een ander bestand. Importeer dat bestand, met “dequeue settings import --from fetchmail { $about }”, en zet “every” of “cron” op de tijden van deze aanroep.
import-no-counterpart = “{ $about }” heeft hier geen tegenhanger en is weggelaten.
import-not-held-mail = { $about } wordt niet om vastgehouden mail gevraagd (ETRN of ODMR) en is weggelaten. Houd daarvoor het andere programma aan.
import-not-polled = { $about } werd daar niet vanzelf opgevraagd; hier wel. Pauzeer het als dat niet de bedoeling is.
import-no-domains = de domeinen van “{ $about }” staan niet in de tekst. Vul ze in; zonder domeinen is verbinden zelf het signaal.
import-password = het wachtwoord van “{ $about }” komt niet in de instellingen. Stel het in met “dequeue secret set”.
import-unchecked = “{ $about }”: het certificaat werd daar niet gecontroleerd; hier wel. Vertrouw het certificaat van de provider uitdrukkelijk (pin) als hij het zelf heeft ondertekend.
import-weak-fingerprint = “{ $about }” is geen SHA-256-vingerafdruk en is weggelaten. Stel het vertrouwde certificaat (pin) opnieuw in.
import-rhythm = de tijd “{ $about }” is hier niet uit te drukken; het account houdt de standaard van 15m. Verander “every” als dat niet de bedoeling is.
import-shell-command = “{ $about }” heeft een shell nodig, die hier niet wordt gestart, en is weggelaten. Zet de opdracht in een script, en zet “secret” op command: met het pad van het script.
import-command = De geïmporteerde “{ $key }” zou dit programma starten: { $command }
import-command-of-account = De geïmporteerde “{ $key }” van “{ $account }” zou dit programma starten: { $command }
import-no-host-there = “{ $about }” noemt geen host en is weggelaten.

## De geschiedenis en wat ervan bewaard blijft (engine)
field-keep_for = Opvragingen bewaren
field-keep_at_most = Ruimte voor de geschiedenis
remedy-keep_for = Vul een tijd in van 1 dag tot 3660 dagen, zoals 400d.
remedy-keep_at_most = Vul een aantal MB in van 1 tot 1000000, zoals 100.
history-full = De schijf is vol, dus de geschiedenis { $path } neemt niets nieuws op ({ $error }). Het opvragen gaat door; wat er gebeurt blijft in het geheugen en wordt geschreven zodra er ruimte is. Maak ruimte vrij op de schijf.
history-read-only-disk = De schijf met de geschiedenis { $path } is alleen-lezen ({ $error }). Het opvragen gaat door; wat er gebeurt blijft in het geheugen en wordt geschreven zodra er weer op de schijf geschreven kan worden. Een schijf die uit zichzelf alleen-lezen wordt, is vaak bijna stuk: kijk in het logboek van het systeem en koppel de schijf opnieuw aan met schrijfrechten.
history-not-allowed = Dequeue mag de geschiedenis { $path } niet schrijven ({ $error }). Het opvragen gaat door; wat er gebeurt blijft in het geheugen en wordt geschreven zodra dat mag. Geef de gebruiker waaronder Dequeue draait schrijfrechten op de map en de bestanden erin.
history-disk-error = De schijf meldt een fout bij het schrijven van de geschiedenis { $path } ({ $error }). Het opvragen gaat door; wat er gebeurt blijft in het geheugen en wordt geschreven zodra dat weer lukt. Maak nu een back-up van wat er op de schijf staat en laat de schijf dan controleren.
history-not-written = De geschiedenis { $path } kan niet worden geschreven ({ $error }). Het opvragen gaat door; wat er gebeurt blijft in het geheugen en wordt geschreven zodra dat weer lukt. Controleer de map.
history-damaged = De geschiedenis { $path } is beschadigd ({ $error }) en kan niet opzij worden gezet. Het opvragen gaat door; wat er gebeurt blijft in het geheugen. Controleer de map en de schijf, en haal het bestand weg.
history-later-version = De geschiedenis { $path } is geschreven door een latere versie van Dequeue ({ $error }). Werk Dequeue bij, of haal het bestand weg om een nieuw te beginnen.
history-dropped = { $count ->
    [one] Terwijl de geschiedenis niet kon worden geschreven, was 1 opvraging te veel voor het geheugen; die telt alleen mee in de cijfers van de dag.
   *[other] Terwijl de geschiedenis niet kon worden geschreven, waren { $count } opvragingen te veel voor het geheugen; die tellen alleen mee in de cijfers van hun dag.
}
history-put-aside = De geschiedenis was beschadigd en is opzijgezet als { $path }. Er is een nieuwe begonnen; het opvragen gaat door. Controleer de schijf, en verwijder het oude bestand als je het niet meer nodig hebt.

## The log

field-log_level = Wat er wordt gelogd
field-log_at_most = Ruimte voor het logboek
remedy-log_level = Kies error, warn, info, debug of trace.
remedy-log_at_most = Vul een aantal MB in van 1 tot 10000, zoals 10.
cli-option-log_level = Hoe belangrijk iets moet zijn om gelogd of getoond te worden: error, warn, info, debug of trace
cli-option-log_at_most = Hoeveel MB de logbestanden hoogstens innemen; de oudste regels gaan weg
error-log = Het logboek in { $path } is niet te lezen ({ $error }). Vraag het op als beheerder, of als de gebruiker waaronder Dequeue draait.
cli-about-logs = Toont wat Dequeue heeft gelogd, de oudste regel eerst
cli-usage-logs =
    dequeue logs [--since TIME] [--level LEVEL] [--limit NUMBER] [--follow]
    dequeue logs --export FILE [--since TIME] [--level LEVEL]
cli-option-log_since = Alleen regels van de laatste dagen of uren, zoals 1d of 2h
cli-option-log_limit = Hoogstens zoveel, de nieuwste; standaard: 100, of alles van de opgegeven tijd
cli-option-follow = Doorgaan met nieuwe regels zodra ze er zijn
cli-option-export = Schrijf de regels naar dit bestand, dat nog niet mag bestaan
cli-logs-none = Er is niets gelogd.
cli-logs-exported = { $count ->
    [one] Er is 1 regel geschreven naar { $path }.
   *[other] Er zijn { $count } regels geschreven naar { $path }.
} Wachtwoorden en mailadressen staan niet in het logboek; namen van accounts, hosts en domeinen wel.
cli-logs-not-exported = Het logboek kon niet naar { $path } worden geschreven ({ $error }). Kies een bestand dat nog niet bestaat, in een map waarin je mag schrijven.
man-file-logs = Wat Dequeue logt, in bestanden van begrensde grootte; “dequeue logs” toont het.

window-log = Logboek
window-log-explained = Wat Dequeue doet, om een fout te vinden. Er staat geen wachtwoord en geen mailadres in.
window-log-open = Logboek tonen
window-log-setting = Wat er wordt gelogd
window-log-level-error = Alleen fouten
window-log-level-warn = Fouten en waarschuwingen
window-log-level-info = Het gewone
window-log-level-debug = Details
window-log-level-trace = Alles
window-log-shown = Welke regels te zien zijn
window-log-show-error = Fouten
window-log-show-warn = Waarschuwingen en fouten
window-log-show-info = Zonder details
window-log-show-debug = Met details
window-log-show-trace = Alle regels
window-log-is-error = Fout
window-log-is-warn = Waarschuwing
window-log-is-info = Informatie
window-log-is-debug = Detail
window-log-is-trace = Spoor
window-log-search = Zoek in het logboek
window-log-none = Er is niets gelogd.
window-log-found-none = Dat staat in geen enkele regel.
window-log-earlier = Eerdere regels tonen
window-log-save = Opslaan als bestand
window-log-saved = Het logboek is opgeslagen.
window-log-saved-as = Het logboek is opgeslagen als { $path }
window-not-saved = Het bestand kon niet worden opgeslagen ({ $error }). “dequeue logs --export FILE” slaat het elders op.

## Newer versions

field-update_check = Zoeken naar nieuwere versies
remedy-update_check = Kies off (uit) of weekly (wekelijks).
cli-option-update_check = Of er elke week wordt gekeken of er een nieuwere versie is; die wordt dan gemeld en nooit vanzelf geïnstalleerd: off (uit) of weekly (wekelijks)
cli-about-update = Kijkt of er een nieuwere versie is; er wordt niets geïnstalleerd
cli-usage-update = dequeue update check
cli-about-update-check = Kijkt nu of er een nieuwere versie is
cli-usage-update-check = dequeue update check
cli-update-none = Er is geen versie aangekondigd die nieuwer is dan deze, { $version }.
cli-update-newer = Dequeue { $version } van { $date } is er. Wat er nieuw is en waar je hem vindt: { $notes }
error-update-no-source = Deze Dequeue weet niet waar nieuwere versies worden aangekondigd en kan dus niet kijken. Vraag het degene van wie je hem hebt.
error-update-unreachable = Er kon niet worden gekeken of er een nieuwere versie is ({ $error }). Controleer het netwerk en probeer het later opnieuw.
error-update-not-believed = De aankondiging is niet te vertrouwen, dus is er niets bekend over een nieuwere versie ({ $error }). Probeer het later opnieuw; blijft het zo, dan zit er misschien iemand tussen je verbinding.
tray-newer-version = Dequeue { $version } is er…
window-newer-version = Dequeue { $version } is er
window-newer-version-explained = Hij is uitgebracht op { $date }. Dequeue installeert niets vanzelf; wat er nieuw is en waar je hem vindt:
window-update-check = Zoeken naar nieuwere versies
window-update-check-explained = Elke week wordt één klein, ondertekend bestand opgehaald. Er wordt niets vanzelf geïnstalleerd.
window-update-more = Meer lezen
window-update-look = Nu kijken
window-update-none = Er is geen nieuwere versie aangekondigd.
man-variable-dequeue-updates = Het webadres van de aankondigingen van nieuwere versies en, na een spatie, de minisign-sleutel waarmee ze zijn ondertekend, in plaats van wat erin is gebouwd.

## The rhythm (engine)

field-hours = Werktijden
field-time_zone = Tijdzone
field-outside = Buiten werktijd
field-cron = Cron-expressie
field-jitter = Spreiding

fault-hours-word = “{ $part }” is geen dag en ook geen tijdvak.
fault-hours-no-times = “{ $value }” noemt geen tijden bij de laatste dagen.
fault-hours-no-length = “{ $part }” eindigt waar het begint.
fault-time-zone = er is geen tijdzone met de naam “{ $value }”.
fault-cron = “{ $value }” is geen cron-expressie.
fault-cron-never = “{ $value }” noemt een dag die nooit komt.
fault-cron-and-hours = dit kan niet samen met werktijden.

remedy-hours = Vul dagen en tijden in, zoals mon-fri 07:00-19:00; sat,sun 09:00-12:00, of laat het weg.
remedy-time_zone = Vul een naam in zoals Europe/Amsterdam, of system voor die van deze machine.
remedy-outside = Vul een tijd in van 10 seconden tot 31 dagen, zoals 2h, of never.
remedy-cron = Vul minuut, uur, dag van de maand, maand en dag van de week in, zoals */15 7-19 * * 1-5, of laat het weg.
remedy-jitter = Vul een tijdsduur in tot 31 dagen, zoals 1m, 0s voor geen, of auto.

## Notices (engine)

notice-first-success = { $account }: het werkt
notice-first-success-asked = { $account }: de provider is gevraagd
notice-failure = { $account }: de mail kon niet worden opgevraagd
notice-failure-needs-you = { $account }: wacht op jou
notice-reminder-needs-you = { $account }: wacht nog op jou, nu al { $time }
notice-recovery-asked = { $account }: opvragen lukt weer
notice-recovery = { $account }: het werkt weer
notice-poked = { $account }: { $outcome }
demo-account-name = Demo

## Hosts, mail server and secrets of notices (engine)

field-other_hosts = Andere hosts
field-mail_server_first = Eerst je mailserver
field-mail_server_test = Test van je mailserver
field-watch = Letten op aankomsten
field-notice_webhook_secret = Token voor de webhook
field-notice_mail_secret = Wachtwoord voor de mailserver voor meldingen
field-heartbeat_secret = Geheim voor het levensteken
remedy-other_hosts = Vul elke naam of elk adres in, met de poort erbij als die anders is, zoals backup.example.org:2525, één per regel of met komma's ertussen.
remedy-mail_server_first = Kies true of false.
remedy-mail_server_test = Kies true of false.
remedy-watch = Vul een tijd in tot 1 uur, zoals 5m, of 0s om het uit te zetten.
remedy-notice_webhook_secret = Vul stored, keyring, file, file:PAD, env:NAAM of command:PROGRAMMA in.
remedy-notice_mail_secret = Vul stored, keyring, file, file:PAD, env:NAAM of command:PROGRAMMA in.
remedy-heartbeat_secret = Vul stored, keyring, file, file:PAD, env:NAAM of command:PROGRAMMA in.

## Mail server and arrivals (engine)

# Wat het kijken opleverde of je mailserver op $host, poort $port, mail zou aannemen, en wat te doen.
mail-server-answering = Je mailserver antwoordt.
mail-server-trusts-us = Je mailserver antwoordt. Hij neemt van deze machine mail voor andere domeinen aan, zoals de meeste servers op hun eigen netwerk; of hij dat ook voor vreemden doet, is alleen van buitenaf te testen.
mail-server-open-relay = Je mailserver antwoordt, maar neemt van { $from } mail aan voor { $domain }: iedereen kan er spam door versturen. Laat hem van buiten alleen je eigen domeinen aannemen.
mail-server-untestable = Je mailserver antwoordt, maar laat zich niet testen ({ $answer }).
mail-server-relays-a-turn = Je mailserver op { $host }, poort { $port }, neemt van deze machine mail voor andere domeinen aan, zoals { $domain }. Met deze methode praat de provider, of wie zich voor hem uitgeeft, vanaf deze machine met je mailserver, en zou hij er aan iedereen mail door kunnen versturen. Geef Dequeue een poort van de mailserver die deze machine niet vertrouwt (bij Postfix nog een smtpd in master.cf met “-o mynetworks=192.0.2.1/32”), en stel die in als “mail_server”.
mail-server-untestable-for-a-turn = Je mailserver op { $host }, poort { $port }, laat zich niet testen ({ $answer }), dus is onbekend of hij de mail van het account aanneemt en geen andere. Stel de domeinen van het account in, en laat de server op deze poort mail daarvoor aannemen zonder versleuteling of login.
mail-server-postpones = Je mailserver stelt mail voor { $domain } uit ({ $answer }). Mail die nu komt, blijft bij de provider tot die het opnieuw probeert.
mail-server-refuses-domain = Je mailserver weigert mail voor { $domain } ({ $answer }). Mail die nu komt, gaat terug naar de afzender. Voeg het domein toe aan de server.
mail-server-turns-away = Je mailserver op { $host }, poort { $port }, neemt nu geen mail aan ({ $answer }). Kijk de server na.
mail-server-silent = Je mailserver op { $host }, poort { $port }, antwoordt niet. Kijk of hij vastloopt en of er een firewall tussen zit.
mail-server-hangs-up = Je mailserver op { $host }, poort { $port }, hangt meteen op. Kijk in zijn logboek.
mail-server-refusing = Je mailserver draait niet: niets luistert op { $host }, poort { $port }. Start hem, of verbeter zijn host en poort in de instellingen.
mail-server-unreachable = Je mailserver is niet te bereiken: { $host } heeft geen adres, of er is geen route naartoe. Controleer zijn host in de instellingen, en het netwerk.
mail-server-not-smtp = Wat op { $host }, poort { $port }, antwoordt is geen mailserver. Verbeter de host en de poort van je mailserver in de instellingen.

# Wat er na een opvraging kwam. $size en $first hebben hun eenheid bij zich.
arrivals-none = Er is niets van de provider gekomen.
arrivals-provider = { $count ->
    [one] Eén verbinding van de provider bracht { $size } na { $first }.
   *[other] { $count } verbindingen van de provider brachten { $size }, de eerste na { $first }.
}
arrivals-provider-unmeasured = { $count ->
    [one] Eén verbinding van de provider, na { $first }. Of die mail bracht, laat dit systeem niet zien.
   *[other] { $count } verbindingen van de provider, de eerste na { $first }. Of ze mail brachten, laat dit systeem niet zien.
}
arrivals-bare = { $count ->
    [one] Eén verbinding van de provider bracht geen mail.
   *[other] { $count } verbindingen van de provider brachten geen mail.
}
arrivals-elsewhere = { $count ->
    [one] Eén verbinding van elders bracht { $size }.
   *[other] { $count } verbindingen van elders brachten { $size }.
}
arrivals-elsewhere-unmeasured = { $count ->
    [one] Eén verbinding kwam van elders.
   *[other] { $count } verbindingen kwamen van elders.
}
arrivals-overrun = Er eindigden zoveel verbindingen tegelijk dat sommige misschien niet zijn meegeteld.
delivered-messages = { $count ->
    [0] geen bericht
    [one] één bericht
   *[other] { $count } berichten
}
delivered-uncounted = berichten die niet te tellen waren
delivered-recipients-refused = { $count ->
    [one] één ontvanger geweigerd
   *[other] { $count } ontvangers geweigerd
}
delivered-refused = { $count } geweigerd door je mailserver

# Waarom het niet te zien is.
arrivals-not-here = Je mailserver op { $host } is een andere machine, dus is vanaf hier niet te zien wat er aankomt. Laat Dequeue daar draaien om het te zien.
arrivals-not-listening = Op deze machine luistert niets op poort { $port }, dus kan er geen mail aankomen. Start je mailserver, of verbeter zijn poort.
arrivals-no-mail-server = Op deze machine ontvangt niets mail op poort { $port }, dus is niet te zien wat er aankomt. Is je mailserver een andere machine, laat Dequeue dan daar draaien om het te zien.
arrivals-not-possible-system = Dit systeem laat een gewone gebruiker niet zien wat er aankomt, of niet in een vorm die deze versie van Dequeue kent.
arrivals-not-possible-no-module = De kernel van deze machine kan niet vertellen wat er aankomt: zijn module tcp_diag ontbreekt. Laat een beheerder die laden: modprobe tcp_diag.
arrivals-not-possible-forbidden = Wat er aankomt is niet te zien: een sandbox verbiedt Dequeue het de kernel te vragen. Sta sockets van de familie AF_NETLINK toe.
arrivals-not-possible-failed = Wat er aankomt is niet te zien: het vragen aan het systeem mislukte. In het logboek staat meer.

next-first = de eerste zijn gespreid
next-second = nog eens, voor de zekerheid
next-sooner = snel weer: het mislukte
next-rarer = minder vaak: hij weigert
next-held = als je server antwoordt
next-hours = volgens je uren

arrived-connections = { $count ->
    [one] 1 aflevering, { $size }
   *[other] { $count } afleveringen, { $size }
}
arrived-messages = { $count ->
    [one] 1 bericht, { $size }
   *[other] { $count } berichten, { $size }
}
arrived-nothing = nog niets

size-bytes = { $number } bytes
size-kb = { $number } kB
size-mb = { $number } MB
size-gb = { $number } GB
number-with-tenth = { $whole },{ $tenth }
duration-ms = { $number } ms
duration-seconds = { $number } s
duration-minutes = { $number } min
duration-minutes-seconds = { $minutes } min { $seconds } s
## Notices, alarms and channels (engine)

# $time is een tijdsduur, zoals 2d5h.
notice-reminder = { $account }: nog steeds problemen, nu al { $time }
notice-first-success-asked-several = { $count } accounts zijn voor het eerst opgevraagd
notice-worked-again = Werkte weer om { $at }, na { $time }.
notice-siblings = { $more ->
    [0] Dezelfde provider bedient ook: { $accounts }. Die worden hier mee gemeld.
   *[other] Dezelfde provider bedient ook: { $accounts } en nog { $more }. Die worden hier mee gemeld.
}
notice-paused = { $account }: al { $time } gepauzeerd
notice-paused-several = { $count } accounts zijn gepauzeerd
notice-paused-do = Er wordt geen mail opgevraagd tot je hervat. Hervat, of pauzeer met een einde.
notice-failure-several = Bij { $count } accounts kon de mail niet worden opgevraagd
notice-unreachable-several = { $count } accounts kunnen hun provider niet bereiken
notice-unreachable-several-do = Controleer eerst het netwerk en de DNS van deze machine.
notice-reminder-several = Nog steeds problemen met { $count } accounts
notice-recovery-asked-several = Bij { $count } accounts lukt opvragen weer
notice-recovery-several = { $count } accounts werken weer
notice-first-success-several = { $count } accounts werken
notice-poked-several = { $count } accounts zijn opgevraagd
notice-alarm-over-several = Bij { $count } accounts is alles weer normaal
notice-several-more = { $count ->
    [one] … en nog één. Open Dequeue om alles te zien.
   *[other] … en nog { $count }. Open Dequeue om alles te zien.
}

# $before en $now zijn wat was en wat is: een tijd, adressen, een antwoord.
alarm-silence-title = { $account }: al { $now } is er niets binnengekomen
alarm-silence = De opvragingen werken, maar al { $now } is er geen mail binnengekomen. Stuur jezelf van elders een bericht, en vraag de provider of hij mail voor je domeinen vasthoudt.
alarm-silence-several = Bij { $count } accounts komt niets binnen
alarm-silence-over-title = { $account }: er komt weer mail binnen
alarm-silence-over = Er is mail binnengekomen.
alarm-seen-address-title = { $account }: je openbare adres is veranderd
alarm-seen-address = De provider ziet je nu verbinden vanaf { $now }; dat was { $before }. Als de provider je aan je adres herkent, geef hem dan het nieuwe door.
alarm-seen-address-several = Je openbare adres is veranderd, volgens { $count } providers
alarm-provider-addresses-title = { $account }: de adressen van de provider zijn veranderd
alarm-provider-addresses = De provider gebruikt nu ook { $now }; bekend waren { $before }. Als je firewall of mailserver alleen adressen op een lijst toelaat, zet de nieuwe er dan bij.
alarm-provider-addresses-several = De adressen van { $count } providers zijn veranderd
alarm-certificate-title = { $days ->
    [0] { $account }: het certificaat van de provider verloopt
    [one] { $account }: het certificaat van de provider verloopt over één dag
   *[other] { $account }: het certificaat van de provider verloopt over { $days } dagen
}
alarm-certificate = De provider heeft zijn certificaat nog niet vernieuwd. Meld het bij zijn helpdesk: als het verlopen is, mislukken beveiligde verbindingen.
alarm-certificate-several = De certificaten van { $count } providers verlopen
alarm-certificate-over-title = { $account }: het certificaat van de provider is vernieuwd
alarm-certificate-over = Het is lang genoeg geldig.
alarm-answer-title = { $account }: het antwoord van de provider is veranderd
alarm-answer = De opvragingen werken nog, maar het antwoord was “{ $before }” en is nu “{ $now }”. Kijk of er nog mail binnenkomt, en vraag de provider wat er is veranderd.
alarm-answer-several = Het antwoord van { $count } providers is veranderd
alarm-unproved-title = { $account }: al { $now } geen teken van mail
alarm-unproved = De opvragingen werken, maar al { $now } is nergens uit gebleken dat er mail doorkomt, zoals eerst wel: er is geen mail zien binnenkomen, en de provider noemde geen aantal. Stuur jezelf van elders een bericht, en vraag de provider of hij mail voor je domeinen vasthoudt.
alarm-unproved-several = Geen teken van mail bij { $count } accounts
alarm-unproved-over-title = { $account }: er komt weer mail door
alarm-unproved-over = Er is weer gebleken dat er mail doorkomt.
alarm-slow-title = { $account }: de provider is traag
alarm-slow = De opvraging duurde { $now }; normaal is { $before }. Blijft het zo, controleer dan je verbinding en je DNS, en vraag het daarna de provider.
alarm-slow-several = { $count } providers zijn traag
alarm-slow-over-title = { $account }: de provider is weer zo snel als normaal
alarm-slow-over = De opvraging duurde niet langer dan normaal.

answer-queue = een antwoord over de wachtrij
answer-visit = verbinden is het signaal
answer-normal-here = een weigering die daar normaal is
answer-other = een ander antwoord

channel-command = Het programma voor meldingen
channel-webhook = De webhook voor meldingen
channel-mail = De e-mail voor meldingen
channel-heartbeat = Het levensteken (heartbeat)
channel-fault-not-started = { $channel } kon niet worden gestart ({ $detail }). Controleer het pad en de rechten.
channel-fault-exit = { $channel } mislukte ({ $detail }). Start het met de hand om te zien waarom.
channel-fault-timed-out = { $channel } duurde te lang en is afgebroken. Controleer waarop wordt gewacht.
channel-fault-not-connected = { $channel } kwam niet door ({ $detail }). Controleer het adres en het netwerk.
channel-fault-tls = { $channel } kreeg geen beveiligde verbinding ({ $detail }). Controleer het adres en het certificaat van de server.
channel-fault-status = { $channel } kreeg { $detail } als antwoord. Controleer het adres.
channel-fault-reply = { $channel } is door de mailserver geweigerd met { $detail }. Controleer de gebruiker, het wachtwoord en de adressen.
channel-fault-no-secret = { $channel } heeft een gebruikersnaam maar geen wachtwoord. Sla het wachtwoord op met “dequeue secret set notice_mail_secret”.
channel-fault-no-key = { $channel } heeft in het adres een plaats voor een geheim, maar er is geen geheim opgeslagen. Sla het op met “dequeue secret set { $detail }”.
channel-fault-secret-unfit = { $channel } heeft geen geldig adres als het geheim is ingevuld. Sla het geheim opnieuw op, zoals het staat in het adres dat je van de dienst kreeg.
channel-fault-protocol = { $channel } werd door de server niet begrepen. Controleer het adres en de poort.
channel-fault-refused = { $channel } bereikte de dienst, maar die nam de melding niet aan. Controleer de sleutel in het adres en “notice_webhook_body”.
channel-fault-open-line = { $channel } is niet aangeroepen: het geheim zou over een onversleutelde verbinding gaan. Gebruik een adres dat met https begint.
channel-trial-title = Dequeue: testmelding
channel-trial = Er is niets aan de hand. Meldingen van { $machine } die langs deze weg worden verstuurd, komen hier aan.
channel-trial-sent = { $channel } werkt: de testmelding is verstuurd.

# Het wekelijkse overzicht, per mail. $last is een summary-date, $day een weekdag; in $days staan er meer.
summary-title = { $urgent ->
    [0] Dequeue, week tot en met { $last }: geen account met problemen
    [one] Dequeue, week tot en met { $last }: één van { $accounts } accounts vraagt aandacht
   *[other] Dequeue, week tot en met { $last }: { $urgent } van { $accounts } accounts vragen aandacht
}
summary-title-alone = { $urgent ->
    [0] Dequeue, week tot en met { $last }: het account heeft geen problemen
   *[other] Dequeue, week tot en met { $last }: het account vraagt aandacht
}
summary-title-none = Dequeue, week tot en met { $last }: geen account ingesteld
summary-date = { $day } { $month ->
    [1] januari
    [2] februari
    [3] maart
    [4] april
    [5] mei
    [6] juni
    [7] juli
    [8] augustus
    [9] september
    [10] oktober
    [11] november
   *[12] december
}
summary-weekday = { $day ->
    [1] maandag
    [2] dinsdag
    [3] woensdag
    [4] donderdag
    [5] vrijdag
    [6] zaterdag
   *[7] zondag
}
summary-period = Van { $first_day } { $first } tot en met { $last_day } { $last } { $year }:
summary-pokes = { $pokes ->
    [0] Geen opvragingen.
    [one] { $failed ->
        [0] Eén opvraging; die lukte.
       *[other] Eén opvraging; die lukte niet.
    }
   *[other] { $failed ->
        [0] { $pokes } opvragingen; geen enkele mislukte.
        [one] { $pokes } opvragingen; één lukte niet.
       *[other] { $pokes } opvragingen; { $failed } lukten niet.
    }
}
summary-arrived = Binnengekomen: { $arrived }.
summary-arrived-nothing = Er kwam niets binnen.
summary-arrived-unknown = Of er iets binnenkwam, is hier niet bekend.
summary-empty-days = { $count ->
    [one] Op { $days } kwam er niets binnen.
   *[other] Dagen waarop niets binnenkwam: { $days }.
}
summary-no-figures = De geschiedenis was niet te lezen; daarom zijn er geen cijfers van deze week.
summary-standing = Zo staan de accounts er nu voor:
# $health is een van health-*.
summary-count = { $health }: { $count }
summary-look = Deze accounts vragen aandacht:
summary-account = { $account }: { $health }
summary-more = … en nog { $count }. Open Dequeue om alles te zien.

field-notice_command = Programma voor meldingen
field-notice_webhook = Webhook voor meldingen
field-notice_webhook_body = Inhoud voor de webhook
field-notice_mail_host = Mailserver voor meldingen
field-notice_mail_port = Poort van de mailserver voor meldingen
field-notice_mail_tls = Versleuteling van e-mail met meldingen
field-notice_mail_user = Gebruiker bij de mailserver voor meldingen
field-notice_mail_from = Afzender van meldingen
field-notice_mail_to = Ontvangers van meldingen
field-notice_summary = Overzicht van de week
field-notice_quiet = Stille uren
field-notice_snooze = Herinnering aan problemen
field-notify_after = Mislukkingen vóór een melding
field-silence_alarm = Alarm na stilte
field-heartbeat = Levensteken (heartbeat)
field-heartbeat_on_failure = Levensteken na een mislukking
field-heartbeat_failure = Adres voor mislukkingen
remedy-notice_command = Vul een programma met zijn argumenten in, tussen aanhalingstekens als er spaties in staan, of laat het weg.
remedy-notice_webhook = Vul een adres in zoals https://example.org/notices, of laat het weg.
remedy-notice_webhook_body = Vul de naam van een dienst in, json of text, of eigen JSON met title, body, kind, account en machine, elk tussen accolades, in de teksten; laat het weg als het adres genoeg zegt.
remedy-notice_mail_host = Vul de naam in van een mailserver die voor je verzendt, of laat het weg.
remedy-notice_mail_port = Vul een getal in van 1 tot 65535, of laat het weg.
remedy-notice_mail_tls = Kies implicit of required; none alleen zonder gebruiker.
remedy-notice_mail_user = Vul de gebruikersnaam in zoals de mailserver hem kent, of laat het weg.
remedy-notice_mail_from = Vul een adres in zoals dequeue@example.org.
remedy-notice_mail_to = Vul elk adres in zoals admin@example.org, met komma's ertussen.
remedy-notice_summary = Kies never, of weekly voor een e-mail op maandag om 8:00 uur.
remedy-notice_quiet = Vul tijden in, zoals 22:00-07:00, met dagen ervoor waar die verschillen, of laat het weg.
remedy-notice_snooze = Vul een tijd in van 1 uur tot 31 dagen, zoals 1d.
remedy-notify_after = Vul een getal in van 1 tot 100.
remedy-silence_alarm = Vul een tijd in van 1 uur tot 366 dagen, zoals 2d, of laat het weg.
remedy-heartbeat = Vul een adres in zoals https://hc-ping.com/…, of laat het weg.
remedy-heartbeat_on_failure = Kies nothing of fail.
remedy-heartbeat_failure = Vul een adres in zoals https://example.org/mislukt, of laat het weg.

## The doctor (engine)

doctor-all-well = Tussen de provider en je mailserver is niets mis; alles kon worden nagekeken.
doctor-unsure = { $count ->
    [one] Er is niets mis gevonden, maar één ding kon vanaf hier niet worden nagekeken.
   *[other] Er is niets mis gevonden, maar { $count } dingen konden vanaf hier niet worden nagekeken.
}
doctor-warnings = Het werkt, maar iets verdient aandacht. { $why }
doctor-will-not-work = Het gaat niet werken. { $why }

doctor-state-passed = goed
doctor-state-warning = let op
doctor-state-failed = fout
doctor-state-cannot-know = niet vast te stellen
doctor-check-folders = Bestanden
doctor-check-hosts = Hosts
doctor-check-name = Naam van de provider
doctor-check-connection = Verbinding
doctor-check-greeting = Begroeting
doctor-check-capabilities = Wat de provider aanbiedt
doctor-check-certificate = Versleuteling
doctor-check-login = Inloggen
doctor-check-method = Methode
doctor-check-mail-server = Mailserver
doctor-check-firewall = Weg naar binnen
doctor-check-mx = Mailroute
doctor-check-public-address = Openbaar adres
doctor-check-clock = Klok

# Wat een controle vond; wat op -do eindigt, zegt wat eraan te doen is.
doctor-earlier = Dit was niet te controleren, omdat een eerdere controle misging.
doctor-earlier-do = Los dat eerst op, en controleer dan opnieuw.

doctor-hosts-all = Alle hosts van het account zijn bruikbaar: { $hosts }.
doctor-hosts-other = Opvragingen gaan via { $host }, omdat { $failed } niet bruikbaar is. { $why }
doctor-hosts-reserve = Opvragingen gaan via { $host }, maar { $failed } zou het niet kunnen overnemen. { $why }
doctor-hosts-none = Geen van de hosts van het account is bruikbaar ({ $failed }). Bij { $host }: { $why }
doctor-hosts-end = Opvragingen eindigen bij { $host }: na wat daar gebeurt, wordt geen andere host geprobeerd. { $why }

doctor-name-resolves = { $host } heeft een adres: { $system }.
doctor-name-resolves-here = { $host } heeft hier een adres: { $system }. Geen openbare DNS-server antwoordde, dus waren de twee niet te vergelijken.
doctor-name-not-compared = { $host } heeft hier een adres: { $system }. Openbare DNS-servers zijn niet gevraagd: DEQUEUE_PUBLIC_DNS zet dat uit.
doctor-name-hidden = Je eigen DNS-server verbergt { $host }: hij geeft geen adres, terwijl het internet { $public } kent. Vaak heet het interne domein net als het openbare van de provider, zodat je server antwoordt voor namen die hij niet kent.
doctor-name-hidden-do = Zet { $host } met het adres { $public } in je eigen DNS-server, of laat hem doorsturen wat hij niet kent.
doctor-name-wrong = De naam { $host } bestaat niet, hier niet en op het internet niet.
doctor-name-wrong-do = Controleer de spelling van de host in de instellingen, en vraag de provider naar zijn naam.
doctor-name-unresolved = De naam { $host } is niet te vinden, en er antwoordt ook geen openbare DNS-server.
doctor-name-unresolved-do = Controleer de netwerkverbinding en de DNS-servers van deze machine.
doctor-name-unresolved-here = De naam { $host } is hier niet te vinden. Openbare DNS-servers zijn niet gevraagd: DEQUEUE_PUBLIC_DNS zet dat uit.
doctor-name-unresolved-here-do = Controleer de spelling van de host in de instellingen, en de netwerkverbinding en de DNS-servers van deze machine.
doctor-name-differs = Je eigen DNS-server geeft een ander adres voor { $host } ({ $system }) dan het internet ({ $public }).
doctor-name-differs-do = Verbeter de regel voor { $host } in je eigen DNS-server, tenzij je de provider over een eigen lijn bereikt.
doctor-name-hosts-file = Het hosts-bestand van deze machine geeft een oud of ander adres voor { $host } ({ $system }); het internet zegt { $public }.
doctor-name-hosts-file-do = Haal { $host } uit het hosts-bestand, of verbeter het adres.
doctor-name-moved = { $host } is verhuisd: de laatste geslaagde opvraging ging naar { $before }, nu is het adres { $system }.
doctor-name-moved-do = Laat je firewall de provider op adres binnen, voeg dan het nieuwe toe: de mail komt daarvandaan.

doctor-connection-stands = De provider antwoordt op { $address }.
doctor-connection-partly = De provider antwoordt, maar niet op { $address }.
doctor-connection-partly-do = Opvragingen gebruiken een ander adres, dus gaat er niets verloren. Blijft het zo, meld het dan de provider.
doctor-connection-ipv6 = De provider antwoordt alleen over IPv6; { $address } antwoordt niet.
doctor-connection-ipv6-do = Opvragingen gaan over IPv6, waar de provider je adres misschien niet kent. Vraag het na, of zoek uit waarom IPv4 niet werkt.
doctor-connection-only-ipv6 = De provider heeft hier alleen IPv6-adressen ({ $host }), en deze machine heeft geen route naar het IPv6-internet.
doctor-connection-only-ipv6-do = Geef deze machine IPv6, of vraag de provider om een naam met een IPv4-adres.
doctor-connection-refused = { $host } weigert verbindingen op poort { $port }.
doctor-connection-refused-do = Controleer de poort in de instellingen; klopt die, dan ligt de maildienst van de provider plat.
doctor-connection-port-25-blocked = Poort 25 is geblokkeerd: de machine van de provider antwoordt op poort { $other }, maar niet op poort 25.
doctor-connection-port-25-blocked-do = Open poort 25 naar buiten in je firewall voor deze machine. Laat je eigen firewall hem door, dan blokkeert je internetprovider hem misschien: vraag die hem te openen. Doet die dat niet, vraag dan de mailprovider of hij je adres toelaat.
doctor-connection-port-blocked = Poort { $port } is geblokkeerd: de machine van de provider antwoordt op poort { $other }, maar daar niet.
doctor-connection-port-blocked-do = Controleer de poort in de instellingen, en open hem in je firewall voor uitgaande verbindingen.
doctor-connection-port-25-silent = { $host } antwoordt niet op poort 25, terwijl het internet bereikbaar is. Of poort 25 is naar buiten geblokkeerd, of de provider ligt plat.
doctor-connection-port-25-silent-do = Kijk of je firewall poort 25 naar buiten doorlaat, vraag je internetprovider of hij hem blokkeert, en vraag dan de mailprovider.
doctor-connection-silent = { $host } antwoordt niet op poort { $port }, terwijl het internet bereikbaar is.
doctor-connection-silent-do = Controleer de host en de poort, en kijk of een firewall de poort blokkeert; vraag daarna de provider.
doctor-connection-not-compared = { $host } antwoordt niet op poort { $port }. Of iets anders op het internet antwoordt, is niet gevraagd: DEQUEUE_PUBLIC_DNS zet dat uit.
doctor-connection-not-compared-do = Controleer de netwerkverbinding van deze machine, de host en de poort, en kijk of een firewall de poort blokkeert; vraag daarna de provider.
doctor-connection-no-network = Niets antwoordt: de provider niet, en niets anders op het internet.
doctor-connection-no-network-do = Controleer de netwerkverbinding van deze machine.
doctor-connection-local = Deze machine kan de verbinding niet openen vanaf het bronadres in de instellingen.
doctor-connection-local-do = Haal het bronadres uit de instellingen, of vul er een in dat deze machine heeft.
doctor-connection-no-route = Er is vanaf hier geen route naar { $host }.
doctor-connection-no-route-do = Controleer de netwerkverbinding en de gateway van deze machine.
doctor-connection-reset = { $host } verbreekt verbindingen op poort { $port } zodra ze open zijn.
doctor-connection-reset-do = Controleer de poort; klopt die, dan laat iets ertussen of de provider zelf deze machine niet binnen: vraag het de provider.
doctor-connection-spared = De provider is niet benaderd: hij begint misschien bij elke verbinding af te leveren, en je mailserver zou de mail nu wegsturen.
doctor-connection-spared-do = Breng eerst je mailserver in orde, en controleer dan opnieuw.

doctor-greeting-good = De provider begroet zoals een mailserver dat doet.
doctor-greeting-masked = Een oude firewall maskeert het gesprek met de provider, zodat een goed antwoord niets bewijst.
doctor-greeting-masked-do = Zet zijn SMTP-inspectie uit (“fixup protocol smtp”, “inspect esmtp”), of vraag de provider dat te doen.
doctor-capabilities-some = De provider biedt { $offers } aan.
doctor-capabilities-none = De provider biedt niets bijzonders aan, zoals gebruikelijk bij providers die bij elke verbinding beginnen.

doctor-certificate-holds = De verbinding is versleuteld, en het certificaat is dat van { $name }.
doctor-certificate-pinned = De verbinding is versleuteld, en het certificaat is het certificaat dat je vertrouwt.
doctor-certificate-unverified = De verbinding is versleuteld. Niemand staat in voor het certificaat, wat tussen mailservers normaal is en volgens de instellingen mag.
doctor-certificate-not-offered = De provider biedt geen versleuteling aan, wat volgens de instellingen mag.
doctor-certificate-not-wanted = De instellingen vragen niet om versleuteling.
doctor-certificate-tls-failed = De provider biedt versleuteling aan, maar die kwam niet tot stand; opvragingen gaan onversleuteld. { $why }
doctor-certificate-tls-failed-do = { $do } Wil je geen versleuteling, zet TLS dan op “none”.
doctor-certificate-expires = { $days ->
    [0] Het certificaat van de provider verloopt vandaag.
    [one] Het certificaat van de provider verloopt over één dag.
   *[other] Het certificaat van de provider verloopt over { $days } dagen.
}
doctor-certificate-expires-do = Vraag de provider het te vernieuwen; daarna kunnen opvragingen mislukken.

doctor-login-accepted = De provider accepteerde de login.
doctor-login-none = Er is geen login ingesteld, en de provider vroeg er niet om.
doctor-login-missing = Er is geen login ingesteld, maar deze methode heeft er bijna overal een nodig.
doctor-login-missing-do = Vul de gebruikersnaam en het wachtwoord in die je van de provider kreeg.

doctor-method-signal = Elke verbinding is daar een opvraging, ook deze: ze vraagt niets, en de provider begint nu misschien af te leveren.
doctor-method-signal-do = Niemand kan vooraf zeggen of verbinden bij deze provider genoeg is. Stuur jezelf van elders een bericht, vraag op, en kijk of het binnenkomt.
doctor-method-offered = De provider biedt aan wat de methode “{ $method }” nodig heeft.
doctor-method-auto = De methode “auto” kiest “{ $chosen }”, en dat biedt de provider aan.
doctor-method-auto-tries = De provider biedt ETRN noch ATRN aan. De methode “auto” probeert één keer ETRN en neemt, waar dat onbekend is, het verbinden als signaal.
doctor-method-auto-tries-do = Vraag één keer op, en kijk of er mail binnenkomt.
doctor-method-etrn-not-offered = De provider biedt geen ETRN aan. Sommige antwoorden er toch op.
doctor-method-etrn-not-offered-do = Worden opvragingen geweigerd, kies dan de methode “auto” of “signal”, of vraag de provider.
doctor-method-atrn-not-offered = De provider biedt geen ATRN aan, terwijl de instellingen erom vragen.
doctor-method-atrn-not-offered-do = Controleer de poort (ATRN zit meestal op 366) en de login, of kies de methode “auto”.
doctor-method-unsaid = Of de provider de methode “{ $method }” kent, blijkt pas bij een opvraging: geen server zegt dat vooraf.
doctor-method-unsaid-do = Vraag één keer op, en kijk naar de uitkomst.

doctor-mail-server-unset = Voor dit account is geen mailserver ingesteld, dus is die niet gecontroleerd.
doctor-mail-server-unset-do = Vul zijn host in bij “Mailserver”: dan wachten opvragingen als hij plat ligt, en is hij te testen.

doctor-firewall-arrived = Er is de laatste dagen na een opvraging mail binnengekomen, dus staat de weg naar binnen open.
doctor-firewall-not-needed = Met deze methode komt de mail over onze eigen verbinding: van buiten hoeft niets binnen te komen.
doctor-firewall-elsewhere = Je mailserver is een andere machine: of zijn firewall de provider binnenlaat, is vanaf hier niet te zien.
doctor-firewall-elsewhere-do = Kijk of daar, en op de router ervoor, poort { $port } openstaat voor de adressen van de provider.
doctor-firewall-loopback = Je mailserver luistert op poort { $port } alleen binnen deze machine: de provider kan hem niet bereiken, tenzij iets de mail doorgeeft.
doctor-firewall-loopback-do = Laat hem ook op het adres van het netwerk luisteren.
doctor-firewall-unreadable = Of firewall en router de provider binnenlaten, is vanaf hier niet te zien.
doctor-firewall-unreadable-do = Werken opvragingen en komt er niets aan, kijk dan of poort { $port } van buiten openstaat voor de adressen van de provider.

doctor-mx-provider = Mail voor { $domain } gaat naar de provider, zoals het hoort ({ $exchanges }).
doctor-mx-unknown = Waar mail voor { $domain } heen gaat, is niet vast te stellen, omdat geen openbare DNS-server antwoordt.
doctor-mx-unknown-do = Laat deze machine DNS-servers op het internet bevragen, of noem er een in DEQUEUE_PUBLIC_DNS.
doctor-mx-not-asked = Waar mail voor { $domain } heen gaat, is niet gevraagd: DEQUEUE_PUBLIC_DNS zet dat uit.
doctor-mx-not-asked-do = Haal DEQUEUE_PUBLIC_DNS weg om het te laten controleren.
doctor-mx-no-domain = Het domein { $domain } bestaat niet op het internet, dus kan er geen mail voor worden vastgehouden.
doctor-mx-no-domain-do = Controleer de spelling in de instellingen, en of de registratie verlopen is.
doctor-mx-no-mail = Het domein { $domain } neemt geen mail aan: het heeft geen mailserver (MX).
doctor-mx-no-mail-do = Laat wie het domein beheert de provider als MX invullen.
doctor-mx-none = Het domein { $domain } heeft geen mailserver (MX); zijn mail gaat naar het adres van het domein zelf.
doctor-mx-none-do = Laat wie het domein beheert de provider als MX invullen.
doctor-mx-dead = Mail voor { $domain } hoort naar { $exchange } te gaan, maar die heeft geen adres.
doctor-mx-dead-do = Laat wie het domein beheert de MX verbeteren.
doctor-mx-elsewhere = Mail voor { $domain } gaat niet naar { $host }, maar naar { $exchanges }. De provider heeft niets vast te houden, tenzij die onder andere namen van hem zijn.
doctor-mx-elsewhere-do = Vraag de provider welke MX het domein moet hebben, en laat die invullen.

doctor-address-same = De provider ziet je verbinden vanaf { $seen }.
doctor-address-unsaid = De provider zegt niet vanaf welk adres hij je ziet verbinden.
doctor-address-unsaid-do = Heeft hij je adres op een lijst staan, vraag dan welk adres dat is.
doctor-address-changed = Je openbare adres is veranderd: de provider ziet { $seen }, bij de laatste opvraging was het { $before }.
doctor-address-changed-do = Geef de provider het nieuwe adres als hij aflevert op een adres dat hij heeft genoteerd, en controleer de MX van je domeinen. Vraag je internetprovider om een vast adres.
doctor-address-not-mail-server = De provider ziet je verbinden vanaf { $seen }, maar je mailserver { $exchange } heeft op het internet een ander adres.
doctor-address-not-mail-server-do = Levert de provider af waar de opvraging vandaan komt, dan komt de mail verkeerd aan: laat de opvraging via hetzelfde adres vertrekken, of verbeter { $exchange } in de DNS.

doctor-clock-right = De klok van deze machine loopt goed, volgens een tijdserver op het internet.
doctor-clock-agrees = Er antwoordde geen tijdserver, maar de klokken hier en bij de provider lopen gelijk.
doctor-clock-agrees-not-asked = De klokken hier en bij de provider lopen gelijk. Een tijdserver is niet gevraagd: DEQUEUE_TIME_SERVER zet dat uit.
doctor-clock-unsaid = Er antwoordt geen tijdserver, en de provider zegt niet hoe laat het is, dus is de klok van deze machine niet te vergelijken.
doctor-clock-unsaid-do = Kijk naar de klok als opvragingen op vreemde tijden komen.
doctor-clock-not-asked = Een tijdserver is niet gevraagd, omdat DEQUEUE_TIME_SERVER dat uitzet, en de provider zegt niet hoe laat het is.
doctor-clock-not-asked-do = Haal DEQUEUE_TIME_SERVER weg om de klok te laten controleren.
doctor-clock-wrong = De klok van deze machine loopt verkeerd: hij zegt { $here }, terwijl een tijdserver op het internet { $there } zegt (beide UTC).
doctor-clock-wrong-do = Zet de klok van deze machine goed, of laat hem een tijdserver volgen: certificaten en logintokens worden ermee gecontroleerd, en de tijden van opvragingen hangen ervan af.
doctor-clock-differs = De klokken hier en bij de provider verschillen: hier is het { $here }, daar { $there } (beide UTC).
doctor-clock-differs-do = Kijk welke van de twee goed loopt. Is het die van de provider, zet de klok van deze machine dan goed, of laat hem een tijdserver volgen: certificaten en logintokens worden ermee gecontroleerd, en de tijden van opvragingen hangen ervan af.

doctor-folders-writable = In instellingen en geschiedenis kan geschreven worden.
doctor-folders-not-writable = In { $path } kan niet geschreven worden ({ $error }), dus wordt er niets bewaard en niets opgevraagd.
doctor-folders-not-writable-do = Geef jezelf daar schrijfrecht, en kijk of de schijf vol of alleen-lezen is.

## Tray

# The tooltip's first line.
tray-title-proved = Dequeue: er komt mail door
tray-title-asked = Dequeue: opgevraagd; niet bevestigd dat er mail doorkomt
tray-title-waiting = Dequeue: wacht op de eerste opvraging
tray-title-needs-you = Dequeue: { $account } wacht op jou
tray-title-needs-you-several = Dequeue: { $count } accounts wachten op jou
tray-title-trouble = Dequeue: problemen met { $account }
tray-title-trouble-several = Dequeue: problemen met { $count } accounts
tray-title-settings-fault = Dequeue: het instellingenbestand bevat een fout
tray-title-paused = Dequeue: gepauzeerd
tray-title-not-set-up = Dequeue: nog niet ingesteld
tray-title-no-engine = Dequeue draait niet
# Its other lines. $outcome is one of outcome-*.
tray-poking = Bezig met { $account }…
tray-poking-several = Bezig met { $count } accounts…
tray-last = Laatste opvraging { $time } ({ $account }): { $outcome }
tray-next = Volgende opvraging { $time }
tray-failing = { $account }: { $outcome } ({ $failures ->
    [one] één keer
   *[other] { $failures } keer
}), laatst gelukt { $time }
tray-failing-always = { $account }: { $outcome } ({ $failures ->
    [one] één keer
   *[other] { $failures } keer
}), nog nooit gelukt
tray-until-resumed = Er wordt niets volgens schema opgevraagd tot je hervat
tray-paused-until = Er wordt niets volgens schema opgevraagd tot { $time }
tray-set-up = Open Dequeue om je provider in te stellen

# The menu.
tray-open = Dequeue openen
tray-open-account = { $account } openen
tray-poke-all = Alles nu opvragen
tray-poke-now = Nu opvragen
tray-pause = Pauzeren
tray-pause-hour = Een uur
tray-pause-tomorrow = Tot morgen 8:00
tray-pause-until-resumed = Tot ik hervat
tray-resume = Hervatten
# The pause ends by itself at this time.
tray-resume-before = Hervatten (gepauzeerd tot { $time })
# One account. $state is one of outcome-* and health-*.
tray-account = { $account }: { $state }
tray-account-at = { $account }: { $state }, { $time }
# $account is one of the two above.
tray-account-poking = { $account } (wordt opgevraagd)
tray-more-accounts = Nog { $count }
tray-more-in-window = { $count ->
    [one] Nog één staat in het venster
   *[other] Nog { $count } staan in het venster
}
tray-last-notices = Laatste meldingen
tray-notice = { $time }  { $title }
tray-start-at-login = Starten bij inloggen
tray-quit = Afsluiten

# A time of day by itself is today's.
tray-time-yesterday = gisteren { $time }
tray-time-tomorrow = morgen { $time }
tray-time-on-day = { $day } { $month ->
    [1] jan
    [2] feb
    [3] mrt
    [4] apr
    [5] mei
    [6] jun
    [7] jul
    [8] aug
    [9] sep
    [10] okt
    [11] nov
   *[12] dec
} { $time }

# Notices.
tray-window-not-started = Het venster kan niet worden geopend
tray-window-not-started-explained = { $program } kon niet worden gestart ({ $error }). Installeer Dequeue opnieuw. Mail wordt intussen gewoon opgevraagd, en de opdracht “dequeue” kan alles wat het venster kan.
tray-window-ended = Het venster is onverwacht gesloten
tray-window-ended-explained = Het eindigde met een fout ({ $status }). Mail wordt intussen gewoon opgevraagd. Open het venster opnieuw; helpt dat niet, installeer Dequeue dan opnieuw.
tray-not-done = Dat is niet gelukt
# On a notice.
tray-poke-again = Opnieuw opvragen
tray-pause-for-hour = Een uur pauzeren

# On the terminal.
tray-usage = Gebruik: dequeue-tray [--quiet | --quit]

    Toont het pictogram bij de klok, en vraagt op tijd mail op.

      --quiet     het venster niet vanzelf openen
      --quit      het pictogram van deze sessie beëindigen, en wachten tot dat is gebeurd
      --help      deze tekst tonen
      --version   de versie tonen
tray-does-not-end = Het pictogram van deze sessie kon niet worden beëindigd ({ $error }). Beëindig zelf het proces “dequeue-tray”.
tray-unknown-option = dequeue-tray kent “{ $option }” niet.
tray-no-desktop = Er is hier geen bureaublad: DISPLAY en WAYLAND_DISPLAY zijn geen van beide gezet. Er is dus geen pictogram; mail wordt gewoon opgevraagd. Gebruik “dequeue run” waar nooit een bureaublad is.
tray-no-bus = Er is geen bureaubladbus (D-Bus) die het pictogram kan tonen ({ $error }). Mail wordt gewoon opgevraagd; het pictogram komt zodra de bus er is.

## Window

window-navigation = Delen van het venster
window-overview = Overzicht
window-recent = Laatste opvragingen
window-settings = Instellingen
window-close-message = Bericht sluiten

# Zolang het venster geen Dequeue heeft om mee te praten.
window-starting = Dequeue wordt gestart…
window-gone = Dequeue draait niet meer op de achtergrond
window-gone-explained = Er wordt nu geen mail opgevraagd. Dit venster verbindt vanzelf zodra Dequeue er weer is.
window-start-again = Dequeue starten
window-no-engine = Dequeue draait niet en kon niet worden gestart ({ $error }). Installeer Dequeue opnieuw, of start { $program } zelf.
window-engine-silent = Dequeue is gestart, maar antwoordde niet binnen { $seconds } seconden. Probeer het opnieuw.
window-engine-ended = Dequeue stopte meteen na het starten ({ $status }). Start { $program } in een terminal om te zien waarom.
# In plaats van het venster, waar er geen getoond kan worden.
window-no-display = Er is geen bureaublad om een venster op te tonen: DISPLAY en WAYLAND_DISPLAY zijn geen van beide gezet. De opdracht “dequeue” kan hetzelfde zonder venster.
window-no-webview = Dit venster heeft de WebView2-runtime van Microsoft nodig, die hier ontbreekt. Haal het installatieprogramma (de “Evergreen Bootstrapper”) bij Microsoft op, voer het uit en open het venster opnieuw.
window-no-webview-goes-on = Mail wordt toch opgevraagd: het pictogram bij de klok laat zien hoe het ervoor staat, en de opdracht “dequeue” kan alles wat dit venster kan.
window-no-webview-fetch = WebView2 ophalen
window-no-webview-close = Sluiten
window-cannot-open = Het venster kan niet worden geopend ({ $error }).

window-welcome = Welkom bij Dequeue
window-welcome-explained = Je mailprovider houdt mail vast tot je erom vraagt. Dequeue vraagt erom, elke keer op tijd, en zegt je in gewone woorden of het is gelukt.
window-welcome-form = Je provider instellen
window-welcome-demo = Eerst even kijken?
window-welcome-demo-explained = De demo draait een provider met wachtende mail en een mailserver binnen dit programma. Hij raakt verder niets aan en laat niets achter.
window-try-demo = Ingebouwde demo proberen
window-demo-runs = De demo draait: een provider en een mailserver binnen dit programma. Er wordt niets van bewaard.
window-end-demo = Demo stoppen

window-accounts = Accounts
window-add-account = Account toevoegen
window-notices-given = Meldingen
window-notices-none = Nog geen meldingen.
window-away = { $count ->
    [one] Terwijl je weg was, kwam er één melding.
   *[other] Terwijl je weg was, kwamen er { $count } meldingen.
}
window-away-show = Bekijken
window-pause-hour = Een uur
window-pause-tomorrow = Tot morgen 8:00
window-pause-until-resumed = Tot ik hervat
window-all-paused-until = Alles is gepauzeerd tot { $time }; met de hand opvragen kan nog wel.
window-paused-until = Gepauzeerd tot { $time }
window-poke-all = Alles nu opvragen
window-pause-all = Alles pauzeren
window-resume-all = Alles hervatten
window-all-paused = Alles is gepauzeerd. Er wordt niets volgens schema opgevraagd tot je hervat; met de hand opvragen kan nog wel.
window-settings-fault = Het instellingenbestand bevat een fout

# The overview of many accounts.
window-filter = Tonen
window-filter-all = Alle
window-filter-trouble = Problemen
window-filter-needs-you = Actie nodig
window-filter-paused = Gepauzeerd
window-search = Naam, host of domein
window-search-short = Zoeken
window-sort = Sorteren op
window-sort-urgency = Dringend eerst
window-sort-name = Op naam
window-sort-last = Laatst opgevraagd
# $number and $all are numbers as they are written.
window-found = { $count ->
    [one] { $number } van de { $all } accounts wordt getoond.
   *[other] { $number } van de { $all } accounts worden getoond.
}
window-found-none = Geen account komt overeen.
window-show-all = Alle accounts tonen
window-row-last = { $outcome }, { $relative }
window-row-never = Nog niet opgevraagd
window-row-soon = binnen een minuut

window-every = elke { $every }
window-last-poke = Laatste opvraging
window-never-poked = Nog geen
window-next-poke = Volgende opvraging
window-next-due = Elk moment
window-next-held = Zodra je mailserver weer antwoordt
window-alarms = Ongewoon
window-arrivals = Aankomsten
window-next-paused = Geen, zolang het account gepauzeerd is
window-next-paused-all = Geen, zolang alles gepauzeerd is
window-last-success = Laatst gelukt
window-never-worked = Nog nooit gelukt
window-failures = { $count ->
    [one] De laatste opvraging is niet gelukt.
   *[other] De laatste { $count } opvragingen zijn niet gelukt.
}
window-moment = { $relative }, { $exact }
window-just-now = zojuist
window-poke-now = Nu opvragen
window-poking = Bezig…
window-pause = Pauzeren
window-resume = Hervatten
window-edit = Bewerken
window-remove = Verwijderen
window-show-dialogue = Gesprek tonen
window-hide-dialogue = Gesprek verbergen
window-dialogue-live = Wat er wordt gezegd
window-about-account = { $action }: { $account }
window-trust = Certificaat vertrouwen…
window-trust-title = Het certificaat van { $host } vertrouwen?
window-trust-explained = Bel de provider, op een nummer dat je al kent, en vergelijk deze vingerafdruk met de vingerafdruk die hij je voorleest. Vertrouw het certificaat alleen als elk paar gelijk is.
window-trust-changed = Dit is niet het certificaat dat je eerder vertrouwde. Misschien heeft de provider een nieuw; misschien doet iemand zich voor als de provider.
window-trust-after = Als je het vertrouwt, accepteert “{ $account }” dit certificaat en geen ander.
window-trust-yes = Komt overeen, vertrouwen
window-said-trusted = “{ $account }” vertrouwt het certificaat nu.
window-remove-title = “{ $account }” verwijderen?
window-remove-explained = Dequeue vraagt { $host } dan niet meer om mail. De geschiedenis van eerdere opvragingen blijft.
window-cancel = Annuleren
window-said-removed = “{ $account }” is verwijderd.
window-said-saved = “{ $account }” is opgeslagen.
window-said-poked = { $account }: { $explanation }

window-new-account = Nieuw account
window-edit-account = “{ $account }” bewerken
window-field-name = Naam
window-field-name-hint = Je eigen naam voor deze provider.
window-field-host = Host van de provider
window-field-host-hint = De naam of het adres van de host die je mail vasthoudt.
window-field-port = Poort
window-field-port-hint = Leeg: de gebruikelijke.
window-field-domains = Domeinen
window-field-domains-hint = Waarvoor de provider mail vasthoudt, één per regel of met komma's ertussen.
window-field-every = Opvragen om de
window-field-every-hint = Bijvoorbeeld 15m, 1h of 1h30m.
window-field-method = Methode
window-method-auto = Automatisch
window-method-auto-hint = Kijkt wat de provider kent, kiest, en zegt waarom.
window-method-signal = Signal
window-method-signal-hint = Maakt verbinding en hangt weer op; dat alleen start de aflevering.
window-method-etrn = ETRN
window-method-etrn-hint = Vraagt elk domein bij naam op (RFC 1985).
window-method-atrn = ATRN
window-method-atrn-hint = Logt in en krijgt de mail over dezelfde verbinding (ODMR, RFC 2645).
window-method-turn = TURN
window-method-turn-hint = Hetzelfde in zijn oudere vorm, zoals sommige Exchange- en MDaemon-hosts het kennen.
window-method-qsnd = QSND
window-method-qsnd-hint = Vraagt elk domein op zoals oudere servers dat kennen.
window-method-finger = Finger
window-method-finger-hint = Een finger-verzoek start de aflevering, zoals bij sommige MDaemon-hosts.
window-method-hello = Hello-poort
window-method-hello-hint = Maakt verbinding met een poort die daarvoor bestemd is; dat alleen start de aflevering (qmail).
window-field-mail_server = Mailserver
window-field-mail_server-hint = De mailserver die de mail ontvangt, met zijn poort als dat niet 25 is.
window-provider-more = Versleuteling en inloggen
window-provider-more-hint = Alleen als de provider erom vraagt.
window-rarely = Zelden nodig
window-rarely-hint = Wat weinig providers vragen: meer hosts, namen, adressen, tijdslimieten.
window-field-tls = Versleuteling (TLS)
window-tls-none = Nooit
window-tls-none-hint = Iedereen onderweg kan meelezen.
window-tls-opportunistic = Waar aangeboden
window-tls-opportunistic-hint = Beschermt tegen meelezers; controleert niet wie de server is.
window-tls-required = Verplicht (“required”)
window-tls-required-hint = Alleen met een geldig certificaat; anders wordt er niets verstuurd.
window-tls-implicit = Vanaf de eerste byte
window-tls-implicit-hint = Zoals verplicht, op een poort die alleen TLS spreekt.
window-field-user = Gebruikersnaam
window-field-user-hint = Leeg: niet inloggen.
window-user-missing = Gebruikersnaam: er is niets ingevuld. Vul de naam in die bij het wachtwoord hoort.
window-field-secret = Wachtwoord
window-field-secret-hint = Opgeslagen in de sleutelbos van dit systeem, of in een bestand dat alleen jij kunt lezen.
window-field-secret-kept = Laat leeg om het opgeslagen wachtwoord te houden.
window-forget-secret = Opgeslagen wachtwoord verwijderen…
window-forget-secret-title = Het wachtwoord van “{ $account }” verwijderen?
window-forget-secret-explained = Dequeue kan niet bij de provider inloggen tot je het opnieuw invult.
window-forget-secret-yes = Verwijderen
window-said-forgotten = Het wachtwoord van “{ $account }” is verwijderd.
window-field-notify = Meldingen
window-notify-never = Nooit
window-notify-never-hint = Alleen het pictogram laat het zien.
window-notify-problems = Als er iets verandert
window-notify-problems-hint = Bij het eerste succes, bij een storing en als het weer werkt.
window-notify-everything = Bij elke opvraging
window-notify-everything-hint = Om een fout te zoeken; na een dag erg vermoeiend.
window-working-hours = Minder vaak buiten werktijd
window-working-hours-hint = 's Nachts en in het weekend houdt Dequeue zich dan stil, of vraagt het met langere tussenpozen op.
window-field-hours = Werktijden
window-field-hours-hint = Dagen en tijden, zoals ma-vr 07:00-19:00; za 09:00-12:00.
window-hours-from = van
window-hours-to = tot
window-hours-as-text = Als tekst invoeren
window-field-outside = Daarbuiten
window-outside-never = helemaal niet
window-outside-every = elke
window-outside-time = Tijd tussen opvragingen buiten werktijd
window-field-notify_after = Mislukkingen vóór een melding
window-field-notify_after-hint = Zoveel opvragingen achter elkaar moeten eerst mislukken.
window-field-silence_alarm = Alarm na stilte
window-field-silence_alarm-hint = Als er zo lang niets is aangekomen, zoals 2d. Leeg: geen alarm.
window-save = Opslaan
window-save-new = Beginnen met opvragen
window-saving = Bezig met opslaan…
window-more-settings = Meer instellingen
window-faults-found = { $count ->
    [one] Kijk nog eens naar één veld.
   *[other] Kijk nog eens naar { $count } velden.
}

window-no-pokes = Nog geen opvragingen
window-no-pokes-explained = Zodra er voor het eerst mail is opgevraagd, staat dat hier, met elk woord dat is gezegd.
window-filter-account = Account
window-all-accounts = Alle accounts
window-today = Vandaag
window-yesterday = Gisteren
window-more-pokes = Oudere opvragingen tonen
window-loading = Bezig met laden…
window-poke-host = { $host } (zonder account)
window-poke-begun = Begonnen
window-poke-trigger = Aanleiding
window-trigger-schedule = het schema
window-trigger-user = jijzelf
window-trigger-second = een tweede keer, voor het geval er mail was overgeslagen
window-trigger-network-up = het netwerk, dat er weer is
window-trigger-woke = computer uit slaapstand
window-trigger-mail-server-back = je mailserver, die er weer is
window-trigger-host = de opdrachtregel
window-poke-method = Gebruikte methode
window-poke-address = Adres
window-poke-tried = Eerst geprobeerd, zonder succes
window-poke-duration = Duur
window-poke-round-trips = Heen en weer (round trips)
window-poke-tls = Versleuteling
window-poke-tls-none = Geen
window-poke-tls-is = { $version }, { $cipher }
window-poke-trust-verified = Het certificaat is geldig voor { $peer }.
window-poke-trust-pinned = { $peer } toonde het certificaat dat je vertrouwt.
window-poke-trust-unverified = Niemand staat in voor het certificaat van { $peer }; dit account vereist dat niet.
window-poke-certificate = Certificaat
window-certificate-until = Geldig tot { $date }.
window-certificate-ended = Verlopen op { $date }.
window-fingerprint = Vingerafdruk (SHA-256)
window-poke-busy = Provider was met ons bezig
window-poke-seen = De provider zag ons als
window-poke-answer = Antwoord
window-poke-domains = Domeinen
window-poke-pending = { $count ->
    [one] één bericht
   *[other] { $count } berichten
}
window-poke-dialogue = Gesprek
window-poke-no-dialogue = Er is niets gezegd.
window-speaker-provider = Provider
window-speaker-us = Dequeue
window-speaker-connection = Verbinding
window-line-connected = Verbonden
window-line-closed = Gesloten
window-line-reset = Afgebroken door de andere kant
window-line-interrupted = Dequeue werd hier beëindigd
window-line-timed-out = Geen antwoord binnen de tijdslimiet
window-line-connect-failed = Kon niet verbinden
window-line-tls-started = Versleuteld vanaf hier
window-line-tls-failed = De versleuteling mislukte
window-line-mail-server-connected = Verbonden met je mailserver
window-line-mail-server-failed = Je mailserver kan de mail niet aannemen
window-line-turned = Omgekeerd: de provider praat nu met je mailserver
window-line-bridge-ended = De aflevering over deze verbinding is beëindigd
window-line-next-host = Volgende host: { $host }

window-language = Taal
window-language-system = Zoals het systeem
window-language-system-is = Zoals het systeem ({ $language })
window-start-at-login = Starten bij inloggen
window-start-at-login-explained = Dequeue start als je inlogt, stil, als pictogram bij de klok.
window-start-at-login-unknown = Dit systeem zegt niet of Dequeue bij het inloggen start.
window-settings-file = Instellingenbestand
window-settings-file-explained = Je kunt het met elke editor bewerken; Dequeue neemt een wijziging meteen over.
window-version = Dequeue { $version }

## Window: rhythm, mail server, arrivals and notices in full

window-by-cron = volgens cron: { $cron }
window-field-cron = Cron-expressie
window-field-cron-hint = Minuut, uur, dag van de maand, maand en dag van de week, in plaats van een interval.
window-cron-no-more = Toch een vast interval gebruiken
window-cron-minute = Minuut
window-cron-hour = Uur
window-cron-day = Dag van de maand
window-cron-month = Maand
window-cron-weekday = Dag van de week
window-cron-any = elke
window-rhythm-more = Tijdzone en spreiding
window-rhythm-more-hint = Alleen als de standaard niet volstaat.
window-field-time_zone = Tijdzone
window-field-time_zone-hint = In welke tijdzone deze tijden gelden.
window-time-zone-system = Die van deze machine
window-field-jitter = Spreiding
window-field-jitter-hint = Hoeveel een opvraging willekeurig mag verschuiven, zodat niet iedereen tegelijk verbindt. Bijvoorbeeld 30s; 0s: niet; auto: een tiende van het interval.

window-mail-server-is-here = Op deze machine
window-field-mail_server_first = Alleen mail opvragen zolang hij antwoordt
window-field-mail_server_first-hint = Antwoordt hij niet, dan wacht de opvraging: mail die niemand aanneemt, kan teruggaan naar de afzenders.
window-field-mail_server_test = Ook testen wat hij aanneemt
window-field-mail_server_test-hint = Of hij mail voor je domeinen zou aannemen en mail voor andere zou weigeren. Er wordt geen bericht verstuurd.
window-mail-server-answers = Antwoordt
window-mail-server-refuses = Neemt nu geen mail aan
window-mail-server-silent = Antwoordt niet

window-arrivals-none-yet = Er is tot nu toe niets van de provider gekomen.
arrivals-busy = De provider bleef { $time } verbonden, zoals hij doet terwijl hij aflevert.
window-last-arrival = Laatste mail

window-pinned = Vertrouwd certificaat
window-pinned-hint = Alleen het certificaat met deze vingerafdruk wordt geaccepteerd.
window-unpin = Niet langer vereisen
window-secret-elsewhere = Volgens het instellingenbestand komt het van:
window-silence-deaf = Dit alarm kan niet afgaan.
window-also-told = Ook gemeld { $ways }.
window-way-mail = per e-mail aan { $to }
window-way-webhook = via een webhook op { $to }
window-way-command = door het programma { $to }
window-heartbeat-to = Elke gelukte opvraging geeft een levensteken (heartbeat) aan { $to }.
window-notices = Meldingen
window-quiet = Stille uren
window-quiet-hint = In die uren komt er geen melding. Wat daarna nog mis is, hoor je aan het eind.
window-ways = Ook melden via
window-ways-none = Nog niets. Voor een machine waar niemand naar kijkt, kunnen meldingen per e-mail gaan, naar een webhook of naar een programma. “dequeue settings show” toont de instellingen daarvoor; hun namen beginnen met notice_.
window-try-ways = Testmelding versturen
window-trying = Bezig met versturen…

## Command line

# De hulp. Namen in hoofdletters zijn in elke taal dezelfde.
cli-heading-usage = Gebruik
cli-heading-arguments = Argumenten
cli-heading-options = Opties
cli-heading-commands = Opdrachten

cli-about-dequeue = Vraagt een mailprovider de mail af te leveren die hij vasthoudt, en zegt of het is gelukt.
cli-usage-dequeue =
    dequeue HOST [-p PORT] [-d DOMAIN]...
    dequeue COMMAND [--help]
cli-about-poke = Vraagt mail op voor accounts uit de instellingen, of bij een provider via zijn host
cli-usage-poke =
    dequeue poke [ACCOUNT]... [--all]
    dequeue poke --host HOST [-p PORT] [-m METHOD] [-d DOMAIN]...
cli-about-run = Vraagt op tijd mail op, op de voorgrond, zonder pictogram
cli-usage-run = dequeue run
error-service-not-ended-so = Hier vraagt de dienst om mail; die wordt niet zo beëindigd. Gebruik als beheerder “dequeue service stop”.
cli-about-stop = Beëindigt wat er draait: Dequeue zelf, het pictogram en het venster
cli-usage-stop = dequeue stop
cli-stop-not-running = Dequeue draait niet.
cli-about-status = Toont hoe elk account ervoor staat
cli-usage-status = dequeue status [--check]
cli-about-history = Toont eerdere opvragingen, de nieuwste eerst, of wat elke dag opleverde
cli-usage-history =
    dequeue history [ACCOUNT] [--since TIME] [--limit NUMBER] [--dialogue]
    dequeue history [ACCOUNT] --days [--since TIME]
cli-about-notices = Toont de meldingen van de laatste tijd, nieuwste eerst
cli-usage-notices = dequeue notices [--limit NUMBER]
cli-about-pause = Pauzeert accounts, of alles: geen opvragingen volgens schema
cli-usage-pause = dequeue pause [ACCOUNT]... [--for TIME | --until-tomorrow]
cli-about-resume = Beëindigt een pauze
cli-usage-resume = dequeue resume [ACCOUNT]...
cli-about-account = Toont accounts, voegt ze toe, wijzigt en verwijdert ze
cli-usage-account = dequeue account COMMAND
cli-about-account-list = Somt de accounts op
cli-usage-account-list = dequeue account list
cli-about-account-show = Toont alle instellingen van een account
cli-usage-account-show = dequeue account show NAME
cli-about-account-add = Voegt een account toe
cli-usage-account-add = dequeue account add NAME --host HOST [-d DOMAIN]... [--every TIME] [--hours HOURS]
cli-about-account-set = Wijzigt instellingen van een account, zoals every=30m of name=ander
cli-usage-account-set = dequeue account set NAME KEY=VALUE...
cli-about-account-remove = Verwijdert een account; zijn geschiedenis blijft
cli-usage-account-remove = dequeue account remove NAME
cli-about-settings = Toont en wijzigt de instellingen die bij geen account horen; exporteert en importeert instellingen
cli-usage-settings = dequeue settings COMMAND
cli-about-settings-path = Toont waar het instellingenbestand staat
cli-usage-settings-path = dequeue settings path
cli-about-settings-check = Noemt elke fout in het instellingenbestand, met de regel
cli-usage-settings-check = dequeue settings check
cli-about-settings-export = Schrijft alle instellingen behalve de geheimen, voor een andere machine
cli-usage-settings-export = dequeue settings export [FILE]
cli-about-settings-import = Importeert geëxporteerde instellingen, of die van een ander programma
cli-usage-settings-import = dequeue settings import [--from PROGRAM] [--replace] [--allow-commands] FILE
cli-about-demo = Laat het hele werk zien op deze machine: een provider met wachtende mail en een mailserver
cli-usage-demo = dequeue demo [--manner MANNER]

cli-option-json = Geef één JSON-object, of één per regel
cli-option-verbose = Toon het gesprek
cli-option-quiet = Zeg niets; de afsluitcode vertelt het
cli-option-help = Toon deze tekst
cli-option-version = Toon de versie
cli-option-accounts = Namen van accounts; standaard het enige account
cli-option-all = Vraag mail op voor alle accounts
cli-option-ipv4 = Gebruik alleen IPv4
cli-option-ipv6 = Gebruik alleen IPv6
cli-option-account = De naam van het account
cli-option-paused = Namen van accounts; standaard: alles
cli-option-for = Hoe lang, zoals in 1h of 2d; standaard: tot je hervat
cli-option-until_tomorrow = Tot morgen 8:00
cli-option-since = Alleen de laatste dagen of uren, zoals 7d of 12h
cli-option-limit = Hoogstens zoveel; standaard 20, of alles van de opgegeven tijd
cli-option-dialogue = Toon ook elk gesprek
cli-option-values = Instellingen met hun sleutel in het instellingenbestand
cli-option-to = Waar naartoe; het bestand mag nog niet bestaan; standaard naar het scherm
cli-option-file = Het bestand; een minteken voor de standaardinvoer
cli-option-from = Van welk programma: dequeue (een opdrachtregel van het oude programma), fetchmail, msmtp of etrn; standaard die van Dequeue zelf
cli-option-allow_commands = Laat geïmporteerde instellingen programma's starten
cli-option-replace = Vervang accounts met dezelfde naam
cli-option-manner = Hoe de provider wordt gevraagd: etrn, of autoturn (alleen verbinden); standaard etrn

# Wat er mis is met een opdrachtregel.
cli-unknown-option = “{ $option }” is hier niet bekend.
cli-unknown-command = Hier is geen opdracht “{ $command }”.
cli-no-command-either = Er is ook geen opdracht “{ $command }”; “dequeue --help” somt ze op.
cli-value-missing = Bij “{ $option }” hoort een waarde.
cli-value-unknown = “{ $option }” kent “{ $value }” niet. Kies een van: { $choices }.
cli-value-wrong = “{ $option }” kan niet “{ $value }” zijn.
cli-argument-missing = Er ontbreekt: { $option }.
cli-given-twice = “{ $option }” staat er twee keer.
cli-conflict = “{ $option }” en “{ $other }” gaan niet samen.
cli-not-utf8 = Iets hierin is geen tekst in UTF-8.
cli-not-understood = Dit is niet te begrijpen ({ $kind }).
cli-suggestion = Bedoelde je “{ $suggestion }”?
cli-which = Welk account? Noem er een of meer van deze, of gebruik --all: { $accounts }.
cli-domain-each = Op de opdrachtregel heeft elk domein een eigen -d nodig.
cli-since-wrong = “{ $value }” is geen tijdsduur. Geef er een zoals 7d, 12h of 30m.
cli-not-a-pair = “{ $value }” is geen KEY=VALUE, zoals every=30m.
cli-no-accounts = Er is nog geen account ingesteld. Voeg er een toe: dequeue account add NAME --host HOST --domain DOMAIN
cli-account-gone = Een account is verwijderd terwijl er mail voor werd opgevraagd.
cli-output = De uitkomst kon niet worden geschreven ({ $error }).

# Wat er gaande is, in een regel waar de volgende voor in de plaats komt.
cli-connecting = Verbinden met { $host }, poort { $port }…
cli-waiting-greeting = { $name }: wachten op de begroeting…
cli-waiting = { $name }: wachten op het antwoord op { $command }…
cli-poking = Bezig met { $name }…
cli-poking-several = Bezig: { $done } van { $count } klaar…

# Wat een opvraging opleverde.
cli-poke = { $name }: { $outcome } ({ $how })
cli-method = methode { $method }
cli-answer = Het antwoord van de provider: { $answer }
cli-seen = De provider zag ons verbinden vanaf { $address }.

cli-run-hosts = Dequeue draait. Ctrl-C beëindigt het.
cli-run-attached = Dequeue draait al; wat het doet is hier te zien. Als het stopt, neemt dit proces het over. Ctrl-C beëindigt alleen het meekijken.
cli-run-settings = Instellingen: { $path }
cli-run-accounts = { $count ->
    [one] Eén account.
   *[other] { $count } accounts.
}
cli-run-settings-right = Het instellingenbestand is weer goed.
cli-run-history-right = De geschiedenis kan weer worden geschreven; wat in het geheugen wachtte staat er nu in.
cli-run-paused = Alles is gepauzeerd: er wordt niets volgens schema opgevraagd tot je hervat.
cli-run-resumed = De pauze is voorbij.
cli-run-poked = { $time }  { $account }: { $outcome }. { $explanation }
cli-run-notice = { $time }  { $notice }
cli-run-takes-over = Het andere proces is gestopt; dit neemt het over.
cli-run-ended = Dequeue is gestopt.

cli-status-last = Laatste opvraging: { $time }, { $outcome }. { $explanation }
cli-status-worked = Laatst gelukt: { $time }
cli-status-never-worked = Nog nooit gelukt
cli-status-next = Volgende opvraging: { $time }
cli-status-nobody = Er wordt nu geen mail opgevraagd: Dequeue draait niet. Start Dequeue, of gebruik “dequeue run”.

cli-notices-none = Geen meldingen.
cli-paused = Gepauzeerd: { $accounts }.
cli-paused-all = Alles is gepauzeerd.
cli-resumed = Hervat: { $accounts }.
cli-resumed-all = Alles loopt weer.
cli-pause-wrong = “{ $value }” is geen tijdsduur. Schrijf bijvoorbeeld 30m, 1h of 2d.
cli-history-none = Geen opvragingen.

cli-account-line = { $name }: { $host }, poort { $port }, methode { $method }, elke { $every }
cli-account-line-domains = { $name }: { $host }, poort { $port }, methode { $method }, elke { $every }, voor { $domains }
cli-account-added = “{ $name }” is toegevoegd.
cli-account-saved = “{ $name }” is opgeslagen.
cli-account-removed = “{ $name }” is verwijderd. Zijn geschiedenis blijft.

cli-settings-right = { $count ->
    [one] Eén account, geen fouten.
   *[other] { $count } accounts, geen fouten.
}
cli-settings-needed = Er wordt geen mail opgevraagd tot de fout is verbeterd.
cli-settings-none = Er is nog geen instellingenbestand; het hoort in { $path }.
cli-export-done = De instellingen zijn geschreven naar { $path }. Geheimen staan er niet in; stel die op de andere machine opnieuw in.
cli-export-failed = De instellingen kunnen niet worden geschreven naar { $path } ({ $error }). Kies een bestand dat nog niet bestaat, in een map waarin je mag schrijven.
cli-import-unreadable = { $path } kan niet worden gelezen ({ $error }). Controleer de naam en de rechten.
cli-import-taken = Deze accounts zijn er al: { $names }. Er is niets veranderd. Geef ze een andere naam, of vervang ze met --replace.
cli-import-too-large = { $path } is groter dan 16 MB. Geef alleen het bestand met instellingen.
cli-import-commands-ask = Importeren en dat toestaan? [j/N]
cli-import-commands-yes = j
cli-import-commands-refused = Er is niets geïmporteerd. Vertrouw je deze opdrachten, importeer het bestand dan met --allow-commands.
cli-imported = { $count ->
    [one] Eén account is geïmporteerd: { $names }.
   *[other] { $count } accounts zijn geïmporteerd: { $names }.
}
cli-imported-none = Het bestand bevat geen account. De andere instellingen zijn geïmporteerd.

## Adressen waar een sleutel in kan staan, en exporteren (opdrachtregel)

cli-withheld = “{ $key }”
cli-withheld-of-account = “{ $key }” van “{ $account }”
cli-export-left-out = Weggelaten, omdat er een sleutel in kan staan: { $what }. Waar het bij het importeren al is ingesteld, blijft dat zo; stel het anders in met “{ $command }”.
cli-import-left-out = Bij het exporteren is { $what } weggelaten, omdat er een sleutel in kan staan. Stel het in met “{ $command }”.
cli-import-left-out-kept = Bij het exporteren is { $what } weggelaten; wat hier is ingesteld blijft staan.
cli-check-key-in-address = In het adres van { $what } kan een sleutel staan, dus bij het exporteren wordt het weggelaten. Wil je de sleutel niet in de instellingen hebben, schrijf dan { $place } op die plaats en sla de sleutel op met “dequeue secret set { $secret }”.
cli-check-key-in-command = In het webadres in { $what } kan een sleutel staan, dus bij het exporteren wordt het weggelaten. Wie de processen van deze machine kan zien, ziet het ook: laat het programma het uit een bestand lezen.

cli-demo-what = De demo: een mailprovider en je mailserver, allebei binnen dit programma. Verder wordt er niets aangeraakt, en er wordt niets bewaard.
cli-demo-provider = Provider    { $provider }, houdt { $held } berichten vast voor { $domain }
cli-demo-mail-server = Mailserver  voor { $domain }, heeft nog niets ontvangen
cli-demo-poking = Dequeue vraagt de provider om de mail:
cli-demo-outcome = { $outcome }. { $explanation }
cli-demo-arriving = De mail komt binnen op je mailserver:
cli-demo-arrived = { $number }  { $subject } ({ $octets } octetten)
cli-demo-proof = Het bewijs: { $held } berichten werden vastgehouden, { $arrived } zijn aangekomen.
cli-demo-again = Nog eens gevraagd: { $explanation }
cli-demo-lost = de berichten kwamen niet aan
cli-demo-next = Nu met echte mail, met de host van je provider en je eigen domein:

## The doctor on the command line

cli-about-doctor = Test alles tussen provider en mailserver, en zegt wat je moet doen
cli-usage-doctor =
    dequeue doctor [ACCOUNT] [--report FILE]
    dequeue doctor --host HOST [-p PORT] [-m METHOD] [-d DOMAIN]...
cli-option-report = Waar een rapport voor de helpdesk van de provider wordt geschreven; er staan geen geheimen in
cli-doctor-tests = { $name } wordt getest…
cli-doctor-report = Het rapport voor de helpdesk staat in { $path }.
cli-doctor-report-failed = Het rapport kan niet naar { $path } worden geschreven ({ $error }). Kies een ander bestand.
## Command line: status in full, checks, days, settings and trials

cli-about-settings-show = Toont alle instellingen die bij geen account horen
cli-usage-settings-show = dequeue settings show
cli-about-settings-set = Wijzigt instellingen die bij geen account horen, zoals keep_for=30d
cli-usage-settings-set = dequeue settings set KEY=VALUE...
cli-about-settings-try-notices = Stuurt een testmelding langs elke weg die is ingesteld: programma, webhook, e-mail
cli-usage-settings-try-notices = dequeue settings try-notices
cli-option-check = Voor een bewakingssysteem: een regel met OK, WARNING, CRITICAL of UNKNOWN en cijfers; afsluitcode 0, 1, 2 of 3
cli-option-days = Toon wat elke dag opleverde; standaard de laatste 30 dagen

cli-status-alarm = { $title }. { $body }
cli-status-arrived = Aankomsten: { $words }
cli-status-hours = Werktijden: { $hours }, elke { $every }; daarbuiten elke { $outside }
cli-status-hours-only = Werktijden: { $hours }, elke { $every }; daarbuiten niet
cli-status-held = Volgende opvraging: zodra je mailserver weer antwoordt
cli-status-held-until = Volgende opvraging: zodra je mailserver weer antwoordt, anders om { $time }
cli-check-ok = { $count ->
    [one] { $proved ->
            [0] Eén account is opgevraagd; of er mail doorkomt, is niet bevestigd.
           *[other] Eén account is opgevraagd, en er komt mail door.
        }
   *[other] { $count } accounts zijn opgevraagd; bij { $proved } is bevestigd dat er mail doorkomt.
}
cli-check-ok-paused = { $count ->
    [0] Alle accounts zijn gepauzeerd.
    [one] { $proved ->
            [0] Eén account is opgevraagd; of er mail doorkomt, is niet bevestigd; gepauzeerd: { $paused }.
           *[other] Eén account is opgevraagd, en er komt mail door; gepauzeerd: { $paused }.
        }
   *[other] { $count } accounts zijn opgevraagd; bij { $proved } is bevestigd dat er mail doorkomt; gepauzeerd: { $paused }.
}
cli-check-more = { $message } (en nog { $count })
cli-days-day = Dag
cli-days-pokes = Opvragingen
cli-days-connections = Verbindingen
cli-days-messages = Berichten
cli-days-size = Omvang
cli-days-average = Gemiddeld
cli-days-longest = Langste
cli-days-outcomes = Uitkomsten
cli-settings-saved = De instellingen zijn opgeslagen.
cli-trials-none = Meldingen gaan alleen naar het bureaublad: er is geen programma, webhook of e-mail ingesteld. Zie “dequeue settings show”.

## Command line: logins, certificates and what a poke found out

cli-about-secret = Slaat het wachtwoord van een account op, of verwijdert het
cli-usage-secret = dequeue secret COMMAND
cli-about-secret-set = Slaat het wachtwoord van een account op, of een van notice_mail_secret, notice_webhook_secret en heartbeat_secret: onzichtbaar getypt, of de eerste regel van de standaardinvoer
cli-usage-secret-set =
    dequeue secret set ACCOUNT
    dequeue secret set ACCOUNT < FILE
cli-about-secret-clear = Verwijdert het wachtwoord van een account, of een van notice_mail_secret, notice_webhook_secret en heartbeat_secret
cli-usage-secret-clear = dequeue secret clear ACCOUNT
cli-about-man = Toont de handleiding, zoals in: dequeue man | man -l -
cli-usage-man = dequeue man
cli-about-completions = Toont een script waarmee je shell de opdrachtregel aanvult
cli-usage-completions = dequeue completions SHELL

cli-option-shell = De shell: bash, elvish, fish, powershell of zsh

# Wachtwoorden. $path is de map van de gegevens van Dequeue.
cli-no-secret-here = Een wachtwoord hoort nooit op een opdrachtregel, waar elke gebruiker van deze machine het kan lezen. Geef --secret env:NAME, file:PATH of command:PROGRAM; voor een account vraagt “dequeue secret set NAME” erom.
cli-secret-prompt = Wachtwoord van “{ $name }” (onzichtbaar):
cli-secret-prompt-host = Wachtwoord van { $user } bij { $host } (onzichtbaar):
cli-secret-empty = Het wachtwoord is leeg. Er is niets veranderd of verstuurd.
cli-secret-no-terminal = Er is een wachtwoord nodig, en er is geen terminal om erom te vragen. Zeg waar het vandaan komt: --secret env:NAME, file:PATH of command:PROGRAM.
cli-secret-not-by-host = Alleen van accounts wordt het wachtwoord opgeslagen. Geef bij een opvraging via de host --secret env:NAME, file:PATH of command:PROGRAM, of laat het weg; dan wordt erom gevraagd.
cli-secret-unreadable = Het wachtwoord kon niet worden gelezen ({ $error }).
cli-secret-in-keyring = Het wachtwoord van “{ $name }” is opgeslagen in de sleutelbos van dit systeem.
cli-secret-in-file = Het wachtwoord van “{ $name }” is opgeslagen in een bestand dat alleen jij kunt lezen, in { $path }.
cli-secret-no-user = Er is nog geen gebruikersnaam ingesteld, dus het wordt niet gebruikt. Stel die in: dequeue account set NAME user=USER
cli-secret-cleared = Het wachtwoord van “{ $name }” is verwijderd.
cli-account-secret = Het wachtwoord staat niet in de instellingen. Sla het op met: dequeue secret set { $name }

# Wat bij een opvraging bleek.
cli-choice = Methode { $method }. { $why }
cli-tls-verified = Versleuteld met { $version }, { $cipher }. Het certificaat is geldig voor { $peer }.
cli-tls-pinned = Versleuteld met { $version }, { $cipher }. Het certificaat van { $peer } is het certificaat dat je vertrouwt.
cli-tls-unverified = Versleuteld met { $version }, { $cipher }. Niemand staat in voor het certificaat van { $peer }; “opportunistic” vereist dat niet.
cli-tls-failed = Niet versleuteld: de provider biedt dat aan, maar het kwam niet tot stand. { $why }
cli-certificate = De vingerafdruk van het certificaat (SHA-256): { $fingerprint }
cli-delivered = Er kwamen { $octets } bytes over de verbinding.
cli-run-completed = { $time }  { $account }: { $busy }
cli-logging-in = { $name }: inloggen…
cli-turned = { $name }: de provider praat met je mailserver…
cli-pin-seen = Het getoonde certificaat heeft deze vingerafdruk (SHA-256):
cli-pin-account = Vergelijk die telefonisch met de vingerafdruk van de provider. Zijn ze gelijk, vertrouw het certificaat dan voortaan met:
cli-pin-host = Vergelijk die telefonisch met de vingerafdruk van de provider. Zijn ze gelijk, vertrouw het certificaat dan door aan de opdracht toe te voegen:

## The manual page

man-heading-name = Naam
man-heading-synopsis = Gebruik
man-heading-description = Beschrijving
man-heading-options = Opties
man-heading-commands = Opdrachten
man-heading-providers = Providers
man-heading-settings = Instellingen
man-heading-exit-status = Afsluitcode
man-heading-files = Bestanden
man-heading-environment = Omgeving
man-description = Een mailprovider kan de mail van een bedrijf vasthouden tot de mailserver van het bedrijf erom vraagt: batched SMTP, ETRN, ODMR, een backup-MX. Dequeue vraagt er op tijd om en zegt in gewone woorden of het is gelukt. Met een host vraagt het één keer, zoals de oude dequeue.exe deed; “dequeue run” en het pictogram bij de klok vragen op tijd voor elk account in de instellingen. De opties --json, -v en -q werken bij elke opdracht.
man-as-poke = De opties van “dequeue poke --host” gelden hier ook.
man-providers = Wat een account nodig heeft naast zijn naam en zijn host, voor elk soort provider. Op de opdrachtregel is elke instelling een optie met dezelfde naam, met koppeltekens: --mail-server voor mail_server, en -d voor elk domein.
man-settings = De sleutels van een account in het instellingenbestand, die ook bij “dequeue account set” gelden. Alleen name en host zijn nodig.
man-settings-general = Deze staan boven de accounts en horen bij geen ervan.
man-status-0 = Het is gelukt: de aflevering is begonnen, het signaal is gegeven, er kwam mail, of er wachtte niets.
man-status-64 = De opdrachtregel, of een waarde erop, is niet bruikbaar. Er is niets verstuurd.
man-status-69 = De provider is niet te bereiken. Of de service van deze machine is er niet, of draait niet.
man-status-70 = Op deze machine ging iets mis, zoals een wachtwoord dat niet beschikbaar is.
man-status-75 = Probeer het later opnieuw, of er kwam geen antwoord en het kan zijn gelukt. Of je mailserver is er niet klaar voor.
man-status-76 = Wat antwoordde spreekt het protocol niet, of kent de opdracht niet.
man-status-77 = De provider weigerde, of zijn certificaat is niet geldig. Of alleen een beheerder kan dat.
man-status-78 = Het instellingenbestand bevat een fout, of kan niet worden geschreven. Of, bij de doctor, een domein neemt geen mail aan.
man-files = “dequeue settings path” toont waar de instellingen staan. De rest staat in de gegevensmap van deze gebruiker, of naast de instellingen als DEQUEUE_HOME is gezet. Van de service staan de instellingen in /etc/dequeue en de rest in /var/lib/dequeue, of alles in C:\ProgramData\Dequeue.
man-file-settings = De accounts. Er staat geen wachtwoord in.
man-file-history = Elke opvraging met het gesprek, zo lang als de instellingen zeggen.
man-file-secrets = Wachtwoorden, waar geen sleutelbos is; elk in een bestand dat alleen de eigenaar kan lezen.
man-variable-dequeue-home = Een eigen map voor de instellingen en al het andere.
man-variable-dequeue-log = Wat er wordt gelogd, wat de instellingen ook zeggen, zoals debug of dequeue_engine=trace; elke opdracht logt dan naar de standaardfoutuitvoer. Wachtwoorden komen er nooit in.
man-variable-dequeue-public-dns = De openbare DNS-servers die de doctor vraagt, met komma's ertussen, of none; standaard 9.9.9.9, 1.1.1.1 en 8.8.8.8.
man-variable-dequeue-time-server = De tijdserver die de doctor vraagt, met of zonder poort, of none; standaard pool.ntp.org.

# Waaraan een gebruiker de provider herkent.
guide-unknown = Je weet het niet: ETRN waar het wordt aangeboden of beantwoord, anders alleen verbinden; de uitkomst zegt welke, en waarom
guide-signal = Zegt “maak verbinding” of “telnet naar poort 25 en quit”: qmail met AutoTURN, zoals Vevida het had
guide-etrn = Kent ETRN: Postfix, IndiMail, MDaemon, hMailServer, Exchange
guide-exim = Kent ETRN en antwoordt 501 op een gewoon domein: Exim, dat er “#” voor wil
guide-sendmail = Kent ETRN en houdt mail vast voor alles onder een domein: Sendmail, dat er “@” voor wil
guide-normal = Weigert ETRN en levert toch af, omdat verbinden het signaal is
guide-tls = Een backup-MX die ETRN alleen over TLS aanneemt (op poort 465: “implicit”)
guide-self-signed = Heeft een certificaat dat hij zelf heeft ondertekend: laat de pin eerst weg; de opvraging toont de vingerafdruk om te vergelijken, en de opdracht om het certificaat te vertrouwen
guide-own-authority = Heeft een certificaat van een eigen instantie
guide-odmr = Biedt ODMR (ATRN, poort 366, meestal CRAM-MD5): de mail komt over dezelfde verbinding en gaat naar je mailserver; daarna “dequeue secret set NAME”
guide-turn = Exchange met TURN, na een login; daarna “dequeue secret set NAME”
guide-login = Wil een login vóór ETRN; daarna “dequeue secret set NAME”
guide-token = Wil een OAuth-token, dat een opdracht afdrukt
guide-certificate = Herkent je aan je certificaat
guide-qsnd = Draait Post.Office, of noemt QSND
guide-finger = Begint bij een finger-verzoek (poort 79)
guide-hello = Begint bij een verbinding met zijn “hello”-poort (serialmail, poort 1789)

## What each setting is: in the help, the manual and docs/settings.md; in words, what an empty default means
cli-option-name = De naam van het account, die geen ander account heeft
cli-option-host = De naam of het adres van de provider
cli-option-port = De poort van de provider
cli-option-other_hosts = Nog een host van de provider, met zijn poort als die anders is; aan de beurt als de vorige onbereikbaar zijn; één keer voor elk
cli-option-method = Manier van vragen: auto, signal, etrn, atrn, turn, qsnd, finger of hello
cli-option-domains = Waarvoor de provider mail vasthoudt, zoals example.org, @example.org (met alles eronder) of #wachtrij; één keer voor elk
cli-option-every = De tijd tussen opvragingen, zoals 15m of 1h
cli-option-hours = Werktijden, waartoe het interval zich beperkt, zoals "mon-fri 07:00-19:00"; ook over middernacht
cli-option-outside = De tijd tussen opvragingen buiten werktijd, of never (niet)
cli-option-time_zone = Wiens klok met werktijden en cron-uitdrukking wordt bedoeld, zoals Europe/Amsterdam; system voor die van deze machine
cli-option-cron = Minuut, uur, dag van de maand, maand, dag van de week, zoals "*/15 7-19 * * 1-5", in plaats van interval en werktijden
cli-option-jitter = Hoever opvragingen worden gespreid, zodat ze niet allemaal in dezelfde seconde komen: een tijd, of auto (een tiende van het interval, hoogstens een minuut)
cli-option-notify = Welke meldingen: never, problems of everything
cli-option-notify_after = Na hoeveel mislukkingen op rij een melding komt
cli-option-silence_alarm = Een melding als er zo lang niets is aangekomen, zoals 2d
cli-option-heartbeat = Een webadres dat na elke gelukte opvraging wordt aangeroepen, voor een dienst die alarm slaat als dat uitblijft
cli-option-heartbeat_on_failure = Wat een mislukte opvraging met de hartslag doet: nothing (niets), of fail (de dienst hoort het: door /fail achter het adres, bij Uptime Kuma door status=down)
cli-option-heartbeat_failure = Een webadres dat na elke mislukte opvraging wordt aangeroepen, in plaats van wat heartbeat_on_failure zegt
cli-option-tls = Versleuteling: none (geen), opportunistic (als die wordt aangeboden), required (met een geldig certificaat) of implicit (vanaf de eerste byte)
cli-option-ca_file = De enige instanties om te vertrouwen, een PEM-bestand
cli-option-pin = Het enige certificaat om te vertrouwen, met zijn SHA-256-vingerafdruk
cli-option-client_cert = Ons eigen certificaat, een PEM-bestand
cli-option-client_key = De sleutel ervan, een PEM-bestand
cli-option-user = De gebruikersnaam om mee in te loggen
cli-option-auth = Manier van inloggen: auto, token, external, of één mechanisme, zoals cram-md5
cli-option-secret = Waar het wachtwoord vandaan komt: stored (bewaard met “dequeue secret set”; een opvraging per host vraagt erom), keyring, file, file:PATH, env:NAME of command:PROGRAM
cli-option-login_in_clear = Stuur het wachtwoord ook over een onversleutelde verbinding, waar iedereen onderweg het kan lezen
cli-option-mail_server = Je mailserver, waar de mail moet aankomen, zoals mail.example.org:25
cli-option-mail_server_first = Of elke opvraging wacht tot je mailserver antwoordt, als die is ingesteld: true (ja) of false (nee)
cli-option-mail_server_test = Of je mailserver ook wordt gevraagd mail voor de domeinen aan te nemen en voor andere te weigeren: true (ja) of false (nee)
cli-option-watch = Hoelang na een opvraging op aankomsten wordt gelet, zoals 5m; 0s voor helemaal niet
cli-option-finger = Wat een finger-verzoek vraagt
cli-option-ehlo = Hoe we onszelf noemen
cli-option-bind = Het adres van deze machine waar de verbinding vandaan komt
cli-option-ip = Welke adressen van de provider worden gebruikt: auto (IPv4 vóór IPv6), 4 of 6
cli-option-normal_codes = Een weigering die daar normaal is, zoals 502, omdat verbinden het signaal is
cli-option-connect_timeout = Hoelang het verbinden mag duren
cli-option-greeting_timeout = Hoelang de begroeting mag duren
cli-option-command_timeout = Hoelang een antwoord mag duren
cli-option-turn_timeout = Hoelang het mag duren voor de provider mail stuurt (atrn, turn), zoals 10m
cli-option-language = De taal van het programma: system (die van het systeem), en of nl
cli-option-keep_for = Hoelang opvragingen in de geschiedenis blijven
cli-option-keep_at_most = Hoeveel MB aan opvragingen de geschiedenis bewaart
cli-option-notice_quiet = De uren waarin geen meldingen worden gegeven, zoals "22:00-07:00"
cli-option-notice_snooze = Hoelang na een melding van problemen de herinnering komt, zolang ze duren
cli-option-notice_command = Een programma dat bij elke melding wordt gestart, met zijn argumenten
cli-option-notice_webhook = Een webadres waar elke melding naartoe wordt gestuurd
cli-option-notice_webhook_secret = Waar het geheim vandaan komt dat bij { $place } in het adres van de webhook komt, of het token dat die wil
cli-option-notice_webhook_body = Wat naar de webhook wordt gestuurd: de vorm van een dienst bij haar naam, json (alles wat bekend is), text (tekst), of een eigen JSON-sjabloon met daarin title, body, kind, account en machine, elk tussen accolades
cli-option-notice_mail_host = Een mailserver waarlangs elke melding wordt verstuurd
cli-option-notice_mail_port = De poort ervan
cli-option-notice_mail_tls = Hoe de lijn ernaartoe wordt beveiligd: implicit (TLS vanaf de eerste byte), required (STARTTLS) of none (niet)
cli-option-notice_mail_user = Wie daar inlogt
cli-option-notice_mail_secret = Waar het wachtwoord ervoor vandaan komt
cli-option-notice_mail_from = De afzender van meldingen; nodig bij een mailserver ervoor
cli-option-notice_mail_to = De ontvangers van meldingen; nodig bij een mailserver ervoor
cli-option-notice_summary = Hoe vaak er een overzicht per e-mail gaat: never (nooit) of weekly (maandag om 8:00 uur: wat de week opleverde en hoe de accounts ervoor staan); daarvoor is een mailserver voor meldingen nodig
cli-option-heartbeat_secret = Waar het geheim vandaan komt dat bij { $place } in de adressen van de hartslagen komt
cli-option-default = { $about }; standaard { $default }
default-port = de gewone van de methode (25; 465 met TLS vanaf de eerste byte; 366 voor atrn, 79 voor finger, 1789 voor hello)
default-hours = altijd
default-ca_file = die van deze machine
default-client_key = in het bestand van het certificaat
default-user = niemand
default-mail_server = 127.0.0.1:25, maar nodig voor atrn en turn
default-mail_server_test = voor atrn en turn, of hij mail voor andere weigert
default-finger = elk domein
default-ehlo = de volledige naam of het adres van de machine
default-bind = de keuze van het systeem
default-notice_mail_port = 465 met TLS vanaf de eerste byte, anders 587
default-notice_webhook_body = wat de dienst op het adres aanneemt, als die aan de host te herkennen is; anders json
default-notice_mail_user = niemand

## De service (overal)

error-service-silent = De Dequeue-service van deze machine antwoordt niet. Start hem als beheerder: “{ $command }”.

cli-about-service = Installeert, start en stopt de service van deze machine, die vanaf het opstarten opvraagt, wie er ook is aangemeld
cli-usage-service = dequeue service COMMAND
cli-about-service-install = Installeert de service, die met de machine start; meteen starten gaat met “dequeue service start”
cli-usage-service-install = dequeue service install [--settings FILE]
cli-about-service-uninstall = Stopt en verwijdert de service; instellingen en geschiedenis blijven
cli-usage-service-uninstall = dequeue service uninstall [--purge]
cli-about-service-start = Start de service en wacht tot hij draait
cli-usage-service-start = dequeue service start
cli-about-service-stop = Stopt de service en wacht tot hij is gestopt
cli-usage-service-stop = dequeue service stop
cli-about-service-restart = Stopt de service en start hem opnieuw
cli-usage-service-restart = dequeue service restart
cli-about-service-status = Toont of de service is geïnstalleerd, draait en antwoordt; exitstatus 0 als hij antwoordt, anders 69
cli-usage-service-status = dequeue service status
cli-option-service = Draai als de service van deze machine; voor de servicemanager, of in een container
cli-option-settings = Een instellingenbestand dat de service overneemt, in plaats van de instellingen die er zijn
cli-option-purge = Verwijder ook de instellingen, de wachtwoorden en de geschiedenis

service-description = Vraagt mailproviders om vastgehouden mail
service-install = De Dequeue-service is geïnstalleerd en start met de machine. Start hem nu met “{ $command }”.
service-install-already = De Dequeue-service is al geïnstalleerd; er is niets veranderd.
service-uninstall = De Dequeue-service is verwijderd. Instellingen en geschiedenis zijn bewaard; “dequeue service uninstall --purge” verwijdert die ook.
service-uninstall-already = De Dequeue-service is niet geïnstalleerd; er valt niets te verwijderen.
service-uninstall-purged = De Dequeue-service is verwijderd, met instellingen, wachtwoorden en geschiedenis.
service-uninstall-purged-already = De Dequeue-service is niet geïnstalleerd en heeft niets achtergelaten.
service-start = De Dequeue-service draait.
service-start-already = De Dequeue-service draait al.
service-stop = De Dequeue-service is gestopt.
service-stop-already = De Dequeue-service draait niet; er valt niets te stoppen.
service-restart = De Dequeue-service is opnieuw gestart.
service-restart-already = De Dequeue-service is opnieuw gestart.
service-runs = De Dequeue-service draait en antwoordt.
service-runs-silent = De Dequeue-service draait maar antwoordt niet. Blijft dat zo, start hem dan als beheerder opnieuw met “dequeue service restart”.
service-does-not-run = De Dequeue-service is geïnstalleerd en start met de machine, maar draait nu niet. Start hem als beheerder met “{ $command }”.
service-is-off = De Dequeue-service is geïnstalleerd, maar draait niet en start ook niet met de machine. Installeer hem als beheerder opnieuw met “dequeue service install”.
service-not-installed = De Dequeue-service is niet geïnstalleerd. Installeer hem als beheerder met “dequeue service install”.
service-answers-unmanaged = De Dequeue-service antwoordt, maar is niet gestart door de servicemanager van deze machine.
service-needs-administrator = Alleen root kan dat. Typ: { $command }
service-needs-administrator-windows = Alleen een beheerder kan dat. Klik in het startmenu met rechts op “Opdrachtprompt” of “Terminal”, kies “Als administrator uitvoeren” en typ: { $command }
service-start-not-installed = De Dequeue-service is niet geïnstalleerd. Installeer hem eerst met “dequeue service install”.
service-no-manager = Deze machine heeft geen systemd. Het account “dequeue” en zijn mappen zijn gemaakt. Gebruik in een container “dequeue run --service”, of “dequeue run” met DEQUEUE_HOME op een map die blijft. Bewaar met OpenRC het volgende als /etc/init.d/dequeue:
service-manager-not-running = systemd draait hier niet, zoals in een container. De service start dan met “dequeue run --service”.
service-program-of-user = { $program } staat in de map van een gebruiker, en die is voor de service gesloten. Zet het programma in /usr/local/bin en installeer de service vandaar.
service-no-folder = { $path } is geen map maar een link, een junction of een bestand. Dequeue volgt die niet. Ga na wie dat gemaakt heeft, verwijder het en probeer het opnieuw.
service-folder-of-another = { $path } is door een andere gebruiker gemaakt, die zo zou kunnen veranderen wat de service doet. Ga na wie dat gemaakt heeft, verwijder het en probeer het opnieuw.
service-folder-open = Anderen kunnen schrijven in { $path } en zo veranderen wat de service doet. Sluit de map voor hen af, of verwijder hem, en probeer het opnieuw.
service-not-up = De Dequeue-service kwam niet op gang ({ $said }). “journalctl -u dequeue” zegt waarom.
service-not-up-windows = De Dequeue-service kwam niet op gang ({ $said }). Logboeken zegt waarom, onder Windows-logboeken, Toepassing.
service-manager-said = De servicemanager van deze machine weigerde: { $said }
service-settings-file = { $path } is niet te lezen ({ $error }). Geef met --settings het pad van een instellingenbestand.
service-file = { $path } is niet bruikbaar ({ $error }).
service-no-program = Dequeue weet niet waar zijn eigen programma staat ({ $error }).
