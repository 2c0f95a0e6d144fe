# Every sentence that a person reads. The same keys stand in nl.ftl; a test compares them.

## The words of the field: outcomes and reasons (engine)

outcome-started = Delivery started
outcome-nothing-waiting = Nothing waiting
outcome-signalled = Signalled
outcome-delivered = Delivered
outcome-refused = Refused
outcome-unreachable = Unreachable
outcome-unknown = Unknown
outcome-held = Held back
outcome-failed = Failed

health-proved = Works: mail gets through
health-asked = Asked; not confirmed
health-needs-you = Needs something from you
# $health is one of health-*.
health-and-poking = { $health } (poking now)
health-trouble = Trouble
health-paused = Paused
health-not-set-up = Not set up yet
health-waiting = Waiting for the first poke

# One or two sentences on what came of a poke, and what to do. $domain, $host, $pending, $code.
reason-queuing-started = The provider has started to deliver. It does not say whether mail was waiting.
reason-pending-started = { $pending ->
    [0] The provider has started to deliver the waiting mail.
    [one] The provider has started to deliver one message.
   *[other] The provider has started to deliver { $pending } messages.
}
reason-already-running = The provider was already delivering. Nothing more is needed.
reason-no-messages = The provider has no mail waiting.
reason-quit-signals = Connecting was enough: this provider starts to deliver as soon as we hang up. It does not say whether mail was waiting.
reason-quit-unsure = Connected and hung up: the provider offers no command to ask with. Whether connecting is enough for it to start delivering, nobody can tell until mail has arrived.
reason-domains-needed = The provider starts delivery by domain (ETRN), and no domain is set, so nothing was requested. Add your domains: “Domains” in the window, “--domain example.org” on the command line.
reason-login-needed = The provider hands over mail after a login (ATRN), and none is set, so nothing was requested. Enter the login: “User name” and password in the window, “--user NAME” on the command line.
reason-normal-here = The provider answered { $code }, which is normal there: connecting was enough.
reason-masked-by-firewall = An old firewall masks the conversation with { $host }, so the good answer proves nothing. Turn off its SMTP inspection (“fixup protocol smtp”) to find out more.
reason-try-later = The provider refused for now and asks us to try again later. The next poke will.
reason-service-closing = The provider is shutting down or too busy. The next poke tries again.
reason-password-transition = The provider accepts this login mechanism only after it has stored the password anew. Set “auth” to “plain” and TLS to “required” for one poke, or ask the provider for a new password.
reason-cannot-queue = The provider did not start its queue: it is busy, or does not do this for you. The next poke tries again; if it keeps happening, ask the provider.
reason-not-allowed = The provider does not deliver this domain on request. Ask the provider whether it holds mail for it; if its queue starts on any connection, choose the method “signal” or add { $code } to the normal answers.
reason-syntax = The provider does not accept the domain as it is written. Ask it what to send; some want # or @ in front of the domain.
reason-not-implemented = The provider does not know the command. If its queue starts on any connection, choose the method “signal” or add { $code } to the normal answers.
reason-bad-sequence = The provider did not accept the command at this point. Show the dialogue to the provider's help desk.
reason-finger-signals = The finger request was the signal: this provider starts to deliver when it gets one. It does not say whether mail was waiting.
reason-hello-signals = The connection was the signal: this provider starts to deliver when it sees one. It does not say whether mail was waiting.
reason-messages-delivered = { $messages ->
    [one] One message came over the connection, and your mail server accepted it.
   *[other] { $messages } messages came over the connection, and your mail server accepted them all.
}
reason-messages-delivered-in-part = { $messages ->
    [one] One message came over the connection, and your mail server accepted it, but not for every recipient.
   *[other] { $messages } messages came over the connection, and your mail server accepted them, but not all of them for every recipient.
}
reason-foreign-recipients = All mail that came over the connection was for recipients outside this account's domains, so none of it was passed on.
recipients-refused = { $count ->
    [one] It refused one recipient; look in its log for the reason.
   *[other] It refused { $count } recipients; look in its log for the reason.
}
recipients-foreign = { $count ->
    [one] One recipient was refused because it is not at a domain of this account. If that domain is yours, add it to the account's domains.
   *[other] { $count } recipients were refused because they are not at a domain of this account. If those domains are yours, add them to the account's domains.
}
reason-delivered-uncounted = Mail came over the connection. How many messages is unknown, since the provider and your mail server encrypted the connection between them.
reason-mail-server-refused = { $refused ->
    [one] Your mail server refused a message that the provider delivered. Look in its log for the reason; if it was refused for good, the message goes back to its sender.
   *[other] Your mail server refused { $refused } messages that the provider delivered. Look in its log for the reason; those refused for good go back to their senders.
}
reason-delivery-broken = The connection broke while mail was being delivered. What your mail server had not accepted yet is still at the provider; the next poke fetches it.
reason-turn-abandoned = The provider agreed to hand over the mail on this connection, but ended it without delivering anything and without a goodbye. Mail may still be waiting there; the next poke asks again.
reason-did-not-turn = The provider agreed to hand over the mail on this connection, but went on as a server instead of delivering, so the connection was ended. Ask the provider whether it really offers this method.
reason-mail-server-unset = No mail server is set to which the mail could be delivered, so nothing was asked for. Set “mail_server” for this account.
reason-mail-server-down = Your mail server does not answer, so nothing was asked for. Start it, and check its address in the settings.
reason-mail-server-not-ready = Your mail server answered, but accepts no mail now, so nothing was asked for. Look in its log.
reason-held-because = { $why } Nothing has been asked for yet; Dequeue will ask as soon as your server is ready.
reason-held-once = { $why } Nothing has been asked for.
reason-tls-required = The provider wants an encrypted connection first. Set TLS to “required” for this account.
reason-tls-not-offered = The provider does not offer encryption, which this account requires, so nothing was asked for. Ask the provider; something between you and it may also be removing the offer.
reason-tls-failed = The encrypted connection could not be set up, so nothing was asked for. Check the port and the TLS setting; the provider may only support versions that are no longer safe.
reason-injected = Something was injected before the encryption began, so the conversation was ended and nothing was asked for. If it happens again, someone between you and the provider is tampering with the connection.
reason-certificate-unknown = No authority that this machine trusts vouches for the certificate of { $host }, so nothing was asked for. Ask the provider whether the certificate is theirs: then you can pin it, or set their CA file.
reason-certificate-expired = The certificate of { $host } has expired, so nothing was asked for. Ask the provider to renew it, and check this machine's clock.
reason-certificate-not-yet-valid = The certificate of { $host } is not valid yet, so nothing was asked for. Check this machine's clock.
reason-certificate-wrong-name = The certificate is not for { $host }, so nothing was asked for. Check the host; the provider may be known by another name.
reason-certificate-revoked = The certificate of { $host } has been revoked, so nothing was asked for. Tell the provider.
reason-certificate-changed = The certificate of { $host } is not the one that you pinned, so nothing was asked for. Ask the provider whether it has a new one before you pin that.
reason-certificate-invalid = The certificate of { $host } cannot be used, so nothing was asked for. Show the dialogue to the provider's help desk.
reason-tls-local = A file for the encryption cannot be used: check the CA file, the client certificate and its key in the settings.
reason-starttls-refused = The provider offers encryption, but refused to begin it, so nothing was asked for. Ask the provider.
reason-client-certificate-required = The provider asks for a certificate of yours, and got none that it accepts, so nothing was asked for. Set “client_cert” and “client_key” to the certificate that it knows you by.
reason-login-required = The provider wants a login first. Enter the user name and password that it gave you.
reason-login-refused = The provider did not accept the login. Check the user name and password.
reason-token-refused = The provider did not accept the login token. It may have expired, or be meant for another user or service: get a new one, and check the setting “secret” and this machine's clock.
reason-login-not-offered = The provider offers no login mechanism that Dequeue knows, so nothing was asked for. Remove the user name if it needs none; many offer a login only over an encrypted connection.
reason-login-mechanism = The provider accepts none of the login mechanisms that this account can use. Check the setting “auth”, and ask the provider which mechanism it accepts.
reason-login-in-clear = The provider would accept the password only over an unencrypted connection, where anyone along the way can read it, so it was not sent. Set TLS to “required”; set “login_in_clear” only if you accept the risk.
reason-login-unverified = The connection is encrypted, but nobody vouches for the certificate at its other end: whoever is in between could read the password, so it was not sent. Pin the certificate (“pin”), or set “ca_file” to the provider's authority; set “login_in_clear” only if you accept the risk.
reason-login-confused = The provider's part of the login makes no sense, so the login was aborted. Show the dialogue to the provider's help desk.
reason-server-not-proved = What answered does not know your password, so it may not be the provider. Nothing was asked for.
reason-secret-missing = Nothing was sent, since the password is not available. { $answer }
reason-denied = The provider refused. Ask it whether your address is on its list for this domain.
reason-denied-without-login = The provider refused. It offers a login, and this account has none: enter the user name and password that it gave you, or ask it whether your address is on its list for this domain.
reason-ehlo-refused = The provider does not accept the name with which this machine introduces itself, so nothing was asked for. Set “ehlo” to a full host name, such as that of your mail server.
reason-not-asked = Not asked for: the provider refused an earlier domain in a way that ends the requests.
reason-not-smtp = What answered at { $host } is not a mail server. Check the host and the port.
reason-bad-reply = The mail server at { $host } gave an answer that does not fit the question. Show the dialogue to the provider's help desk.
reason-too-much = What answered at { $host } sent far more than a mail server does. Check the host and the port.
reason-no-answer = The provider fell silent. The poke may have worked all the same; the next one will tell.
reason-hung-up = The provider hung up without an answer. The poke may have worked all the same; the next one will tell.
reason-not-greeted = { $host } accepted the connection but did not greet, so nothing was asked for. The next poke tries again; check the host and the port.
reason-implicit-tls-expected = { $host } did not greet at port 465, where encryption begins with the first byte, so nothing was asked for. Set TLS to “implicit”.
reason-interrupted = Dequeue was ended before the provider had answered. The poke may have worked all the same; the next one follows soon after the start.
reason-interrupted-before-request = Dequeue was ended before it could ask the provider, so nothing was asked for. The next poke follows soon after the start.
reason-silent-before-request = The provider fell silent before it could be asked, so nothing was asked for. The next poke tries again.
reason-hung-up-before-request = The provider hung up before it could be asked, so nothing was asked for. The next poke tries again.
reason-no-address = The name { $host } has no address. Check its spelling, and whether your own DNS server knows it.
reason-no-ipv4-address = { $host } has no IPv4 address, and only IPv4 is allowed here. Correct “IP version” or the source address in the settings.
reason-no-ipv6-address = { $host } has no IPv6 address, and only IPv6 is allowed here. Correct “IP version” or the source address in the settings.
reason-no-interface = This machine has no network interface as named after the % in { $host }. Enter the interface by its name or number; on Windows by its number.
reason-connection-refused = { $host } refuses connections. Check the port, and whether the provider's service is up.
reason-no-route = There is no route to { $host } from here. Check the network connection.
reason-connect-timeout = { $host } did not answer. Check the host, and whether a firewall here or at your Internet provider blocks the port.
reason-local-fault = This machine could not open the connection. Check the source address in the settings and the network.
# In a notice, where nothing else is at hand.
explanation-with-answer = { $explanation } The provider said: “{ $answer }”
# After what came of the poke: a host of the account that did not do it.
explanation-tried = Before { $host }, { $tried } was tried: { $why }
# In front of the sentence, where several domains fared differently.
reason-of-domain = { $domain }: { $sentence }

# Where TLS failed: $why and $do are of those below.
reason-because = { $why } Nothing was asked for. { $do }
reason-tls-failed-because = The encrypted connection could not be set up, so nothing was asked for. { $why } { $do }
reason-tls-required-because = The provider insists on an encrypted connection, and that could not be set up. { $why } { $do }
reason-login-in-clear-because = The password was not sent, since the encryption that was to protect it could not be set up. { $why } { $do }
reason-login-not-offered-because = The provider offers no login over an unencrypted connection, and an encrypted one could not be set up. { $why } { $do }
explanation-tls-alert = { $explanation } It ended the encrypted connection with the alert “{ $alert }”.

tls-weak-key = The certificate of { $host } has an RSA key of fewer than 2048 bits, which is no longer safe.
tls-weak-key-do = Ask the provider for a certificate with a larger key; even “pin” does not help with this one.
tls-weak-signature = The certificate of { $host }, or one that vouches for it, is signed in a way that is no longer safe, such as with SHA-1.
tls-weak-signature-do = Ask the provider for a new certificate; if this one is theirs, you can pin it.
tls-certificate = The certificate of { $host } cannot be used.
tls-certificate-do = Show the dialogue to the provider's help desk.
tls-client-certificate = The provider asks for a certificate of yours, and got none that it accepts (alert “{ $alert }”).
tls-client-certificate-do = Set “client_cert” and “client_key” to the certificate that it knows you by.
tls-version = The provider only speaks versions of TLS before 1.2, which are no longer safe.
tls-version-do = Ask the provider to offer TLS 1.2 or 1.3.
tls-nothing-in-common = The provider and Dequeue have no cipher in common.
tls-nothing-in-common-alert = The provider found no cipher in common with Dequeue (alert “{ $alert }”).
tls-nothing-in-common-do = Ask the provider to offer TLS 1.3, or TLS 1.2 with ECDHE and AES-GCM.
tls-unknown-name = The provider has no certificate for the name { $host } (alert “{ $alert }”).
tls-unknown-name-do = Check the host; the provider may be known by another name.
tls-alerted = The provider sent the alert “{ $alert }”.
tls-alerted-do = Ask the provider; its log says more.
tls-not-tls = What answered at { $host } does not speak TLS.
tls-not-tls-said = What answered at { $host } does not speak TLS: it said “{ $said }”.
tls-not-tls-do = Check the port. Where encryption begins only after a greeting, as on ports 25 and 587, set TLS to “required”.
tls-broken = What the provider sent breaks the rules of TLS ({ $error }).
tls-broken-do = Show the dialogue to the provider's help desk.
tls-closed = The provider hung up.
tls-closed-do = Check the port, and ask the provider; its log says more.
tls-timed-out = The provider did not answer in time.
tls-timed-out-do = Check the port and the TLS setting.
tls-file-missing = The file { $path } (setting “{ $setting }”) does not exist.
tls-file-missing-do = Correct the path.
tls-file-unreadable = The file { $path } (setting “{ $setting }”) cannot be read ({ $error }).
tls-file-unreadable-do = Check that it is a file, and that the user that Dequeue runs as may read it.
tls-file-not-pem = The file { $path } (setting “{ $setting }”) is not PEM, or is damaged.
tls-file-not-pem-do = PEM is text that begins with a line “-----BEGIN …-----”. Convert the file to it, or name another.
tls-file-no-certificate = The file { $path } (setting “{ $setting }”) contains no certificate.
tls-file-no-certificate-do = Name the file with the certificate.
tls-file-bad-certificate = The file { $path } (setting “{ $setting }”) contains a certificate that is damaged.
tls-file-bad-certificate-do = Get the file anew.
tls-file-no-key = The file { $path } (setting “{ $setting }”) contains no key.
tls-file-no-key-do = Name the file with the key of the client certificate.
tls-file-encrypted-key = The key in the file { $path } (setting “{ $setting }”) is encrypted.
tls-file-encrypted-key-do = Save it without a password, readable only for the user that Dequeue runs as.
tls-file-bad-key = The key in the file { $path } (setting “{ $setting }”) cannot be used.
tls-file-bad-key-do = Use an RSA key of at least 2048 bits, or one for ECDSA (P-256, P-384) or Ed25519.
tls-file-key-of-another = The key in the file { $path } (setting “{ $setting }”) does not belong to the client certificate.
tls-file-key-of-another-do = Name the file with the key of that certificate.
tls-no-authorities = This machine has no certificates of authorities, so no certificate can be checked.
tls-no-authorities-do = Install those of the system, or set “ca_file” or “pin”.
tls-bad-name = No certificate can be for the name { $host }.
tls-bad-name-do = Correct the host.
tls-local = This machine could not begin an encrypted connection ({ $error }).
tls-local-do = Look in the system's log.

# Why “auto” chose the method.
choice-no-domains = Chosen because no domain is set: connecting is all that is left.
choice-etrn-offered = Chosen because the provider offers ETRN.
choice-etrn-answered = Chosen because the provider answers ETRN, although it does not offer it.
choice-etrn-unknown = Chosen because the provider neither offers ETRN nor accepts it: connecting is the signal.
choice-atrn-offered = Chosen because the provider offers ATRN and this account has a login.
choice-remembered = Chosen because it worked before and the provider's greeting has not changed.

## Faults in what was typed or written (engine)

field-name = Name
field-host = Host
field-port = Port
field-method = Method
field-domains = Domains
field-every = Interval
field-notify = Notices
field-ehlo = EHLO name
field-bind = Source address
field-ip = IP version
field-normal_codes = Normal answers
field-connect_timeout = Time limit for connecting
field-greeting_timeout = Time limit for the greeting
field-command_timeout = Time limit for an answer
field-turn_timeout = Time limit for the turn
field-tls = TLS
field-ca_file = CA file
field-pin = Pinned certificate
field-client_cert = Client certificate
field-client_key = Key of the client certificate
field-user = User name
field-auth = Login mechanism
field-login_in_clear = Password in the clear
field-mail_server = Mail server
field-finger = Finger request
field-language = Language

# The field, what is wrong with $value, and (remedy-FIELD) what to do.
fault-sentence = { $field }: { $fault } { $remedy }
fault-empty = nothing is filled in.
fault-space = “{ $value }” contains a space.
fault-control = “{ $value }” contains a line break or another control character.
fault-control-in-path = “{ $value }” contains a tab, a line break or another control character. In the settings file, put a path with backslashes in single quotation marks, as in 'C:\tools\notify.exe'.
fault-character = “{ $value }” contains “{ $character }”, which is not allowed here.
fault-too-long = “{ $value }” is too long ({ $length } characters).
fault-label = “{ $value }” has a part that is empty, over 63 characters, or begins or ends with a hyphen.
fault-invalid = “{ $value }” cannot be used.
fault-tls-needed = this counts only where every connection is encrypted, and “tls” is { $value }.
fault-tls-unspoken = the method “{ $value }” has no encrypted form, so nothing would be protected.
fault-rules-out-ipv4 = this rules out “{ $value }”, which is an IPv4 address.
fault-rules-out-ipv6 = this rules out “{ $value }”, which is an IPv6 address.
fault-localhost = “{ $value }” tells the provider nothing.
fault-not-a-number = “{ $value }” is not a whole number.
fault-out-of-range = { $value } is out of range.
fault-not-a-duration = “{ $value }” is not a length of time.
fault-too-short = “{ $value }” is too short.
fault-unknown-choice = “{ $value }” is not one of the choices.
fault-taken = “{ $value }” is taken by another account.
fault-wrong-type = the value is of the wrong type.
fault-unknown-key = there is no setting named “{ $value }”.
fault-missing = is missing.
fault-mail-server-needed = the method “{ $value }” delivers the mail over Dequeue's own connection, and no mail server (“mail_server”) is set for it.
fault-domains-untested = the method “{ $value }” lets through only mail for the account's domains while the test of your mail server is off, and none is set.
fault-domains-needed = the method “{ $value }” asks for each domain by name, and none is set.
fault-not-a-web-address = this is not a web address.
fault-login-in-address = this web address contains a user name or a password, which does not belong in the settings.
fault-left-out = an export left this out, since it may contain a key.
fault-secret-in-clear = the secret would go to this address over an unencrypted connection; it goes only to https.
fault-not-a-template = { $value } is not JSON with title or body, in braces, in one of its strings.
fault-not-a-mail-address = “{ $value }” is not an e-mail address.
fault-mail-needed = it goes by e-mail, and no mail server for notices is set.
fault-open-quote = “{ $value }” has a quotation mark that is not closed.
fault-open-line = the password of { $value } would go over an unencrypted connection.

remedy-name = Give the account a short name of its own, such as the provider's.
remedy-host = Enter only the provider's name or address, as in bsmtp.example.org.
remedy-port = Enter a number from 1 to 65535; 25 is usual.
remedy-method = Choose auto, signal, etrn, atrn, turn, qsnd, finger or hello.
remedy-domains = Enter each domain as in example.org, one per line or separated by commas.
remedy-every = Enter a time from 10 seconds to 31 days, as in 15m, 1h or 1h30m.
remedy-notify = Choose never, problems or everything.
remedy-ehlo = Enter this machine's full name, as in mail.example.org, or leave it out.
remedy-bind = Enter an IP address of this machine, or leave it out.
remedy-ip = Choose auto, 4 or 6.
remedy-normal_codes = Enter codes of three digits, as in 502, 459.
remedy-connect_timeout = Enter a time from 1 second to 1 hour, as in 30s.
remedy-greeting_timeout = Enter a time from 1 second to 1 hour, as in 5m.
remedy-command_timeout = Enter a time from 1 second to 1 hour, as in 5m.
remedy-turn_timeout = Enter a time from 1 second to 1 hour, as in 10m.
remedy-tls-needed = Set “tls” to required or implicit, or leave this out.
remedy-mail-needed = Set “notice_mail_host”, “notice_mail_from” and “notice_mail_to” as well, or choose never.
remedy-tls-unspoken = Choose none, or another method.
remedy-tls = Choose none, opportunistic, required or implicit.
remedy-ca_file = Enter the path of a PEM file, or leave it out.
remedy-pin = Enter the certificate's SHA-256 fingerprint, 64 hexadecimal digits, or leave it out.
remedy-client_cert = Enter the path of a PEM file, or leave it out.
remedy-client_key = Enter the path of a PEM file, or leave it out.
remedy-user = Enter the user name that the provider gave you, or leave it out.
remedy-auth = Choose auto, token, external, scram-sha-256, scram-sha-1, oauthbearer, xoauth2, cram-md5, plain or login.
remedy-login_in_clear = Choose true or false.
remedy-mail_server = Enter your mail server's name or address, as in 127.0.0.1:25; except with atrn and turn, it may be left out.
remedy-finger = Enter one line of text, or leave it out.
remedy-language = Choose system, en or nl.
remedy-unknown-key = Check its spelling against docs/settings.md, or remove the line.

# Faults in the settings file.
settings-at-line = Line { $line } of { $path }: { $fault }
settings-in = { $path }: { $fault }
settings-of-account = Account { $account }: { $fault }
settings-unreadable = the file cannot be read ({ $error }). Check its permissions.
settings-gone = the file is gone. Put it back. If you no longer want any accounts, restart Dequeue.
settings-without-accounts = no account is left in the file. Put them back. To remove the last account, use “dequeue account remove” or the window.
settings-not-utf8 = the text is not UTF-8. Save the file again as UTF-8.
settings-syntax = this is not TOML ({ $error }). Correct the line, or remove it.
settings-backslash = this is not TOML ({ $error }). Put a path with backslashes in single quotation marks, as in 'C:\tools\notify.exe'.
settings-version = the file has version { $version }, which this program does not know. Update the program, or set version = 1.
settings-version-wrong = version must be a whole number. Set version = 1.
settings-keep-running = The last good settings stay in use until it is corrected.
settings-not-writable = The settings cannot be written to { $path } ({ $error }). Nothing was changed. Check the permissions and the space on the disk.
settings-contended = Another program keeps changing the settings in { $path }. Nothing was changed. Try again in a moment.
settings-faulty-not-saved = Nothing was changed, since the settings file has a fault. Correct it first. { $fault }

error-no-such-account = There is no account named “{ $name }”. The accounts are: { $accounts }.
error-no-accounts = There is no account named “{ $name }”, since no account is set up yet.
error-no-such-poke = The history has no such poke.
error-history = The history cannot be read or written ({ $error }). Check the folder { $path }.
error-demo = The demo cannot run ({ $error }).
error-start-at-login = “Start at login” cannot be changed ({ $error }).
error-engine-gone = Dequeue is no longer running. Start it again.
error-engine-silent = Dequeue runs but does not answer. Try again; if it stays silent, end it and start it again.
error-too-large = This is too much to show at once. Ask for less: for one account, or for a shorter time.
error-protocol = The Dequeue that is running is of another version and does not know this request. Quit it and start it again.
error-relative-home = HOME is not an absolute path: { $folder } would be in whatever folder Dequeue is started from. Set HOME to an absolute path, or DEQUEUE_HOME to a folder of its own.
error-no-home = Dequeue cannot find your home folder. Set DEQUEUE_HOME to a folder of its own.
error-folder = The folder { $path } cannot be used ({ $error }). Check its permissions, or set DEQUEUE_HOME to another folder.
error-engine-stuck = Another Dequeue process holds { $path } but does not answer. End it, then try again.
error-engine-of-another = Another user of this machine has made the socket or pipe that belongs to Dequeue here. Nothing was said to it. Find out who has done that; setting DEQUEUE_HOME to another folder gives Dequeue another one.

## Who may do what (engine, faces)

# A request that changes something, of a user who may only look and poke.
rights-not-allowed-unix = You may look and poke. Changing needs an administrator: run it as root (sudo), or have an administrator add you to the group that may (sudo usermod -aG dequeue YOUR-NAME; log on again afterwards).
rights-not-allowed-windows = You may look and poke. Changing needs an administrator: start it with “Run as administrator”.
# In place of what is wrong with the file, for a user who may only look.
rights-settings-fault = The settings file has a fault. An administrator can see which one.
rights-start-at-login = Whether the icon is there after login is each user's own choice: make it in the menu of the icon.
# Behind what a user who may only look is shown of the settings.
rights-keys-not-shown = What may hold a key (commands, web addresses, where secrets come from) is shown to administrators only.
rights-not-the-services = Something answers in place of the Dequeue service that does not belong to it. Nothing was said to it. Find out who has made the socket or pipe, then start the service again.

# The window of a user who may only look.
window-look-only = You may look and poke. Changing needs an administrator.
window-look-only-empty = No accounts have been set up on this machine yet. An administrator can do that here.
window-change-as-administrator = Change as administrator
window-show-settings = Settings
window-settings-of-account = Settings of “{ $account }”
window-back = Back
elevation-none = The system does not ask for an administrator here ({ $error }). Log on as one, or use the command line: { $command }.
elevation-refused = Nothing was opened: the system was given no administrator's consent.

# The tray of a user who may only look, and of several users at one engine.
tray-pause-not-allowed = Pause (needs an administrator)
tray-resume-not-allowed = Resume (needs an administrator)
tray-show-notices = Show notices
tray-quit-service = Quit (the service goes on)
tray-move = { $count ->
    [one] Move your own account into the service…
   *[other] Move your own { $count } accounts into the service…
}
tray-move-title = The Dequeue service is in charge of this machine now
tray-move-explained = { $count ->
    [one] Your own account is still asked for by this program, only while you are logged on. Move it into the service? Settings, password and history come along.
   *[other] Your own { $count } accounts are still asked for by this program, only while you are logged on. Move them into the service? Settings, passwords and history come along.
}
tray-move-now = Move
tray-move-done-title = Your accounts are the service's now
tray-move-done = They are asked for from boot on, whether you are logged on or not.
tray-move-failed-title = Your accounts were not moved
tray-move-refused = No administrator has consented. They are asked for as before.
tray-move-failed = { $error } They are asked for as before. An administrator can try again: { $command }

# Moving a user's accounts into the service. They are this engine's until the service has said that it has them.
hand-over-goes-on = The accounts are being moved into the service. Nothing is asked for here until that is done.
hand-over-unfinished = The accounts were being moved into the service when that was interrupted. Nothing is asked for here until the service has said whether it has them. Start the service; then this is settled within a minute.
hand-over-done = The accounts are the service's now. Its settings are where they are changed.
hand-over-not-this-engine = This Dequeue has no accounts of a user's that could be moved.
hand-over-not-noted = The move could not be noted ({ $error }), so it was not begun. Everything is as before.
hand-over-not-put-away = The service has the accounts, but their settings here could not be put away ({ $error }). Give yourself write access to them; Dequeue tries again at its next start.
hand-over-taken-back = This move was given up meanwhile. Start it again.
hand-over-name-taken = The service has an account named “{ $account }” already. Start the move again.
hand-over-no-token = The system gives no random numbers, so no move can be begun.
hand-over-nothing = There are no accounts to move.
hand-over-history = The history could not be copied ({ $error }). Nothing was moved.

cli-about-service-take-over = Moves the accounts of a user's own Dequeue into the service, with passwords and history
cli-usage-service-take-over = dequeue service take-over [--user NAME | --home FOLDER]
cli-option-of_user = Whose accounts; otherwise those of whoever asks
cli-option-own_home = The data folder of that user's Dequeue, where it is not in its usual place
cli-take-over-done = { $count ->
    [0] The service had all of these accounts already; they are asked for by the service alone now.
    [one] One account is the service's now, with { $pokes } pokes of its history.
   *[other] { $count } accounts are the service's now, with { $pokes } pokes of their history.
}
cli-take-over-renamed = “{ $account }” is called “{ $name }” there, since the service had an account of that name.
cli-take-over-was-there = The service had “{ $account }” already, with the same settings.
cli-take-over-password = The password of “{ $account }” could not be kept. { $fault }
cli-take-over-nobody = No Dequeue of that user answers ({ $folder }). Have the user log on and start it, then try again; where its data are elsewhere, name that folder with --home.
cli-take-over-unknown-user = This machine does not know where the user “{ $user }” has the data of Dequeue. Name that folder with --home.

## Passwords: where they come from (engine)

field-secret = Password
remedy-secret = Enter stored, keyring, file, file:PATH, env:NAME or command:PROGRAM.
fault-secret-unknown = this does not say where the password comes from. The password itself does not belong in the settings.
fault-secret-no-path = the path of the file is missing.
fault-secret-no-variable = the name of the environment variable is missing or not valid.
fault-secret-no-program = the program is missing.
fault-secret-open-quote = a quotation mark is not closed.
fault-secret-control = the value contains a tab, a line break or another control character. In the settings file, put a path with backslashes in single quotation marks, as in 'file:C:\keys\provider'.

secret-not-set = No password is stored for “{ $account }”. Store it with “dequeue secret set { $typed }”.
secret-not-set-no-keyring = The protected file has no password for “{ $account }”, and the keyring of this system cannot be reached. If the password is in the keyring, log in to the desktop; otherwise store it with “dequeue secret set { $typed }”.
secret-keyring-unavailable = The keyring of this system cannot be used ({ $error }). Log in to the desktop, or set secret = "file" for the account and store the password again.
secret-keyring-locked = The keyring is locked. Unlock it on the desktop, or set secret = "file" for the account and store the password again.
secret-service-without-keyring = A service has no keyring. Set secret = "file" for the account and store the password again.
secret-too-long-for-keyring = The password is too long for the keyring of this system. Set secret = "file" for the account and store it again.
secret-file-missing = The file with the password, { $path }, does not exist. Check the path in the settings.
secret-file-open-to-others = Others can read or change the file with the password, so it is not used. Make it yours alone with “chmod 600 { $path }”, and change the password if someone may have read it.
secret-file-of-another = The file with the password, { $path }, belongs to another user, so it is not used. Make it belong to the user that Dequeue runs as.
secret-file-unreadable = The file with the password, { $path }, cannot be read ({ $error }). Check that it is a file, and its permissions.
secret-file-unwritable = The password file { $path } cannot be changed ({ $error }). Check the permissions and the space on the disk.
secret-variable-missing = The environment variable { $name }, which the settings name for the password, is not set. Set it before Dequeue starts.
secret-command-line = The command that gives the password cannot be understood: { $fault } Correct it in the settings.
secret-command-not-found = The program that gives the password, “{ $program }”, was not found. Write its full path in the settings.
secret-command-not-started = The program that gives the password, “{ $program }”, cannot be started ({ $error }). Check its permissions.
secret-command-failed = The program that gives the password, “{ $program }”, failed with exit status { $status }. Run it by hand, as the user that Dequeue runs as.
secret-command-ended = The program that gives the password, “{ $program }”, was ended by a signal. Run it by hand, as the user that Dequeue runs as.
secret-command-timed-out = The program that gives the password, “{ $program }”, took longer than { $seconds } seconds and was ended. It must not ask for anything: run it by hand, as the user that Dequeue runs as.
secret-too-long = What should be the password (from { $from }) is far too long. Only the password may be there, on the first line.
secret-not-text = What should be the password (from { $from }) is not plain text in UTF-8. Only the password may be there, on the first line.
secret-empty = The password (from { $from }) is empty. It must be on the first line.
secret-kept-elsewhere = The password of this account comes from { $from }. Change it there, or remove the setting “secret” to store it here.
## What is taken over from elsewhere (engine)
import-too-large = the text is larger than 1 MB, or comes to more than 16 MB of settings. Give only what belongs to held mail.
import-nothing = nothing here asks for held mail. Check that it is the right file, and that --from names the program it belongs to.
import-unclosed = a quotation mark is not closed: { $about }. Close it.
import-unknown = “{ $about }” is not understood. Correct or remove it.
import-no-value = “{ $about }” is not followed by a value. Add one, or remove it.
import-wrong-value = “{ $about }” does not accept its value. Correct it.
import-no-host = the call names no host. Add the provider's name or address.
import-no-such-account = there is no account “{ $about }” in the text. Put the msmtprc that contains it into the same file.
import-misplaced = “{ $about }” is not accepted here by its program. Move or remove it.
import-needs-shell = “{ $about }” stands for something that only a shell knows. Write what it stands for.
import-unclear = the program is called in “{ $about }” in a way that is not understood. Put the call on a line of its own.
import-code-page = “{ $about }” contains characters in an unknown encoding. Save the file as UTF-8.
import-relative-path = the path in “{ $about }” depends on who runs the other program, and where. Write the full path.
import-no-user = “{ $about }” belongs to no user name, so the other program takes the name of whoever runs it. Add the user name.
import-rc-file = the servers of this call are in another file. Import that file, with “dequeue settings import --from fetchmail { $about }”, and set “every” or “cron” to the times of this call.
import-no-counterpart = “{ $about }” has no counterpart here and was left out.
import-not-held-mail = { $about } is not asked for held mail (ETRN or ODMR) and was left out. Keep the other program for it.
import-not-polled = { $about } was not polled automatically there; here it is. Pause it if you do not want that.
import-no-domains = the domains of “{ $about }” are not in the text. Enter them; without them connecting itself is the signal.
import-password = the password of “{ $about }” does not go into the settings. Set it with “dequeue secret set”.
import-unchecked = “{ $about }”: the certificate was not checked there; here it is. Pin the provider's certificate if it is self-signed.
import-weak-fingerprint = “{ $about }” is not a SHA-256 fingerprint and was left out. Pin the certificate again.
import-rhythm = the time “{ $about }” cannot be expressed here; the account keeps the default of 15m. Change “every” if you do not want that.
import-shell-command = “{ $about }” needs a shell, which is not started here, and was left out. Put its command in a script, and set “secret” to command: and the path of the script.
import-command = The imported “{ $key }” would start this program: { $command }
import-command-of-account = The imported “{ $key }” of “{ $account }” would start this program: { $command }
import-no-host-there = “{ $about }” names no host and was left out.

## The history and what is kept of it (engine)
field-keep_for = Pokes kept for
field-keep_at_most = Space for the history
remedy-keep_for = Enter a time from 1 day to 3660 days, as in 400d.
remedy-keep_at_most = Enter a number of MB from 1 to 1000000, as in 100.
history-full = The disk is full, so nothing new can be written to the history { $path } ({ $error }). Pokes go on; what happens is kept in memory and written once there is room. Free some space on the disk.
history-read-only-disk = The disk with the history { $path } is read-only ({ $error }). Pokes go on; what happens is kept in memory and written once the disk can be written again. A disk that turns read-only by itself is often failing: look in the system's log, and mount it writable again.
history-not-allowed = Dequeue is not allowed to write the history { $path } ({ $error }). Pokes go on; what happens is kept in memory and written once that is allowed. Give the user that Dequeue runs as write access to the folder and the files in it.
history-disk-error = The disk reports an error when the history { $path } is written ({ $error }). Pokes go on; what happens is kept in memory and written once that works again. Back up what is on the disk now, then have the disk checked.
history-not-written = The history { $path } cannot be written ({ $error }). Pokes go on; what happens is kept in memory and written once that works again. Check the folder.
history-damaged = The history { $path } is damaged ({ $error }) and cannot be put aside. Pokes go on; what happens is kept in memory. Check the folder and the disk, and move the file away.
history-later-version = The history { $path } was written by a later version of Dequeue ({ $error }). Update Dequeue, or move the file away to begin a new one.
history-dropped = { $count ->
    [one] While the history could not be written, 1 poke was too many to keep in memory; it only counts in the figures of its day.
   *[other] While the history could not be written, { $count } pokes were too many to keep in memory; they only count in the figures of their days.
}
history-put-aside = The history was damaged and has been put aside as { $path }. A new one has begun; pokes go on. Check the disk, and delete the old file when you no longer need it.

## The log

field-log_level = What is logged
field-log_at_most = Space for the log
remedy-log_level = Choose error, warn, info, debug or trace.
remedy-log_at_most = Enter a number of MB from 1 to 10000, as in 10.
cli-option-log_level = How important something must be to be logged or shown: error, warn, info, debug or trace
cli-option-log_at_most = How many MB the files of the log take at most; the oldest lines go
error-log = The log in { $path } cannot be read ({ $error }). Ask as an administrator, or as the user that Dequeue runs as.
cli-about-logs = Shows what Dequeue has logged, oldest line first
cli-usage-logs =
    dequeue logs [--since TIME] [--level LEVEL] [--limit NUMBER] [--follow]
    dequeue logs --export FILE [--since TIME] [--level LEVEL]
cli-option-log_since = Only lines of the last days or hours, as in 1d or 2h
cli-option-log_limit = At most this many, the newest; default: 100, or all of the time given
cli-option-follow = Go on with new lines as they come
cli-option-export = Write the lines to this file, which must not exist yet
cli-logs-none = Nothing has been logged.
cli-logs-exported = { $count ->
    [one] 1 line was written to { $path }.
   *[other] { $count } lines were written to { $path }.
} Passwords and mail addresses are not in the log; names of accounts, hosts and domains are.
cli-logs-not-exported = The log could not be written to { $path } ({ $error }). Choose a file that does not exist yet, in a folder that you may write to.
man-file-logs = What Dequeue logs, in files of a bounded size; “dequeue logs” shows it.

window-log = Log
window-log-explained = What Dequeue does, for finding a fault. It holds no password and no mail address.
window-log-open = Show the log
window-log-setting = What is logged
window-log-level-error = Faults only
window-log-level-warn = Faults and warnings
window-log-level-info = The usual
window-log-level-debug = Details
window-log-level-trace = Everything
window-log-shown = Which lines are shown
window-log-show-error = Faults
window-log-show-warn = Warnings and faults
window-log-show-info = Without details
window-log-show-debug = With details
window-log-show-trace = All lines
window-log-is-error = Fault
window-log-is-warn = Warning
window-log-is-info = Information
window-log-is-debug = Detail
window-log-is-trace = Trace
window-log-search = Search the log
window-log-none = Nothing has been logged.
window-log-found-none = No line has that in it.
window-log-earlier = Show earlier lines
window-log-save = Save as a file
window-log-saved = The log has been saved.
window-log-saved-as = The log has been saved as { $path }
window-not-saved = The file could not be saved ({ $error }). “dequeue logs --export FILE” saves it elsewhere.

## Newer versions

field-update_check = Look for newer versions
remedy-update_check = Choose off, or weekly.
cli-option-update_check = Whether it is looked once a week for a newer version, which is then told and never installed by itself: off or weekly
cli-about-update = Looks for a newer version; nothing is installed
cli-usage-update = dequeue update check
cli-about-update-check = Looks now whether there is a newer version
cli-usage-update-check = dequeue update check
cli-update-none = No version is announced that is newer than this one, { $version }.
cli-update-newer = Dequeue { $version } of { $date } is there. What is new, and where to get it: { $notes }
error-update-no-source = This build of Dequeue does not know where newer versions are announced, so it cannot look. Ask whoever you have it from.
error-update-unreachable = It could not be looked for a newer version ({ $error }). Check the network and try again later.
error-update-not-believed = What was announced is not believed, so nothing is known of a newer version ({ $error }). Try again later; if it stays so, somebody may be interfering with your connection.
tray-newer-version = Dequeue { $version } is there…
window-newer-version = Dequeue { $version } is there
window-newer-version-explained = It was released on { $date }. Dequeue installs nothing by itself; what is new, and where to get it:
window-update-check = Look for newer versions
window-update-check-explained = Once a week, one small signed file is fetched. Nothing is installed by itself.
window-update-more = Read more
window-update-look = Look now
window-update-none = No newer version is announced.
man-variable-dequeue-updates = The web address of announcements of newer versions and, after a space, the minisign key that they are signed with, in place of what was built in.

## The rhythm (engine)

field-hours = Working hours
field-time_zone = Time zone
field-outside = Outside working hours
field-cron = Cron expression
field-jitter = Spread

fault-hours-word = “{ $part }” is neither a day nor a period of time.
fault-hours-no-times = “{ $value }” gives no times for the last of its days.
fault-hours-no-length = “{ $part }” ends where it begins.
fault-time-zone = there is no time zone named “{ $value }”.
fault-cron = “{ $value }” is not a cron expression.
fault-cron-never = “{ $value }” names a day that never comes.
fault-cron-and-hours = it cannot be combined with working hours.

remedy-hours = Enter days and times, as in mon-fri 07:00-19:00; sat,sun 09:00-12:00, or leave it out.
remedy-time_zone = Enter a name, as in Europe/Amsterdam, or system for this machine's own.
remedy-outside = Enter a time from 10 seconds to 31 days, as in 2h, or never.
remedy-cron = Enter minute, hour, day of the month, month and day of the week, as in */15 7-19 * * 1-5, or leave it out.
remedy-jitter = Enter a length of time up to 31 days, as in 1m, 0s for none, or auto.

## Notices (engine)

notice-first-success = { $account }: it works
notice-first-success-asked = { $account }: the provider was asked
notice-failure = { $account }: could not request mail
notice-failure-needs-you = { $account }: needs something from you
notice-reminder-needs-you = { $account }: still needs something from you, for { $time } now
notice-recovery-asked = { $account }: can be asked again
notice-recovery = { $account }: it works again
notice-poked = { $account }: { $outcome }
demo-account-name = Demo

## Hosts, mail server and secrets of notices (engine)

field-other_hosts = Other hosts
field-mail_server_first = Mail server first
field-mail_server_test = Test of your mail server
field-watch = Watch for arrivals
field-notice_webhook_secret = Token for the webhook
field-notice_mail_secret = Password for the mail server for notices
field-heartbeat_secret = Secret for the heartbeat
remedy-other_hosts = Enter each name or address, with its port if that differs, as in backup.example.org:2525, one per line or separated by commas.
remedy-mail_server_first = Choose true or false.
remedy-mail_server_test = Choose true or false.
remedy-watch = Enter a time up to 1 hour, as in 5m, or 0s to turn it off.
remedy-notice_webhook_secret = Enter stored, keyring, file, file:PATH, env:NAME or command:PROGRAM.
remedy-notice_mail_secret = Enter stored, keyring, file, file:PATH, env:NAME or command:PROGRAM.
remedy-heartbeat_secret = Enter stored, keyring, file, file:PATH, env:NAME or command:PROGRAM.

## Mail server and arrivals (engine)

# Whether the mail server at $host, port $port, would accept mail, and what to do.
mail-server-answering = Your mail server answers.
mail-server-trusts-us = Your mail server answers. It accepts mail for other domains from this machine, as most servers do on their own network; whether it also does for strangers can only be tested from outside.
mail-server-open-relay = Your mail server answers, but it accepts mail for { $domain } from { $from }: anyone can send spam through it. Let it accept only your own domains from outside.
mail-server-untestable = Your mail server answers, but cannot be tested ({ $answer }).
mail-server-relays-a-turn = Your mail server at { $host }, port { $port }, accepts mail for other domains, such as { $domain }, from this machine. With this method the provider, or whoever poses as it, speaks to your mail server from this machine, and could send mail to anyone through it. Give Dequeue a port of the mail server that does not trust this machine (with Postfix, another smtpd in master.cf with “-o mynetworks=192.0.2.1/32”), and set it as “mail_server”.
mail-server-untestable-for-a-turn = Your mail server at { $host }, port { $port }, cannot be tested ({ $answer }), so it is unknown whether it would accept the account's mail and nothing else. Set the account's domains, and let the server accept mail for them on this port without encryption or a login.
mail-server-postpones = Your mail server defers mail for { $domain } ({ $answer }). Mail that comes now stays at the provider until it tries again.
mail-server-refuses-domain = Your mail server refuses mail for { $domain } ({ $answer }). Mail that comes now goes back to its sender. Add the domain to the server.
mail-server-turns-away = Your mail server at { $host }, port { $port }, accepts no mail now ({ $answer }). Check the server.
mail-server-silent = Your mail server at { $host }, port { $port }, does not answer. Check whether it hangs, and whether a firewall is in between.
mail-server-hangs-up = Your mail server at { $host }, port { $port }, hangs up at once. Look at its log.
mail-server-refusing = Your mail server is not running: nothing listens at { $host }, port { $port }. Start it, or correct its host and port in the settings.
mail-server-unreachable = Your mail server cannot be reached: { $host } has no address, or there is no route to it. Check its host in the settings, and the network.
mail-server-not-smtp = What answers at { $host }, port { $port }, is not a mail server. Correct the host and port of your mail server in the settings.

# What came after a poke. $size and $first hold their units.
arrivals-none = Nothing has come from the provider.
arrivals-provider = { $count ->
    [one] One connection from the provider brought { $size } after { $first }.
   *[other] { $count } connections from the provider brought { $size }, the first after { $first }.
}
arrivals-provider-unmeasured = { $count ->
    [one] One connection from the provider, after { $first }. This system does not show whether it brought mail.
   *[other] { $count } connections from the provider, the first after { $first }. This system does not show whether they brought mail.
}
arrivals-bare = { $count ->
    [one] One connection from the provider brought no mail.
   *[other] { $count } connections from the provider brought no mail.
}
arrivals-elsewhere = { $count ->
    [one] One connection from elsewhere brought { $size }.
   *[other] { $count } connections from elsewhere brought { $size }.
}
arrivals-elsewhere-unmeasured = { $count ->
    [one] One connection came from elsewhere.
   *[other] { $count } connections came from elsewhere.
}
arrivals-overrun = So many connections ended at once that some may not have been counted.
delivered-messages = { $count ->
    [0] no message
    [one] one message
   *[other] { $count } messages
}
delivered-uncounted = messages that could not be counted
delivered-recipients-refused = { $count ->
    [one] one recipient refused
   *[other] { $count } recipients refused
}
delivered-refused = { $count } refused by your mail server

# Why it cannot be seen.
arrivals-not-here = Your mail server at { $host } is another machine, so arrivals cannot be seen from here. Run Dequeue there to see them.
arrivals-not-listening = Nothing on this machine listens on port { $port }, so no mail can arrive. Start your mail server, or correct its port.
arrivals-no-mail-server = Nothing on this machine receives mail on port { $port }, so arrivals cannot be seen. If your mail server is another machine, run Dequeue there to see them.
arrivals-not-possible-system = This system does not show arrivals to an ordinary user, or not in a form that this version of Dequeue knows.
arrivals-not-possible-no-module = This machine's kernel cannot report arrivals: its module tcp_diag is missing. Have an administrator load it: modprobe tcp_diag.
arrivals-not-possible-forbidden = Arrivals cannot be seen: a sandbox does not let Dequeue query the kernel. Allow it sockets of the family AF_NETLINK.
arrivals-not-possible-failed = Arrivals cannot be seen: querying the system failed. The log says more.

next-first = the first ones are spread
next-second = once more, to be sure
next-sooner = again soon: it failed
next-rarer = less often: it refuses
next-held = once your server answers
next-hours = by the hours you set

arrived-connections = { $count ->
    [one] 1 delivery, { $size }
   *[other] { $count } deliveries, { $size }
}
arrived-messages = { $count ->
    [one] 1 message, { $size }
   *[other] { $count } messages, { $size }
}
arrived-nothing = nothing yet

size-bytes = { $number } bytes
size-kb = { $number } kB
size-mb = { $number } MB
size-gb = { $number } GB
number-with-tenth = { $whole }.{ $tenth }
duration-ms = { $number } ms
duration-seconds = { $number } s
duration-minutes = { $number } min
duration-minutes-seconds = { $minutes } min { $seconds } s
## Notices, alarms and channels (engine)

# $time is a length of time, as in 2d5h.
notice-reminder = { $account }: still in trouble, for { $time } now
notice-first-success-asked-several = { $count } accounts were asked for the first time
notice-worked-again = Worked again at { $at }, after { $time }.
notice-siblings = { $more ->
    [0] The same provider serves: { $accounts }. They are told of with it.
   *[other] The same provider serves: { $accounts } and { $more } more. They are told of with it.
}
notice-paused = { $account }: paused for { $time }
notice-paused-several = { $count } accounts are paused
notice-paused-do = No mail is requested until you resume. Resume, or pause with an end.
notice-failure-several = { $count } accounts could not request their mail
notice-unreachable-several = { $count } accounts cannot reach their provider
notice-unreachable-several-do = Check this machine's network and its DNS first.
notice-reminder-several = { $count } accounts are still in trouble
notice-recovery-asked-several = { $count } accounts can be asked again
notice-recovery-several = { $count } accounts work again
notice-first-success-several = { $count } accounts work
notice-poked-several = { $count } accounts were poked
notice-alarm-over-several = { $count } accounts are back to normal
notice-several-more = { $count ->
    [one] … and one more. Open Dequeue to see all.
   *[other] … and { $count } more. Open Dequeue to see all.
}

# $before and $now are what was and what is: a time, addresses, an answer.
alarm-silence-title = { $account }: nothing has arrived for { $now }
alarm-silence = The pokes work, but no mail has come in for { $now }. Send yourself a message from elsewhere, and ask the provider whether it holds mail for your domains.
alarm-silence-several = Nothing arrives for { $count } accounts
alarm-silence-over-title = { $account }: mail arrives again
alarm-silence-over = Mail has come in.
alarm-seen-address-title = { $account }: your public address has changed
alarm-seen-address = The provider now sees you connect from { $now }; it was { $before }. If the provider knows you by your address, tell it the new one.
alarm-seen-address-several = Your public address has changed, according to { $count } providers
alarm-provider-addresses-title = { $account }: the provider's addresses have changed
alarm-provider-addresses = The provider now also uses { $now }; known so far were { $before }. If your firewall or mail server only lets in addresses on a list, add the new ones to it.
alarm-provider-addresses-several = The addresses of { $count } providers have changed
alarm-certificate-title = { $days ->
    [0] { $account }: the provider's certificate expires
    [one] { $account }: the provider's certificate expires in one day
   *[other] { $account }: the provider's certificate expires in { $days } days
}
alarm-certificate = The provider has not renewed its certificate yet. Tell its help desk: once it has expired, secure connections fail.
alarm-certificate-several = The certificates of { $count } providers are expiring
alarm-certificate-over-title = { $account }: the provider's certificate has been renewed
alarm-certificate-over = It is valid for long enough.
alarm-answer-title = { $account }: the provider's answer has changed
alarm-answer = The pokes still work, but the answer was “{ $before }” and is now “{ $now }”. Check whether mail still comes in, and ask the provider what has changed.
alarm-answer-several = The answers of { $count } providers have changed
alarm-unproved-title = { $account }: no sign of mail for { $now }
alarm-unproved = The pokes work, but for { $now } nothing has shown that mail gets through, as it used to: no mail was seen to arrive, and the provider gave no number. Send yourself a message from elsewhere, and ask the provider whether it holds mail for your domains.
alarm-unproved-several = No sign of mail for { $count } accounts
alarm-unproved-over-title = { $account }: mail gets through again
alarm-unproved-over = It has been shown again that mail gets through.
alarm-slow-title = { $account }: the provider is slow
alarm-slow = The poke took { $now }; { $before } is usual. If this continues, check your connection and your DNS, then ask the provider.
alarm-slow-several = { $count } providers are slow
alarm-slow-over-title = { $account }: the provider is as fast as usual
alarm-slow-over = The poke took its usual time.

answer-queue = an answer about the queue
answer-visit = connecting is the signal
answer-normal-here = a refusal that is normal there
answer-other = another answer

channel-command = The command for notices
channel-webhook = The webhook for notices
channel-mail = The e-mail for notices
channel-heartbeat = The heartbeat
channel-fault-not-started = { $channel } could not be started ({ $detail }). Check its path and its permissions.
channel-fault-exit = { $channel } failed ({ $detail }). Run it by hand to see why.
channel-fault-timed-out = { $channel } took too long and was abandoned. Check what it is waiting for.
channel-fault-not-connected = { $channel } did not get through ({ $detail }). Check the address and the network.
channel-fault-tls = { $channel } got no secure connection ({ $detail }). Check the address and the server's certificate.
channel-fault-status = { $channel } was answered with { $detail }. Check the address.
channel-fault-reply = { $channel } was refused by the mail server with { $detail }. Check the user, the password and the addresses.
channel-fault-no-secret = { $channel } has a user name but no password. Store the password with “dequeue secret set notice_mail_secret”.
channel-fault-no-key = { $channel } has a placeholder for a secret in its address, but no secret is stored. Store it with “dequeue secret set { $detail }”.
channel-fault-secret-unfit = { $channel } has no valid address once the secret is filled in. Store the secret again, as it appears in the address that the service gave you.
channel-fault-protocol = { $channel } was not understood by the server. Check the address and the port.
channel-fault-refused = { $channel } reached the service, which did not take the notice. Check the key in the address and “notice_webhook_body”.
channel-fault-open-line = { $channel } was not called: the secret would go over an unencrypted connection. Use an address that begins with https.
channel-trial-title = Dequeue: test notice
channel-trial = Nothing is wrong. Notices from { $machine } that are sent this way arrive here.
channel-trial-sent = { $channel } works: the test notice was sent.

# The weekly summary, by mail. $last is a summary-date, $day a weekday; in $days and $accounts are several.
summary-title = { $urgent ->
    [0] Dequeue, week to { $last }: no account in trouble
    [one] Dequeue, week to { $last }: one of { $accounts } accounts needs a look
   *[other] Dequeue, week to { $last }: { $urgent } of { $accounts } accounts need a look
}
summary-title-alone = { $urgent ->
    [0] Dequeue, week to { $last }: the account is not in trouble
   *[other] Dequeue, week to { $last }: the account needs a look
}
summary-title-none = Dequeue, week to { $last }: no account set up
summary-date = { $day } { $month ->
    [1] January
    [2] February
    [3] March
    [4] April
    [5] May
    [6] June
    [7] July
    [8] August
    [9] September
    [10] October
    [11] November
   *[12] December
}
summary-weekday = { $day ->
    [1] Monday
    [2] Tuesday
    [3] Wednesday
    [4] Thursday
    [5] Friday
    [6] Saturday
   *[7] Sunday
}
summary-period = From { $first_day } { $first } to { $last_day } { $last } { $year }:
summary-pokes = { $pokes ->
    [0] No pokes.
    [one] { $failed ->
        [0] One poke; it worked.
       *[other] One poke; it did not work.
    }
   *[other] { $failed ->
        [0] { $pokes } pokes; none failed.
        [one] { $pokes } pokes; one did not work.
       *[other] { $pokes } pokes; { $failed } did not work.
    }
}
summary-arrived = Arrived: { $arrived }.
summary-arrived-nothing = Nothing arrived.
summary-arrived-unknown = Whether anything arrived is not known here.
summary-empty-days = { $count ->
    [one] Nothing arrived on { $days }.
   *[other] Days on which nothing arrived: { $days }.
}
summary-no-figures = The history could not be read, so there are no figures for this week.
summary-standing = The accounts now:
# $health is one of health-*.
summary-count = { $health }: { $count }
summary-look = Accounts that need a look:
summary-account = { $account }: { $health }
summary-more = … and { $count } more. Open Dequeue to see all of them.

field-notice_command = Command for notices
field-notice_webhook = Webhook for notices
field-notice_webhook_body = Content for the webhook
field-notice_mail_host = Mail server for notices
field-notice_mail_port = Port of the mail server for notices
field-notice_mail_tls = Encryption of e-mail with notices
field-notice_mail_user = User at the mail server for notices
field-notice_mail_from = Sender of notices
field-notice_mail_to = Recipients of notices
field-notice_summary = Summary of the week
field-notice_quiet = Quiet hours
field-notice_snooze = Reminder of trouble
field-notify_after = Failures before a notice
field-silence_alarm = Alarm after silence
field-heartbeat = Heartbeat
field-heartbeat_on_failure = Heartbeat after a failure
field-heartbeat_failure = Address for failures
remedy-notice_command = Enter a program and its arguments, in quotation marks where they contain spaces, or leave it out.
remedy-notice_webhook = Enter an address as in https://example.org/notices, or leave it out.
remedy-notice_webhook_body = Enter the name of a service, json or text, or JSON of your own with title, body, kind, account and machine, each in braces, in its strings; leave it out where the address tells.
remedy-notice_mail_host = Enter the name of a mail server that sends for you, or leave it out.
remedy-notice_mail_port = Enter a number from 1 to 65535, or leave it out.
remedy-notice_mail_tls = Choose implicit or required; none only without a user.
remedy-notice_mail_user = Enter the user name as the mail server knows it, or leave it out.
remedy-notice_mail_from = Enter an address as in dequeue@example.org.
remedy-notice_mail_to = Enter each address as in admin@example.org, separated by commas.
remedy-notice_summary = Choose never, or weekly for an e-mail on Monday at 8:00.
remedy-notice_quiet = Enter times, as in 22:00-07:00, with days in front where they differ, or leave it out.
remedy-notice_snooze = Enter a time from 1 hour to 31 days, as in 1d.
remedy-notify_after = Enter a number from 1 to 100.
remedy-silence_alarm = Enter a time from 1 hour to 366 days, as in 2d, or leave it out.
remedy-heartbeat = Enter an address as in https://hc-ping.com/…, or leave it out.
remedy-heartbeat_on_failure = Choose nothing or fail.
remedy-heartbeat_failure = Enter an address as in https://example.org/failed, or leave it out.

## The doctor (engine)

doctor-all-well = Nothing is wrong between the provider and your mail server; everything could be checked.
doctor-unsure = { $count ->
    [one] Nothing wrong was found, but one thing could not be checked from here.
   *[other] Nothing wrong was found, but { $count } things could not be checked from here.
}
doctor-warnings = It works, but something deserves a look. { $why }
doctor-will-not-work = It will not work. { $why }

doctor-state-passed = OK
doctor-state-warning = WARN
doctor-state-failed = FAIL
doctor-state-cannot-know = UNKNOWN
doctor-check-folders = Files
doctor-check-hosts = Hosts
doctor-check-name = The provider's name
doctor-check-connection = Connection
doctor-check-greeting = Greeting
doctor-check-capabilities = What the provider offers
doctor-check-certificate = Encryption
doctor-check-login = Login
doctor-check-method = Method
doctor-check-mail-server = Mail server
doctor-check-firewall = Way in
doctor-check-mx = Mail route
doctor-check-public-address = Public address
doctor-check-clock = Clock

# What a check found; what ends in -do says what to do about it.
doctor-earlier = This could not be checked, since an earlier check failed.
doctor-earlier-do = Solve that first, then check again.

doctor-hosts-all = Each of the account's hosts can be used: { $hosts }.
doctor-hosts-other = Pokes go through { $host }, since { $failed } cannot be used. { $why }
doctor-hosts-reserve = Pokes go through { $host }, but { $failed } could not take its place. { $why }
doctor-hosts-none = None of the account's hosts can be used ({ $failed }). At { $host }: { $why }
doctor-hosts-end = Pokes end at { $host }: after what happens there, no other host is tried. { $why }

doctor-name-resolves = { $host } has an address: { $system }.
doctor-name-resolves-here = { $host } has an address here: { $system }. No public DNS server answered, so the two could not be compared.
doctor-name-not-compared = { $host } has an address here: { $system }. Public DNS servers were not asked: DEQUEUE_PUBLIC_DNS switches that off.
doctor-name-hidden = Your own DNS server hides { $host }: it gives no address, while the Internet knows { $public }. Often the internal domain has the same name as the provider's public one, so that your server answers for names it does not know.
doctor-name-hidden-do = Add { $host } with the address { $public } to your own DNS server, or let it forward what it does not know.
doctor-name-wrong = The name { $host } does not exist, neither here nor on the Internet.
doctor-name-wrong-do = Check the spelling of the host in the settings, and ask the provider for its name.
doctor-name-unresolved = The name { $host } cannot be resolved, and no public DNS server answers either.
doctor-name-unresolved-do = Check the network connection and the DNS servers of this machine.
doctor-name-unresolved-here = The name { $host } cannot be resolved here. Public DNS servers were not asked: DEQUEUE_PUBLIC_DNS switches that off.
doctor-name-unresolved-here-do = Check the spelling of the host in the settings, and the network connection and the DNS servers of this machine.
doctor-name-differs = Your own DNS server gives another address for { $host } ({ $system }) than the Internet does ({ $public }).
doctor-name-differs-do = Correct the entry for { $host } in your own DNS server, unless you reach the provider over a dedicated line.
doctor-name-hosts-file = The hosts file of this machine gives an old or different address for { $host } ({ $system }); the Internet says { $public }.
doctor-name-hosts-file-do = Remove or correct { $host } in the hosts file.
doctor-name-moved = { $host } has moved: the last poke that worked went to { $before }, but the address is now { $system }.
doctor-name-moved-do = If your firewall lets the provider in by its address, add the new one: mail will come from there.

doctor-connection-stands = The provider answers at { $address }.
doctor-connection-partly = The provider answers, but not at { $address }.
doctor-connection-partly-do = Pokes use another address, so nothing is lost. If this continues, tell the provider.
doctor-connection-ipv6 = The provider answers over IPv6 only; { $address } does not answer.
doctor-connection-ipv6-do = Pokes go out over IPv6, where the provider may not know your address. Ask it, or find out why IPv4 does not work.
doctor-connection-only-ipv6 = The provider has only IPv6 addresses here ({ $host }), and this machine has no route to the IPv6 Internet.
doctor-connection-only-ipv6-do = Give this machine IPv6, or ask the provider for a name with an IPv4 address.
doctor-connection-refused = { $host } refuses connections on port { $port }.
doctor-connection-refused-do = Check the port in the settings; if it is right, the provider's mail service is down.
doctor-connection-port-25-blocked = Port 25 is blocked: the provider's machine answers on port { $other }, but not on port 25.
doctor-connection-port-25-blocked-do = Open outgoing port 25 in your firewall for this machine. If your own firewall lets it through, your Internet provider may block it: ask them to open the port. If they do not, ask the mail provider whether it lets your address in.
doctor-connection-port-blocked = Port { $port } is blocked: the provider's machine answers on port { $other }, but not there.
doctor-connection-port-blocked-do = Check the port in the settings, and open it in your firewall for outgoing connections.
doctor-connection-port-25-silent = { $host } does not answer on port 25, though the Internet can be reached. Either outgoing port 25 is blocked, or the provider is down.
doctor-connection-port-25-silent-do = Check whether your firewall lets outgoing port 25 through, ask your Internet provider whether they block it, then ask the mail provider.
doctor-connection-silent = { $host } does not answer on port { $port }, though the Internet can be reached.
doctor-connection-silent-do = Check the host and the port, and whether a firewall blocks the port; then ask the provider.
doctor-connection-not-compared = { $host } does not answer on port { $port }. Whether anything else on the Internet answers was not asked: DEQUEUE_PUBLIC_DNS switches that off.
doctor-connection-not-compared-do = Check the network connection of this machine, the host and the port, and whether a firewall blocks the port; then ask the provider.
doctor-connection-no-network = Nothing answers: neither the provider nor anything else on the Internet.
doctor-connection-no-network-do = Check the network connection of this machine.
doctor-connection-local = This machine cannot open the connection from the source address in the settings.
doctor-connection-local-do = Remove the source address from the settings, or enter one that this machine has.
doctor-connection-no-route = There is no route from here to { $host }.
doctor-connection-no-route-do = Check the network connection and the gateway of this machine.
doctor-connection-reset = { $host } resets connections on port { $port } as soon as they are open.
doctor-connection-reset-do = Check the port; if it is right, something in between or the provider itself does not let this machine in: ask the provider.
doctor-connection-spared = The provider was not contacted: it may start to deliver on any connection, and your mail server would turn the mail away now.
doctor-connection-spared-do = Fix your mail server first, then check again.

doctor-greeting-good = The provider greets as a mail server does.
doctor-greeting-masked = An old firewall masks the conversation with the provider, so a good answer proves nothing.
doctor-greeting-masked-do = Turn off its SMTP inspection (“fixup protocol smtp”, “inspect esmtp”), or ask the provider to.
doctor-capabilities-some = The provider offers { $offers }.
doctor-capabilities-none = The provider offers nothing in particular, as is usual for those that start on any connection.

doctor-certificate-holds = The connection is encrypted, and the certificate is that of { $name }.
doctor-certificate-pinned = The connection is encrypted, and the certificate is the one that you pinned.
doctor-certificate-unverified = The connection is encrypted. Nobody vouches for the certificate, which is usual between mail servers and allowed by the settings.
doctor-certificate-not-offered = The provider offers no encryption, which the settings allow.
doctor-certificate-not-wanted = The settings ask for no encryption.
doctor-certificate-tls-failed = The provider offers encryption, but it could not be set up, so pokes go without it. { $why }
doctor-certificate-tls-failed-do = { $do } If you want no encryption, set TLS to “none”.
doctor-certificate-expires = { $days ->
    [0] The provider's certificate expires today.
    [one] The provider's certificate expires in one day.
   *[other] The provider's certificate expires in { $days } days.
}
doctor-certificate-expires-do = Ask the provider to renew it; after that pokes may be refused.

doctor-login-accepted = The provider accepted the login.
doctor-login-none = No login is set, and the provider did not ask for one.
doctor-login-missing = No login is set, but this method needs one almost everywhere.
doctor-login-missing-do = Enter the user name and password that the provider gave you.

doctor-method-signal = Any connection is a poke there, this one too: it asks for nothing, and the provider may start to deliver now.
doctor-method-signal-do = Nobody can tell beforehand whether connecting is enough for this provider. Send yourself a message from elsewhere, poke, and see whether it arrives.
doctor-method-offered = The provider offers what the method “{ $method }” needs.
doctor-method-auto = The method “auto” chooses “{ $chosen }”, which the provider offers.
doctor-method-auto-tries = The provider offers neither ETRN nor ATRN. The method “auto” tries ETRN once and, where that is unknown, takes connecting as the signal.
doctor-method-auto-tries-do = Poke once, and see whether mail arrives.
doctor-method-etrn-not-offered = The provider does not offer ETRN. Some answer to it all the same.
doctor-method-etrn-not-offered-do = If pokes are refused, choose the method “auto” or “signal”, or ask the provider.
doctor-method-atrn-not-offered = The provider does not offer ATRN, which the settings ask for.
doctor-method-atrn-not-offered-do = Check the port (ATRN is usually on 366) and the login, or choose the method “auto”.
doctor-method-unsaid = Only a poke can show whether the provider knows the method “{ $method }”: no server says so beforehand.
doctor-method-unsaid-do = Poke once, and look at the outcome.

doctor-mail-server-unset = No mail server is set for this account, so it was not checked.
doctor-mail-server-unset-do = Enter its host under “Mail server”: pokes then wait while it is down, and it can be tested.

doctor-firewall-arrived = Mail has come in after a poke in the last few days, so the way in is open.
doctor-firewall-not-needed = With this method the mail comes over our own connection: nothing has to get in from outside.
doctor-firewall-elsewhere = Your mail server is another machine: whether its firewall lets the provider in cannot be seen from here.
doctor-firewall-elsewhere-do = Check whether port { $port } is open there, and on the router in front of it, for the provider's addresses.
doctor-firewall-loopback = Your mail server listens only on this machine itself, on port { $port }: the provider cannot reach it, unless something forwards the mail.
doctor-firewall-loopback-do = Let it listen on the network's address as well.
doctor-firewall-unreadable = Whether the firewall and the router let the provider in cannot be seen from here.
doctor-firewall-unreadable-do = If pokes work and nothing arrives, check whether port { $port } is open from outside for the provider's addresses.

doctor-mx-provider = Mail for { $domain } goes to the provider, as it should ({ $exchanges }).
doctor-mx-unknown = Where mail for { $domain } goes cannot be determined, since no public DNS server answers.
doctor-mx-unknown-do = Let this machine query DNS servers on the Internet, or name one in DEQUEUE_PUBLIC_DNS.
doctor-mx-not-asked = Where mail for { $domain } goes was not asked: DEQUEUE_PUBLIC_DNS switches that off.
doctor-mx-not-asked-do = Unset DEQUEUE_PUBLIC_DNS to have it checked.
doctor-mx-no-domain = The domain { $domain } does not exist on the Internet, so no mail can be held for it.
doctor-mx-no-domain-do = Check its spelling in the settings, and whether its registration has expired.
doctor-mx-no-mail = The domain { $domain } accepts no mail: it has no mail exchanger (MX).
doctor-mx-no-mail-do = Have whoever manages the domain enter the provider as its MX.
doctor-mx-none = The domain { $domain } has no mail exchanger (MX); its mail goes to the address of the domain itself.
doctor-mx-none-do = Have whoever manages the domain enter the provider as its MX.
doctor-mx-dead = Mail for { $domain } should go to { $exchange }, which has no address.
doctor-mx-dead-do = Have whoever manages the domain correct its MX.
doctor-mx-elsewhere = Mail for { $domain } does not go to { $host }, but to { $exchanges }. The provider has nothing to hold, unless these are its own hosts under other names.
doctor-mx-elsewhere-do = Ask the provider which MX the domain should have, and have it entered.

doctor-address-same = The provider sees you connect from { $seen }.
doctor-address-unsaid = The provider does not say which address it sees you connect from.
doctor-address-unsaid-do = If it keeps your address on file, ask it which one.
doctor-address-changed = Your public address has changed: the provider sees { $seen }; at the last poke it was { $before }.
doctor-address-changed-do = Tell the provider the new address, if it delivers to the one on file, and check the MX of your domains. Ask your Internet provider for a fixed one.
doctor-address-not-mail-server = The provider sees you connect from { $seen }, but your mail server { $exchange } has another address on the Internet.
doctor-address-not-mail-server-do = If the provider delivers to the address that the poke comes from, the mail goes astray: let the poke leave from the same address, or correct the DNS entry of { $exchange }.

doctor-clock-right = This machine's clock is right, according to a time server on the Internet.
doctor-clock-agrees = No time server answered, but the clocks here and at the provider agree.
doctor-clock-agrees-not-asked = The clocks here and at the provider agree. No time server was asked: DEQUEUE_TIME_SERVER switches that off.
doctor-clock-unsaid = No time server answers, and the provider does not say what time it is, so this machine's clock cannot be compared.
doctor-clock-unsaid-do = Check the clock if pokes come at odd times.
doctor-clock-not-asked = No time server was asked, since DEQUEUE_TIME_SERVER switches that off, and the provider does not say what time it is.
doctor-clock-not-asked-do = Unset DEQUEUE_TIME_SERVER to have the clock checked.
doctor-clock-wrong = This machine's clock is wrong: it says { $here }, while a time server on the Internet says { $there } (both UTC).
doctor-clock-wrong-do = Set this machine's clock, or let it follow a time server: certificates and login tokens are checked against it, and pokes are timed by it.
doctor-clock-differs = The clocks here and at the provider differ: here it is { $here }, there { $there } (both UTC).
doctor-clock-differs-do = Find out which of the two is right. If it is the provider's, set this machine's clock, or let it follow a time server: certificates and login tokens are checked against it, and pokes are timed by it.

doctor-folders-writable = Settings and history can be written.
doctor-folders-not-writable = { $path } cannot be written ({ $error }), so nothing can be kept and no poke goes out.
doctor-folders-not-writable-do = Give yourself write access there, and check whether the disk is full or read-only.

## Tray

# The tooltip's first line.
tray-title-proved = Dequeue: mail gets through
tray-title-asked = Dequeue: asked; not confirmed that mail gets through
tray-title-waiting = Dequeue: waiting for the first poke
tray-title-needs-you = Dequeue: { $account } needs something from you
tray-title-needs-you-several = Dequeue: { $count } accounts need something from you
tray-title-trouble = Dequeue: trouble with { $account }
tray-title-trouble-several = Dequeue: trouble with { $count } accounts
tray-title-settings-fault = Dequeue: the settings file has a fault
tray-title-paused = Dequeue: paused
tray-title-not-set-up = Dequeue: not set up yet
tray-title-no-engine = Dequeue is not running
# Its other lines. $outcome is one of outcome-*.
tray-poking = Poking { $account }…
tray-poking-several = Poking { $count } accounts…
tray-last = Last poke { $time } ({ $account }): { $outcome }
tray-next = Next poke { $time }
tray-failing = { $account }: { $outcome } ({ $failures ->
    [one] once
   *[other] { $failures } times
}), last worked { $time }
tray-failing-always = { $account }: { $outcome } ({ $failures ->
    [one] once
   *[other] { $failures } times
}), has never worked
tray-until-resumed = No scheduled pokes until you resume
tray-paused-until = No scheduled pokes until { $time }
tray-set-up = Open Dequeue to set up your provider

# The menu.
tray-open = Open Dequeue
tray-open-account = Open { $account }
tray-poke-all = Poke all now
tray-poke-now = Poke now
tray-pause = Pause
tray-pause-hour = For an hour
tray-pause-tomorrow = Until tomorrow 8:00
tray-pause-until-resumed = Until I resume
tray-resume = Resume
# The pause ends by itself at this time.
tray-resume-before = Resume (paused until { $time })
# One account. $state is one of outcome-* and health-*.
tray-account = { $account }: { $state }
tray-account-at = { $account }: { $state }, { $time }
# $account is one of the two above.
tray-account-poking = { $account } (being poked)
tray-more-accounts = { $count } more
tray-more-in-window = { $count ->
    [one] One more is in the window
   *[other] { $count } more are in the window
}
tray-last-notices = Last notices
tray-notice = { $time }  { $title }
tray-start-at-login = Start at login
tray-quit = Quit

# A time of day by itself is today's.
tray-time-yesterday = yesterday { $time }
tray-time-tomorrow = tomorrow { $time }
tray-time-on-day = { $day } { $month ->
    [1] Jan
    [2] Feb
    [3] Mar
    [4] Apr
    [5] May
    [6] Jun
    [7] Jul
    [8] Aug
    [9] Sep
    [10] Oct
    [11] Nov
   *[12] Dec
} { $time }

# Notices.
tray-window-not-started = The window cannot be opened
tray-window-not-started-explained = { $program } could not be started ({ $error }). Install Dequeue again. Mail is still being requested, and the command “dequeue” does everything that the window does.
tray-window-ended = The window has closed unexpectedly
tray-window-ended-explained = It ended with a fault ({ $status }). Mail is still being requested. Open the window again; if that does not help, install Dequeue again.
tray-not-done = That could not be done
# On a notice.
tray-poke-again = Poke again
tray-pause-for-hour = Pause for an hour

# On the terminal.
tray-usage = Usage: dequeue-tray [--quiet | --quit]

    Shows the icon beside the clock, and asks for mail on time.

      --quiet     do not open the window automatically
      --quit      end the tray of this session, and wait until it has ended
      --help      show this text
      --version   show the version
tray-does-not-end = The tray of this session could not be ended ({ $error }). End the process “dequeue-tray” yourself.
tray-unknown-option = dequeue-tray does not know “{ $option }”.
tray-no-desktop = There is no desktop here: neither DISPLAY nor WAYLAND_DISPLAY is set. So there is no icon; mail is still being requested. Where there is never a desktop, use “dequeue run”.
tray-no-bus = There is no desktop bus (D-Bus) that could show the icon ({ $error }). Mail is still being requested; the icon appears when the bus does.

## Window

window-navigation = Parts of the window
window-overview = Overview
window-recent = Recent pokes
window-settings = Settings
window-close-message = Close this message

# While the window has no Dequeue to speak to.
window-starting = Starting Dequeue…
window-gone = Dequeue is not running
window-gone-explained = No pokes go out at the moment. This window connects by itself when Dequeue is back.
window-start-again = Start Dequeue
window-no-engine = Dequeue is not running and could not be started ({ $error }). Install Dequeue again, or start { $program } yourself.
window-engine-silent = Dequeue was started, but did not answer within { $seconds } seconds. Try again.
window-engine-ended = Dequeue ended as soon as it was started ({ $status }). Run { $program } in a terminal to see why.
# In place of the window, where none can be shown.
window-no-display = There is no desktop to show a window on: neither DISPLAY nor WAYLAND_DISPLAY is set. The command “dequeue” does the same without one.
window-no-webview = This window needs Microsoft's WebView2 Runtime, which is missing here. Fetch its installer (the “Evergreen Bootstrapper”) from Microsoft, run it, and open the window again.
window-no-webview-goes-on = Mail is being requested all the same: the icon beside the clock shows how it stands, and the command “dequeue” does everything that this window does.
window-no-webview-fetch = Get WebView2
window-no-webview-close = Close
window-cannot-open = The window cannot be opened ({ $error }).

window-welcome = Welcome to Dequeue
window-welcome-explained = Your mail provider holds mail until you ask for it. Dequeue asks on time, every time, and tells you in plain words whether it worked.
window-welcome-form = Set up your provider
window-welcome-demo = Just looking?
window-welcome-demo-explained = The demo runs a provider with held mail and a mail server inside this program. It touches nothing else, and leaves nothing behind.
window-try-demo = Try the built-in demo
window-demo-runs = The demo is running: a provider and a mail server inside this program. Nothing of it is kept.
window-end-demo = End the demo

window-accounts = Accounts
window-add-account = Add an account
window-notices-given = Notices
window-notices-none = No notices so far.
window-away = { $count ->
    [one] While you were away, one notice was given.
   *[other] While you were away, { $count } notices were given.
}
window-away-show = Show them
window-pause-hour = For an hour
window-pause-tomorrow = Until tomorrow, 8:00
window-pause-until-resumed = Until I resume
window-all-paused-until = Everything is paused until { $time }; you can still poke by hand.
window-paused-until = Paused until { $time }
window-poke-all = Poke all now
window-pause-all = Pause everything
window-resume-all = Resume everything
window-all-paused = Everything is paused. No scheduled pokes go out until you resume; you can still poke by hand.
window-settings-fault = The settings file has a fault

# The overview of many accounts.
window-filter = Show
window-filter-all = All
window-filter-trouble = Trouble
window-filter-needs-you = Needs you
window-filter-paused = Paused
window-search = Name, host or domain
window-search-short = Search
window-sort = Sort by
window-sort-urgency = Urgent first
window-sort-name = By name
window-sort-last = By last poke
# $number and $all are numbers as they are written.
window-found = { $count ->
    [one] { $number } of { $all } accounts is shown.
   *[other] { $number } of { $all } accounts are shown.
}
window-found-none = No account matches.
window-show-all = Show all accounts
window-row-last = { $outcome }, { $relative }
window-row-never = Not poked yet
window-row-soon = within a minute

window-every = every { $every }
window-last-poke = Last poke
window-never-poked = None yet
window-next-poke = Next poke
window-next-due = Any moment now
window-next-held = As soon as your mail server answers again
window-alarms = Unusual
window-arrivals = Arrivals
window-next-paused = None while paused
window-next-paused-all = None while everything is paused
window-last-success = Last worked
window-never-worked = Has never worked
window-failures = { $count ->
    [one] The last poke did not work.
   *[other] The last { $count } pokes did not work.
}
window-moment = { $relative }, { $exact }
window-just-now = just now
window-poke-now = Poke now
window-poking = Poking…
window-pause = Pause
window-resume = Resume
window-edit = Edit
window-remove = Remove
window-show-dialogue = Show the dialogue
window-hide-dialogue = Hide the dialogue
window-dialogue-live = What is being said
window-about-account = { $action }: { $account }
window-trust = Trust this certificate…
window-trust-title = Trust the certificate of { $host }?
window-trust-explained = Call the provider, on a number that you already know, and compare this fingerprint with the one that they read out to you. Trust it only if every pair is the same.
window-trust-changed = This is not the certificate that you trusted before. The provider may have a new one, or someone may be impersonating the provider.
window-trust-after = If you trust it, “{ $account }” accepts this certificate and no other.
window-trust-yes = It is the same, trust it
window-said-trusted = “{ $account }” now trusts the certificate.
window-remove-title = Remove “{ $account }”?
window-remove-explained = Dequeue will no longer ask { $host } for mail. The history of past pokes stays.
window-cancel = Cancel
window-said-removed = “{ $account }” has been removed.
window-said-saved = “{ $account }” has been saved.
window-said-poked = { $account }: { $explanation }

window-new-account = New account
window-edit-account = Edit “{ $account }”
window-field-name = Name
window-field-name-hint = Your own name for this provider.
window-field-host = Provider's host
window-field-host-hint = The name or address of the host that holds your mail.
window-field-port = Port
window-field-port-hint = Empty: the usual one.
window-field-domains = Domains
window-field-domains-hint = What the provider holds mail for, one per line or separated by commas.
window-field-every = Poke every
window-field-every-hint = For example 15m, 1h or 1h30m.
window-field-method = Method
window-method-auto = Automatic
window-method-auto-hint = Looks at what the provider offers, chooses, and says why.
window-method-signal = Signal
window-method-signal-hint = Connects and hangs up again; that alone starts delivery.
window-method-etrn = ETRN
window-method-etrn-hint = Asks for each domain by name (RFC 1985).
window-method-atrn = ATRN
window-method-atrn-hint = Logs in and gets the mail over the same connection (ODMR, RFC 2645).
window-method-turn = TURN
window-method-turn-hint = The same in its older form, as some Exchange and MDaemon hosts know it.
window-method-qsnd = QSND
window-method-qsnd-hint = Asks for each domain in the way that older servers know.
window-method-finger = Finger
window-method-finger-hint = A finger request starts delivery, as at some MDaemon hosts.
window-method-hello = Hello port
window-method-hello-hint = Connects to a port set aside for this; that alone starts delivery (qmail).
window-field-mail_server = Mail server
window-field-mail_server-hint = The mail server that receives the mail, with its port if that is not 25.
window-provider-more = Encryption and login
window-provider-more-hint = Only if the provider asks for it.
window-rarely = Rarely needed
window-rarely-hint = What few providers ask for: more hosts, names, addresses, time limits.
window-field-tls = Encryption (TLS)
window-tls-none = Never
window-tls-none-hint = Anyone along the way can read everything.
window-tls-opportunistic = Where offered
window-tls-opportunistic-hint = Protects against listeners; does not check who the server is.
window-tls-required = Required
window-tls-required-hint = Only with a valid certificate; otherwise nothing is sent.
window-tls-implicit = From the first byte
window-tls-implicit-hint = Like “Required”, on a port that speaks only TLS.
window-field-user = User name
window-field-user-hint = Empty: no login.
window-user-missing = User name: nothing is filled in. Enter the one that belongs to the password.
window-field-secret = Password
window-field-secret-hint = Kept in this system's keyring, or in a file that only you can read.
window-field-secret-kept = Leave empty to keep the stored one.
window-forget-secret = Delete the stored password…
window-forget-secret-title = Delete the password of “{ $account }”?
window-forget-secret-explained = Dequeue cannot log in to the provider until you enter it again.
window-forget-secret-yes = Delete
window-said-forgotten = The password of “{ $account }” has been deleted.
window-field-notify = Notices
window-notify-never = Never
window-notify-never-hint = Only the icon shows it.
window-notify-problems = When something changes
window-notify-problems-hint = The first success, a failure, and when it works again.
window-notify-everything = Every poke
window-notify-everything-hint = For finding a fault; tiring after a day.
window-working-hours = Less often outside working hours
window-working-hours-hint = At night and on weekends Dequeue then keeps quiet, or pokes at longer intervals.
window-field-hours = Working hours
window-field-hours-hint = Days and times, as in mon-fri 07:00-19:00; sat 09:00-12:00.
window-hours-from = from
window-hours-to = to
window-hours-as-text = Enter as text
window-field-outside = Outside them
window-outside-never = not at all
window-outside-every = every
window-outside-time = Time between pokes outside working hours
window-field-notify_after = Failures before a notice
window-field-notify_after-hint = This many pokes in a row must fail first.
window-field-silence_alarm = Alarm after silence
window-field-silence_alarm-hint = When nothing has arrived for this long, as in 2d. Empty: no alarm.
window-save = Save
window-save-new = Start asking for mail
window-saving = Saving…
window-more-settings = More settings
window-faults-found = { $count ->
    [one] One field needs another look.
   *[other] { $count } fields need another look.
}

window-no-pokes = No pokes yet
window-no-pokes-explained = As soon as the first poke has gone out, it appears here with every word that was said.
window-filter-account = Account
window-all-accounts = All accounts
window-today = Today
window-yesterday = Yesterday
window-more-pokes = Show older pokes
window-loading = Loading…
window-poke-host = { $host } (without an account)
window-poke-begun = Begun
window-poke-trigger = Started by
window-trigger-schedule = the schedule
window-trigger-user = you
window-trigger-second = a second attempt, in case mail was missed
window-trigger-network-up = the network coming up
window-trigger-woke = the computer waking up
window-trigger-mail-server-back = your mail server coming back
window-trigger-host = the command line
window-poke-method = Method used
window-poke-address = Address
window-poke-tried = Tried first, without success
window-poke-duration = Duration
window-poke-round-trips = Round trips
window-poke-tls = Encryption
window-poke-tls-none = None
window-poke-tls-is = { $version }, { $cipher }
window-poke-trust-verified = The certificate is valid for { $peer }.
window-poke-trust-pinned = { $peer } showed the certificate that you trust.
window-poke-trust-unverified = Nobody vouches for the certificate of { $peer }; this account does not require that.
window-poke-certificate = Certificate
window-certificate-until = Valid until { $date }.
window-certificate-ended = Expired on { $date }.
window-fingerprint = Fingerprint (SHA-256)
window-poke-busy = Provider busy with us for
window-poke-seen = The provider saw us as
window-poke-answer = Answer
window-poke-domains = Domains
window-poke-pending = { $count ->
    [one] one message
   *[other] { $count } messages
}
window-poke-dialogue = Dialogue
window-poke-no-dialogue = Nothing was said.
window-speaker-provider = Provider
window-speaker-us = Dequeue
window-speaker-connection = Connection
window-line-connected = Connected
window-line-closed = Closed
window-line-reset = Reset by the other side
window-line-interrupted = Dequeue was ended here
window-line-timed-out = No answer within the time limit
window-line-connect-failed = Could not connect
window-line-tls-started = Encrypted from here on
window-line-tls-failed = The encryption failed
window-line-mail-server-connected = Connected to your mail server
window-line-mail-server-failed = Your mail server cannot accept the mail
window-line-turned = Turned around: the provider now speaks with your mail server
window-line-bridge-ended = The delivery over this connection has ended
window-line-next-host = Next host: { $host }

window-language = Language
window-language-system = Same as the system
window-language-system-is = Same as the system ({ $language })
window-start-at-login = Start at login
window-start-at-login-explained = Dequeue starts when you log in, quietly, as an icon beside the clock.
window-start-at-login-unknown = This system does not say whether Dequeue starts at login.
window-settings-file = Settings file
window-settings-file-explained = You can edit it with any editor; Dequeue picks up a change at once.
window-version = Dequeue { $version }

## Window: rhythm, mail server, arrivals and notices in full

window-by-cron = by cron: { $cron }
window-field-cron = Cron expression
window-field-cron-hint = Minute, hour, day of the month, month and day of the week, in place of an interval.
window-cron-no-more = Use an interval instead
window-cron-minute = Minute
window-cron-hour = Hour
window-cron-day = Day of the month
window-cron-month = Month
window-cron-weekday = Day of the week
window-cron-any = any
window-rhythm-more = Time zone and spread
window-rhythm-more-hint = Only if the defaults will not do.
window-field-time_zone = Time zone
window-field-time_zone-hint = The time zone of these hours.
window-time-zone-system = This machine's
window-field-jitter = Spread
window-field-jitter-hint = How far pokes may shift at random, so that not everybody connects at once. For example 30s; 0s: none; auto: a tenth of the interval.

window-mail-server-is-here = On this machine
window-field-mail_server_first = Ask for mail only while it answers
window-field-mail_server_first-hint = While it does not, the poke is held back: mail that nobody accepts could go back to its senders.
window-field-mail_server_test = Also test what it accepts
window-field-mail_server_test-hint = Whether it would accept mail for your domains and refuse it for others. No message is sent.
window-mail-server-answers = Answers
window-mail-server-refuses = Accepts no mail now
window-mail-server-silent = Does not answer

window-arrivals-none-yet = Nothing has come from the provider so far.
arrivals-busy = The provider stayed connected for { $time }, as it does while it delivers.
window-last-arrival = Last mail arrived

window-pinned = Trusted certificate
window-pinned-hint = Only the certificate with this fingerprint will do.
window-unpin = No longer require it
window-secret-elsewhere = According to the settings file, it comes from:
window-silence-deaf = This alarm cannot go off.
window-also-told = Also sent { $ways }.
window-way-mail = by e-mail to { $to }
window-way-webhook = by webhook to { $to }
window-way-command = by the program { $to }
window-heartbeat-to = Each poke that worked sends a heartbeat to { $to }.
window-notices = Notices
window-quiet = Quiet hours
window-quiet-hint = No notices in these hours. What is still wrong when they end is told then.
window-ways = Other ways for notices
window-ways-none = None yet. For a machine that nobody watches, notices can go by e-mail, to a webhook or to a program. “dequeue settings show” lists the settings for this; their names begin with notice_.
window-try-ways = Send a test notice
window-trying = Sending…

## Command line

# The help. Names in capitals are the same in every language.
cli-heading-usage = Usage
cli-heading-arguments = Arguments
cli-heading-options = Options
cli-heading-commands = Commands

cli-about-dequeue = Asks a mail provider to deliver the mail it holds, and says whether it worked.
cli-usage-dequeue =
    dequeue HOST [-p PORT] [-d DOMAIN]...
    dequeue COMMAND [--help]
cli-about-poke = Pokes accounts from the settings, or a provider by its host
cli-usage-poke =
    dequeue poke [ACCOUNT]... [--all]
    dequeue poke --host HOST [-p PORT] [-m METHOD] [-d DOMAIN]...
cli-about-run = Pokes on time, in the foreground, without a tray
cli-usage-run = dequeue run
error-service-not-ended-so = The service asks for mail here; it is not ended so. As an administrator, use “dequeue service stop”.
cli-about-stop = Ends what runs: the engine, the tray and the window
cli-usage-stop = dequeue stop
cli-stop-not-running = Dequeue is not running.
cli-about-status = Shows how each account stands
cli-usage-status = dequeue status [--check]
cli-about-history = Shows past pokes, newest first, or what each day came to
cli-usage-history =
    dequeue history [ACCOUNT] [--since TIME] [--limit NUMBER] [--dialogue]
    dequeue history [ACCOUNT] --days [--since TIME]
cli-about-notices = Shows the notices given lately, newest first
cli-usage-notices = dequeue notices [--limit NUMBER]
cli-about-pause = Pauses accounts, or everything: no scheduled pokes
cli-usage-pause = dequeue pause [ACCOUNT]... [--for TIME | --until-tomorrow]
cli-about-resume = Ends a pause
cli-usage-resume = dequeue resume [ACCOUNT]...
cli-about-account = Shows, adds, changes and removes accounts
cli-usage-account = dequeue account COMMAND
cli-about-account-list = Lists the accounts
cli-usage-account-list = dequeue account list
cli-about-account-show = Shows all settings of an account
cli-usage-account-show = dequeue account show NAME
cli-about-account-add = Adds an account
cli-usage-account-add = dequeue account add NAME --host HOST [-d DOMAIN]... [--every TIME] [--hours HOURS]
cli-about-account-set = Changes settings of an account, as in every=30m or name=other
cli-usage-account-set = dequeue account set NAME KEY=VALUE...
cli-about-account-remove = Removes an account; its history stays
cli-usage-account-remove = dequeue account remove NAME
cli-about-settings = Shows and changes the settings that belong to no account; exports and imports settings
cli-usage-settings = dequeue settings COMMAND
cli-about-settings-path = Shows where the settings file is
cli-usage-settings-path = dequeue settings path
cli-about-settings-check = Lists each fault in the settings file with its line
cli-usage-settings-check = dequeue settings check
cli-about-settings-export = Writes all settings except the secrets, for another machine
cli-usage-settings-export = dequeue settings export [FILE]
cli-about-settings-import = Imports settings that were exported, or those of another program
cli-usage-settings-import = dequeue settings import [--from PROGRAM] [--replace] [--allow-commands] FILE
cli-about-demo = Shows the whole job on this machine: a provider with held mail, and a mail server
cli-usage-demo = dequeue demo [--manner MANNER]

cli-option-json = Print one JSON object, or one per line
cli-option-verbose = Show the dialogue
cli-option-quiet = Print nothing; the exit status tells
cli-option-help = Show this text
cli-option-version = Show the version
cli-option-accounts = Names of accounts; default: the only account
cli-option-all = Poke all accounts
cli-option-ipv4 = Use only IPv4
cli-option-ipv6 = Use only IPv6
cli-option-account = The account's name
cli-option-paused = Names of accounts; default: everything
cli-option-for = For how long, as in 1h or 2d; default: until you resume
cli-option-until_tomorrow = Until tomorrow at 8:00
cli-option-since = Only pokes of the last days or hours, as in 7d or 12h
cli-option-limit = At most this many; default: 20, or all of the time given
cli-option-dialogue = Show each dialogue too
cli-option-values = Settings by their keys in the settings file
cli-option-to = Where to write; the file must not exist yet; default: the screen
cli-option-file = The file; a minus sign for standard input
cli-option-from = Whose settings they are: dequeue (a command line of the old program), fetchmail, msmtp or etrn; default: Dequeue's own
cli-option-allow_commands = Let imported settings start programs
cli-option-replace = Replace accounts with the same name
cli-option-manner = How the provider is asked: etrn, or autoturn (connecting itself); default: etrn

# What is wrong with a command line.
cli-unknown-option = “{ $option }” is not known here.
cli-unknown-command = There is no command “{ $command }” here.
cli-no-command-either = There is no command “{ $command }” either; “dequeue --help” lists them.
cli-value-missing = “{ $option }” needs a value.
cli-value-unknown = “{ $option }” does not know “{ $value }”. Choose one of: { $choices }.
cli-value-wrong = “{ $option }” cannot be “{ $value }”.
cli-argument-missing = Missing: { $option }.
cli-given-twice = “{ $option }” is given twice.
cli-conflict = “{ $option }” and “{ $other }” cannot be used together.
cli-not-utf8 = Something here is not UTF-8 text.
cli-not-understood = This is not understood ({ $kind }).
cli-suggestion = Did you mean “{ $suggestion }”?
cli-which = Which account? Name one or more of these, or use --all: { $accounts }.
cli-domain-each = On the command line, each domain needs its own -d.
cli-since-wrong = “{ $value }” is not a length of time. Give one as in 7d, 12h or 30m.
cli-not-a-pair = “{ $value }” is not KEY=VALUE, as in every=30m.
cli-no-accounts = No account is set up yet. Add one: dequeue account add NAME --host HOST --domain DOMAIN
cli-account-gone = An account was removed while it was being poked.
cli-output = The result could not be written ({ $error }).

# What is going on, on a line that the next one replaces.
cli-connecting = Connecting to { $host }, port { $port }…
cli-waiting-greeting = { $name }: waiting for the greeting…
cli-waiting = { $name }: waiting for the answer to { $command }…
cli-poking = Poking { $name }…
cli-poking-several = Poking: { $done } of { $count } done…

# What came of a poke.
cli-poke = { $name }: { $outcome } ({ $how })
cli-method = method { $method }
cli-answer = The provider's answer: { $answer }
cli-seen = The provider saw us connect from { $address }.

cli-run-hosts = Dequeue is running. Ctrl-C ends it.
cli-run-attached = Dequeue is already running; what it does is shown here. When it ends, this process takes over. Ctrl-C ends only this view.
cli-run-settings = Settings: { $path }
cli-run-accounts = { $count ->
    [one] One account.
   *[other] { $count } accounts.
}
cli-run-settings-right = The settings file is correct again.
cli-run-history-right = The history can be written again; what waited in memory is in it now.
cli-run-paused = Everything is paused: no scheduled pokes go out until you resume.
cli-run-resumed = The pause is over.
cli-run-poked = { $time }  { $account }: { $outcome }. { $explanation }
cli-run-notice = { $time }  { $notice }
cli-run-takes-over = The other process has ended; this one takes over.
cli-run-ended = Dequeue has ended.

cli-status-last = Last poke: { $time }, { $outcome }. { $explanation }
cli-status-worked = Last worked: { $time }
cli-status-never-worked = Has never worked
cli-status-next = Next poke: { $time }
cli-status-nobody = No mail is being requested: Dequeue is not running. Start Dequeue, or use “dequeue run”.

cli-notices-none = No notices.
cli-paused = Paused: { $accounts }.
cli-paused-all = Everything is paused.
cli-resumed = Resumed: { $accounts }.
cli-resumed-all = Everything runs again.
cli-pause-wrong = “{ $value }” is not a length of time. Write it as in 30m, 1h or 2d.
cli-history-none = No pokes.

cli-account-line = { $name }: { $host }, port { $port }, method { $method }, every { $every }
cli-account-line-domains = { $name }: { $host }, port { $port }, method { $method }, every { $every }, for { $domains }
cli-account-added = “{ $name }” has been added.
cli-account-saved = “{ $name }” has been saved.
cli-account-removed = “{ $name }” has been removed. Its history stays.

cli-settings-right = { $count ->
    [one] One account, no faults.
   *[other] { $count } accounts, no faults.
}
cli-settings-needed = No pokes go out until it is corrected.
cli-settings-none = There is no settings file yet; it belongs at { $path }.
cli-export-done = The settings have been written to { $path }. Secrets are not included; set them again on the other machine.
cli-export-failed = The settings cannot be written to { $path } ({ $error }). Choose a file that does not exist yet, in a folder that you may write to.
cli-import-unreadable = { $path } cannot be read ({ $error }). Check its name and its permissions.
cli-import-taken = These accounts already exist: { $names }. Nothing was changed. Rename them, or replace them with --replace.
cli-import-too-large = { $path } is larger than 16 MB. Give only the settings file.
cli-import-commands-ask = Import it and allow that? [y/N]
cli-import-commands-yes = y
cli-import-commands-refused = Nothing was imported. If you trust these commands, import the file with --allow-commands.
cli-imported = { $count ->
    [one] One account has been imported: { $names }.
   *[other] { $count } accounts have been imported: { $names }.
}
cli-imported-none = The file contains no account. Its other settings have been imported.

## Addresses that may hold a key, and exports (command line)

cli-withheld = “{ $key }”
cli-withheld-of-account = “{ $key }” of “{ $account }”
cli-export-left-out = Left out, since it may contain a key: { $what }. If it is already set where you import this, that stays; otherwise set it with “{ $command }”.
cli-import-left-out = The export left out { $what }, since it may contain a key. Set it with “{ $command }”.
cli-import-left-out-kept = The export left out { $what }; what is set here stays.
cli-check-key-in-address = The address of { $what } may contain a key, so an export leaves it out. To keep the key out of the settings, write { $place } in its place and store it with “dequeue secret set { $secret }”.
cli-check-key-in-command = The web address in { $what } may contain a key, so an export leaves it out. Anyone who can list this machine's processes sees it too: let the command read it from a file.

cli-demo-what = The demo: a mail provider and your mail server, both inside this program. Nothing else is touched, and nothing is kept.
cli-demo-provider = Provider     { $provider }, holds { $held } messages for { $domain }
cli-demo-mail-server = Mail server  for { $domain }, has received nothing yet
cli-demo-poking = Dequeue asks the provider for the mail:
cli-demo-outcome = { $outcome }. { $explanation }
cli-demo-arriving = The mail comes in at your mail server:
cli-demo-arrived = { $number }  { $subject } ({ $octets } octets)
cli-demo-proof = The proof: { $held } messages were held, { $arrived } have arrived.
cli-demo-again = Asked once more: { $explanation }
cli-demo-lost = the messages did not arrive
cli-demo-next = Now for real mail, with your provider's host and your domain:

## The doctor on the command line

cli-about-doctor = Tests everything between provider and mail server, and says what to do
cli-usage-doctor =
    dequeue doctor [ACCOUNT] [--report FILE]
    dequeue doctor --host HOST [-p PORT] [-m METHOD] [-d DOMAIN]...
cli-option-report = Where to write a report for the provider's help desk; it contains no secrets
cli-doctor-tests = Testing { $name }…
cli-doctor-report = The report for the help desk is in { $path }.
cli-doctor-report-failed = The report cannot be written to { $path } ({ $error }). Choose another file.
## Command line: status in full, checks, days, settings and trials

cli-about-settings-show = Shows all settings that belong to no account
cli-usage-settings-show = dequeue settings show
cli-about-settings-set = Changes settings that belong to no account, as in keep_for=30d
cli-usage-settings-set = dequeue settings set KEY=VALUE...
cli-about-settings-try-notices = Sends a test notice by each way that is set: command, webhook, e-mail
cli-usage-settings-try-notices = dequeue settings try-notices
cli-option-check = For a monitoring system: a line with OK, WARNING, CRITICAL or UNKNOWN and figures; exit status 0, 1, 2 or 3
cli-option-days = Show what each day came to; default: the last 30 days

cli-status-alarm = { $title }. { $body }
cli-status-arrived = Arrivals: { $words }
cli-status-hours = Working hours: { $hours }, every { $every }; every { $outside } outside them
cli-status-hours-only = Working hours: { $hours }, every { $every }; no pokes outside them
cli-status-held = Next poke: as soon as your mail server answers again
cli-status-held-until = Next poke: as soon as your mail server answers again, else at { $time }
cli-check-ok = { $count ->
    [one] { $proved ->
            [0] One account was asked; whether mail gets through is not confirmed.
           *[other] One account was asked, and mail gets through.
        }
   *[other] { $count } accounts were asked; mail gets through at { $proved } of them.
}
cli-check-ok-paused = { $count ->
    [0] All accounts are paused.
    [one] { $proved ->
            [0] One account was asked; whether mail gets through is not confirmed; paused: { $paused }.
           *[other] One account was asked, and mail gets through; paused: { $paused }.
        }
   *[other] { $count } accounts were asked; mail gets through at { $proved } of them; paused: { $paused }.
}
cli-check-more = { $message } (and { $count } more)
cli-days-day = Day
cli-days-pokes = Pokes
cli-days-connections = Connections
cli-days-messages = Messages
cli-days-size = Size
cli-days-average = Average
cli-days-longest = Longest
cli-days-outcomes = Outcomes
cli-settings-saved = The settings have been saved.
cli-trials-none = Notices go to the desktop only: no command, webhook or e-mail is set. See “dequeue settings show”.

## Command line: logins, certificates and what a poke found out

cli-about-secret = Stores the password of an account, or deletes it
cli-usage-secret = dequeue secret COMMAND
cli-about-secret-set = Stores the password of an account, or one of notice_mail_secret, notice_webhook_secret and heartbeat_secret: typed unseen, or the first line of standard input
cli-usage-secret-set =
    dequeue secret set ACCOUNT
    dequeue secret set ACCOUNT < FILE
cli-about-secret-clear = Deletes the password of an account, or one of notice_mail_secret, notice_webhook_secret and heartbeat_secret
cli-usage-secret-clear = dequeue secret clear ACCOUNT
cli-about-man = Prints the manual page, as in: dequeue man | man -l -
cli-usage-man = dequeue man
cli-about-completions = Prints a completion script for your shell
cli-usage-completions = dequeue completions SHELL

cli-option-shell = The shell: bash, elvish, fish, powershell or zsh

# Passwords. $path is the folder of Dequeue's data.
cli-no-secret-here = A password is never given on the command line, where every user of this machine could read it. Give --secret env:NAME, file:PATH or command:PROGRAM; for an account, “dequeue secret set NAME” asks for it.
cli-secret-prompt = Password of “{ $name }” (not shown):
cli-secret-prompt-host = Password of { $user } at { $host } (not shown):
cli-secret-empty = The password is empty. Nothing was changed or sent.
cli-secret-no-terminal = A password is needed, and there is no terminal to ask for it. Say where it comes from: --secret env:NAME, file:PATH or command:PROGRAM.
cli-secret-not-by-host = Passwords are stored only for accounts. For a poke by host, give --secret env:NAME, file:PATH or command:PROGRAM, or leave it out to be asked.
cli-secret-unreadable = The password could not be read ({ $error }).
cli-secret-in-keyring = The password of “{ $name }” is stored in the keyring of this system.
cli-secret-in-file = The password of “{ $name }” is stored in a file that only you can read, in { $path }.
cli-secret-no-user = No user name is set yet, so it is not used. Set it: dequeue account set NAME user=USER
cli-secret-cleared = The password of “{ $name }” has been deleted.
cli-account-secret = Its password is not in the settings. Store it with: dequeue secret set { $name }

# What a poke found out.
cli-choice = Method { $method }. { $why }
cli-tls-verified = Encrypted with { $version }, { $cipher }. The certificate is valid for { $peer }.
cli-tls-pinned = Encrypted with { $version }, { $cipher }. The certificate of { $peer } is the one that you pinned.
cli-tls-unverified = Encrypted with { $version }, { $cipher }. Nobody vouches for the certificate of { $peer }; “opportunistic” does not require that.
cli-tls-failed = Not encrypted: the provider offers that, but it could not be set up. { $why }
cli-certificate = The certificate's fingerprint (SHA-256): { $fingerprint }
cli-delivered = { $octets } bytes came over the connection.
cli-run-completed = { $time }  { $account }: { $busy }
cli-logging-in = { $name }: logging in…
cli-turned = { $name }: the provider is speaking with your mail server…
cli-pin-seen = The certificate that was presented has this fingerprint (SHA-256):
cli-pin-account = Compare it with the provider's by telephone. If they match, trust it from now on with:
cli-pin-host = Compare it with the provider's by telephone. If they match, trust it by adding to the command:

## The manual page

man-heading-name = Name
man-heading-synopsis = Synopsis
man-heading-description = Description
man-heading-options = Options
man-heading-commands = Commands
man-heading-providers = Providers
man-heading-settings = Settings
man-heading-exit-status = Exit status
man-heading-files = Files
man-heading-environment = Environment
man-description = A mail provider can hold a company's mail until the company's mail server asks for it: batched SMTP, ETRN, ODMR, a backup MX. Dequeue asks on time, and tells in plain words whether it worked. With a host it asks once, as the old dequeue.exe did; “dequeue run” and the icon in the tray ask on time for every account in the settings. The options --json, -v and -q work with every command.
man-as-poke = It also takes the options of “dequeue poke --host”.
man-providers = What an account has besides its name and its host, for each kind of provider. On the command line, each setting is an option of the same name, with hyphens: --mail-server for mail_server, and -d for each of the domains.
man-settings = The keys of an account in the settings file, which “dequeue account set” also takes. Only name and host are needed.
man-settings-general = These stand above the accounts and belong to none of them.
man-status-0 = It worked: delivery has started, the signal was given, mail came, or nothing was waiting.
man-status-64 = The command line, or a value on it, cannot be used. Nothing was sent.
man-status-69 = The provider cannot be reached. Or the service of this machine is not there, or does not run.
man-status-70 = Something on this machine went wrong, such as a password that is not available.
man-status-75 = Try again later, or there was no answer and it may have worked. Or your mail server is not ready.
man-status-76 = What answered does not speak the protocol, or does not know the command.
man-status-77 = The provider refused, or its certificate is not valid. Or only an administrator can do that.
man-status-78 = The settings file has a fault, or cannot be written. Or, for the doctor, a domain accepts no mail.
man-files = “dequeue settings path” shows where the settings are. The rest is in this user's data folder, or beside the settings where DEQUEUE_HOME is set. Of the service, the settings are in /etc/dequeue and the rest is in /var/lib/dequeue, or all of it is in C:\ProgramData\Dequeue.
man-file-settings = The accounts. No password is in it.
man-file-history = Every poke with its dialogue, for as long as the settings say.
man-file-secrets = Passwords, where there is no keyring; each in a file that only its owner can read.
man-variable-dequeue-home = A folder of its own for the settings and everything else.
man-variable-dequeue-log = What is logged, whatever the settings say, as in debug or dequeue_engine=trace; every command then logs to standard error. Passwords are never logged.
man-variable-dequeue-public-dns = The public DNS servers that the doctor asks, separated by commas, or none; default: 9.9.9.9, 1.1.1.1 and 8.8.8.8.
man-variable-dequeue-time-server = The time server that the doctor asks, with or without a port, or none; default: pool.ntp.org.

# How a user knows the provider.
guide-unknown = You do not know: ETRN where it is offered or answered, else connecting alone; the report says which, and why
guide-signal = Says “make a connection” or “telnet to port 25 and quit”: qmail with AutoTURN, as Vevida had it
guide-etrn = Takes ETRN: Postfix, IndiMail, MDaemon, hMailServer, Exchange
guide-exim = Takes ETRN and answers 501 to a plain domain: Exim, which wants “#” in front of it
guide-sendmail = Takes ETRN and holds mail for everything below a domain: Sendmail, which wants “@” in front of it
guide-normal = Answers ETRN with a refusal, and delivers all the same, since connecting is the signal
guide-tls = A backup MX that takes ETRN only over TLS (port 465 instead: “implicit”)
guide-self-signed = Has a self-signed certificate: leave out the pin at first; the poke shows the fingerprint to compare, and the command that pins it
guide-own-authority = Has a certificate from its own authority
guide-odmr = Offers ODMR (ATRN, port 366, mostly CRAM-MD5): the mail comes over the same connection and goes to your mail server; then “dequeue secret set NAME”
guide-turn = Exchange with TURN, after a login; then “dequeue secret set NAME”
guide-login = Wants a login before ETRN; then “dequeue secret set NAME”
guide-token = Wants an OAuth token, which a command prints
guide-certificate = Knows you by your certificate
guide-qsnd = Runs Post.Office, or names QSND
guide-finger = Starts on a finger request (port 79)
guide-hello = Starts on a connection to its “hello” port (serialmail, port 1789)

## What each setting is: in the help, the manual and docs/settings.md; in words, what an empty default means
cli-option-name = The account's name, which no other account has
cli-option-host = The provider's name or address
cli-option-port = The provider's port
cli-option-other_hosts = Another host of the provider, with its port where that differs, tried when those before it cannot be reached; once for each
cli-option-method = How to ask: auto, signal, etrn, atrn, turn, qsnd, finger or hello
cli-option-domains = What the provider holds mail for, as in example.org, @example.org (with all below it) or #queue; once for each
cli-option-every = The time between pokes, as in 15m or 1h
cli-option-hours = Working hours, to which the interval is limited, as in "mon-fri 07:00-19:00"; over midnight, too
cli-option-outside = The time between pokes outside the working hours, or never
cli-option-time_zone = Whose clock working hours and cron expression mean, as in Europe/Amsterdam; system for this machine's
cli-option-cron = Minute, hour, day of the month, month, day of the week, as in "*/15 7-19 * * 1-5", in place of interval and working hours
cli-option-jitter = How far pokes spread, so that not all come in the same second: a time, or auto (a tenth of the interval, a minute at most)
cli-option-notify = Which notices: never, problems or everything
cli-option-notify_after = After how many failures in a row a notice comes
cli-option-silence_alarm = A notice when nothing has arrived for this long, as in 2d
cli-option-heartbeat = A web address that is called after each poke that worked, for a service that raises the alarm when it stays away
cli-option-heartbeat_on_failure = What a poke that failed does to the heartbeat: nothing, or fail (the service is told: by /fail at the end of the address, at Uptime Kuma by status=down)
cli-option-heartbeat_failure = A web address that is called after each poke that failed, in place of what heartbeat_on_failure says
cli-option-tls = Encryption: none, opportunistic (where it is offered), required (with a valid certificate) or implicit (from the first byte)
cli-option-ca_file = The only authorities to trust, a PEM file
cli-option-pin = The only certificate to accept, by its SHA-256 fingerprint
cli-option-client_cert = Our own certificate, a PEM file
cli-option-client_key = Its key, a PEM file
cli-option-user = The user name to log in with
cli-option-auth = How to log in: auto, token, external, or one mechanism, as in cram-md5
cli-option-secret = Where the password comes from: stored (kept by “dequeue secret set”, asked for by a poke by host), keyring, file, file:PATH, env:NAME or command:PROGRAM
cli-option-login_in_clear = Send the password even over an unencrypted connection, where anyone along the way can read it
cli-option-mail_server = Your mail server, where the mail is to arrive, as in mail.example.org:25
cli-option-mail_server_first = Whether each poke waits until your mail server answers, where one is set: true or false
cli-option-mail_server_test = Whether your mail server is also asked to accept mail for the domains, and to refuse it for others: true or false
cli-option-watch = How long to watch for arrivals after a poke, as in 5m; 0s for not at all
cli-option-finger = What a finger request asks for
cli-option-ehlo = What we call ourselves
cli-option-bind = The address of this machine that the connection comes from
cli-option-ip = Which addresses of the provider are used: auto (IPv4 before IPv6), 4 or 6
cli-option-normal_codes = A refusal that is normal there, as in 502, since connecting is the signal
cli-option-connect_timeout = How long connecting may take
cli-option-greeting_timeout = How long the greeting may take
cli-option-command_timeout = How long an answer may take
cli-option-turn_timeout = How long the provider may take before it sends mail (atrn, turn), as in 10m
cli-option-language = The language of the program: system, en or nl
cli-option-keep_for = For how long pokes are kept in the history
cli-option-keep_at_most = How many MB of pokes the history keeps
cli-option-notice_quiet = The hours in which no notices are given, as in "22:00-07:00"
cli-option-notice_snooze = How long after a notice of trouble comes the reminder of it, as long as it lasts
cli-option-notice_command = A program that is started with each notice, with its arguments
cli-option-notice_webhook = A web address that each notice is posted to
cli-option-notice_webhook_secret = Where the secret comes from that goes into the webhook's address at { $place }, or the token that it wants
cli-option-notice_webhook_body = What is posted to the webhook: the form of a service by its name, json (all there is to know), text, or a JSON template of your own with title, body, kind, account and machine in it, each in braces
cli-option-notice_mail_host = A mail server that each notice is sent through
cli-option-notice_mail_port = Its port
cli-option-notice_mail_tls = How the connection to it is protected: implicit (TLS from the first byte), required (STARTTLS) or none
cli-option-notice_mail_user = Who logs in there
cli-option-notice_mail_secret = Where the password for it comes from
cli-option-notice_mail_from = The sender of notices; needed with a mail server for them
cli-option-notice_mail_to = The recipients of notices; needed with a mail server for them
cli-option-notice_summary = How often a summary is sent by e-mail: never, or weekly (Monday at 8:00, what the week came to and how the accounts stand); it needs a mail server for notices
cli-option-heartbeat_secret = Where the secret comes from that goes into the heartbeats' addresses at { $place }
cli-option-default = { $about }; default: { $default }
default-port = the usual one of the method (25; 465 with TLS from the first byte; 366 for atrn, 79 for finger, 1789 for hello)
default-hours = always
default-ca_file = those of this machine
default-client_key = in the certificate's file
default-user = nobody
default-mail_server = 127.0.0.1:25, but needed for atrn and turn
default-mail_server_test = for atrn and turn, whether it refuses mail for others
default-finger = each domain
default-ehlo = the machine's full name or its address
default-bind = the system's choice
default-notice_mail_port = 465 with TLS from the first byte, else 587
default-notice_webhook_body = what the service at the address takes, where it is known by its host; else json
default-notice_mail_user = nobody

## The service (all faces)

error-service-silent = The Dequeue service of this machine does not answer. Start it as an administrator: “{ $command }”.

cli-about-service = Installs, starts and stops the service of this machine, which pokes from boot on, whoever is logged on
cli-usage-service = dequeue service COMMAND
cli-about-service-install = Installs the service, to start with the machine; it starts at once with “dequeue service start”
cli-usage-service-install = dequeue service install [--settings FILE]
cli-about-service-uninstall = Stops and removes the service; its settings and history stay
cli-usage-service-uninstall = dequeue service uninstall [--purge]
cli-about-service-start = Starts the service and waits until it is up
cli-usage-service-start = dequeue service start
cli-about-service-stop = Stops the service and waits until it has ended
cli-usage-service-stop = dequeue service stop
cli-about-service-restart = Stops the service and starts it again
cli-usage-service-restart = dequeue service restart
cli-about-service-status = Shows whether the service is installed, runs and answers; exit status 0 where it answers, else 69
cli-usage-service-status = dequeue service status
cli-option-service = Run as the service of this machine; for the service manager, or in a container
cli-option-settings = A settings file for the service to take over, instead of those it has
cli-option-purge = Remove the settings, the passwords and the history too

service-description = Asks mail providers for held mail
service-install = The Dequeue service is installed and starts with the machine. Start it now with “{ $command }”.
service-install-already = The Dequeue service is already installed; nothing has changed.
service-uninstall = The Dequeue service is removed. Its settings and history are kept; “dequeue service uninstall --purge” removes them too.
service-uninstall-already = The Dequeue service is not installed; there is nothing to remove.
service-uninstall-purged = The Dequeue service is removed, and its settings, passwords and history with it.
service-uninstall-purged-already = The Dequeue service is not installed and has left nothing behind.
service-start = The Dequeue service runs.
service-start-already = The Dequeue service is already running.
service-stop = The Dequeue service has stopped.
service-stop-already = The Dequeue service does not run; there is nothing to stop.
service-restart = The Dequeue service has been restarted.
service-restart-already = The Dequeue service has been restarted.
service-runs = The Dequeue service runs and answers.
service-runs-silent = The Dequeue service runs but does not answer. If it stays so, restart it as an administrator with “dequeue service restart”.
service-does-not-run = The Dequeue service is installed and starts with the machine, but does not run now. Start it as an administrator with “{ $command }”.
service-is-off = The Dequeue service is installed, but neither runs nor starts with the machine. Install it again as an administrator with “dequeue service install”.
service-not-installed = The Dequeue service is not installed. Install it as an administrator with “dequeue service install”.
service-answers-unmanaged = The Dequeue service answers, but was not started by the service manager of this machine.
service-needs-administrator = Only root can do that. Type: { $command }
service-needs-administrator-windows = Only an administrator can do that. Right-click “Command Prompt” or “Terminal” in the Start menu, choose “Run as administrator”, then type: { $command }
service-start-not-installed = The Dequeue service is not installed. Install it first with “dequeue service install”.
service-no-manager = This machine has no systemd. The account “dequeue” and its folders are made. In a container, run “dequeue run --service”, or “dequeue run” with DEQUEUE_HOME set to a folder that stays. With OpenRC, save the following as /etc/init.d/dequeue:
service-manager-not-running = systemd is not running here, as in a container. The service is started by “dequeue run --service” instead.
service-program-of-user = { $program } is in a user's folder, which is closed to the service. Move the program to /usr/local/bin, then install the service from there.
service-no-folder = { $path } is not a folder but a link, a junction or a file. Dequeue does not follow it. Find out who has made it, remove it, then try again.
service-folder-of-another = { $path } was made by another user, who could change what the service does. Find out who has made it, remove it, then try again.
service-folder-open = Others can write to { $path } and so could change what the service does. Close the folder to them, or remove it, then try again.
service-not-up = The Dequeue service did not come up ({ $said }). “journalctl -u dequeue” tells why.
service-not-up-windows = The Dequeue service did not come up ({ $said }). The Event Viewer tells why, under Windows Logs, Application.
service-manager-said = The service manager of this machine refused: { $said }
service-settings-file = { $path } cannot be read ({ $error }). Give the path of a settings file with --settings.
service-file = { $path } cannot be used ({ $error }).
service-no-program = Dequeue cannot tell where its own program is ({ $error }).
